"""Frozen with revision 0002."""
