"""Look whether a connection's shop still opens with what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from entrepot.engine import events, faults
from entrepot.engine.context import Engine
from entrepot.engine.trial import refused
from entrepot.errors import ApiError, NeedsReauth, PlatformFault, not_found, operation_denied
from entrepot.store import call_counts, connections
from entrepot.store.scope import Scope
from entrepot.store.store import Session


@dataclass(frozen=True)
class Found:
    """What a probe came to: what was learned of an open shop, or why it did not open. ``needs_reauth``: the shop
    refused our credentials, which is not a passing matter."""

    learned: Mapping[str, str] = field(default_factory=dict)
    problem: ApiError | None = None
    needs_reauth: bool = False
    calls: int = 0


async def look(engine: Engine, scope: Scope, connection_id: int) -> Found:
    """Ask the shop. ApiError 404, and 400 for a connection without credentials."""
    one = await engine.store.reading(scope, lambda session: connections.get(session, connection_id))
    if one is None:
        raise not_found("connection", connection_id)
    if one.sealed is None:
        raise operation_denied(f"connection {connection_id} has no credentials any more; re-authorise it.",
                               field="connection_id")
    platform = engine.platform(one.integration_type)
    calls = 0
    try:
        shop = engine.shop(one)
        try:
            return Found(await platform.connector.probe(shop), calls=shop.meter.calls)
        finally:
            calls = shop.meter.calls
    except PlatformFault as problem:
        return Found(problem=refused(platform, problem), needs_reauth=isinstance(problem, NeedsReauth), calls=calls)


def keep(session: Session, connection_id: int, found: Found) -> None:
    """Note it in the caller's transaction: healthy, or expired; what may pass leaves the state as it was."""
    one = connections.locked(session, connection_id)
    if one is None:
        raise not_found("connection", connection_id)
    if one.sealed is None:
        return  # disconnected meanwhile
    if found.problem is None:
        connections.learn(session, one.id, {**one.settings, **found.learned})
        if one.status != "HEALTHY":
            events.connection_changed(session, one, "HEALTHY")
    elif found.needs_reauth:
        faults.expire(session, one)
    call_counts.add(session, one.id, found.calls)
