"""/core/real_time: one live read of a data model, mapped and stored on the way."""

from __future__ import annotations

from entrepot.api.endpoint import Endpoint
from entrepot.engine.context import Engine


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    return []
