"""Harbour & Hearth, an imaginary shop with an API of its own: any number of orders, made up as they are asked for.

    app = create(pathlib.Path("/tmp/home"), {"orders": "1000000"})      # an ASGI app
    python -m entrepot_simulators.demo --port 9000 --orders 1000000     # the same on a port

Objects are functions of (seed, index, time) and cost nothing until they are asked for; what is created, edited or
deleted through the API is kept over them in one SQLite file in the home, which several processes may share.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from entrepot_simulators.demo.app import App
from entrepot_simulators.demo.settings import DEFAULT_TOKEN, Settings
from entrepot_simulators.demo.shop import Shop

__all__ = ["DEFAULT_TOKEN", "create"]


def create(home: Path, settings: Mapping[str, str]) -> App:
    """The shop of a home; ``settings`` as in :class:`Settings`, all optional. ValueError when one makes no sense."""
    return App(Shop(home, Settings.read(settings)))
