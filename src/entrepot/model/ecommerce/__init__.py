"""The ecommerce nouns, one file each."""
