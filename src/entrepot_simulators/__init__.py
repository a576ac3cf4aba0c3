"""Look-alikes of platforms, for demos and for tests: stand-alone, they import nothing of ``entrepot``."""
