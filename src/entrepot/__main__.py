"""``python -m entrepot``: the same as ``entrepot``."""

from __future__ import annotations

from entrepot.cli.main import main

main()
