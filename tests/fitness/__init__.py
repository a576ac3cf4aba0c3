"""Rules of the house as tests. Each check is a plain function over text, and is shown to fire on a bad sample."""
