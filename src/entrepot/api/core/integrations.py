"""/v4/core/integrations: the platforms, and the OAuth app that this environment uses with each."""

from __future__ import annotations

from entrepot.api.endpoint import Endpoint
from entrepot.engine.context import Engine


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    return []
