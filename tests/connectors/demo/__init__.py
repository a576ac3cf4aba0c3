"""The demo connector against the real demo shop."""
