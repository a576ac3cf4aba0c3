"""Tests against a real Medusa, and what starts it."""
