"""/v4/core/api_keys: make, list, rotate and revoke the keys of one's own environment."""

from __future__ import annotations

from entrepot.api.endpoint import Endpoint
from entrepot.engine.context import Engine


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    return []
