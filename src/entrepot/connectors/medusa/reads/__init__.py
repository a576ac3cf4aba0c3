"""How Medusa is read."""
