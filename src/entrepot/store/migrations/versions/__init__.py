"""One file per step; frozen once released."""
