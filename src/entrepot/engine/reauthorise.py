"""Give a connection new credentials for the same shop: its ids, data, rhythms and marks stay as they are."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.engine import events
from entrepot.engine.context import Engine
from entrepot.engine.trial import Tried, same_shop, try_credentials
from entrepot.errors import not_found, operation_denied
from entrepot.store import activity, call_counts, connections
from entrepot.store.connections import Connection
from entrepot.store.scope import Scope
from entrepot.store.store import Session


async def try_again(engine: Engine, scope: Scope, connection_id: int, credentials: Mapping[str, str]) -> Tried:
    """Open the shop with new credentials; what is open in the form need not be sent again.

    ApiError as of a new connection, and 400 when it is another shop that opens.
    """
    found = await engine.store.reading(scope, lambda session: connections.get(session, connection_id))
    if found is None:
        raise not_found("connection", connection_id)
    platform = engine.platform(found.integration_type)
    known = {name: value for name, value in found.settings.items() if name in platform.manifest.open_names}
    tried = await try_credentials(engine, platform, {**known, **credentials})
    _must_be_same(found, tried)
    return tried


def keep(engine: Engine, session: Session, connection_id: int, tried: Tried) -> Connection:
    """Healthy again, in the caller's transaction; what is due is synced at the next turn of the schedule."""
    found = connections.locked(session, connection_id)
    if found is None:
        raise not_found("connection", connection_id)
    _must_be_same(found, tried)
    connections.seal(session, found.id, engine.seal(found.id, tried.secrets), tried.settings)
    activity.note(session, found.scope, "CONNECTION_REAUTHORISED", found.company_id, found.integration_type)
    if found.status != "HEALTHY":
        events.connection_changed(session, found, "HEALTHY")
    call_counts.add(session, found.id, tried.calls)
    return found


def _must_be_same(found: Connection, tried: Tried) -> None:
    if not same_shop(tried.platform, found.settings, tried.settings):
        raise operation_denied(
            f"the credentials open another shop than the one that connection {found.id} was made with. Send those of "
            "the same shop, or make a new connection for this one.", field="credentials")
