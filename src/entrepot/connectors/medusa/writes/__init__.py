"""What can be changed in Medusa, one file per noun."""
