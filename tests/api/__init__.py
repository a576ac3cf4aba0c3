"""Tests of what callers meet."""
