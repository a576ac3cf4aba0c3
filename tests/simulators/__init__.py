"""Tests of the platforms' look-alikes."""
