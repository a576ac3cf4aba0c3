"""The flows, against the demo shop, on both databases."""
