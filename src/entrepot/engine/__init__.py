"""What the product does, one flow a file, readable from top to bottom."""
