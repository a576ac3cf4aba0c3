"""The unified model: every noun declared once. Pure: no I/O, no framework."""
