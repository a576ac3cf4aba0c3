"""How often data models are synced: the organisation's defaults and a company's own rhythms."""

from __future__ import annotations

from entrepot.api.endpoint import Endpoint
from entrepot.engine.context import Engine


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    return []
