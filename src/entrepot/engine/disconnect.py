"""Disconnect a shop: forget its credentials, stop what reads it, keep its data."""

from __future__ import annotations

from entrepot.engine import cancel, events
from entrepot.errors import not_found, operation_denied
from entrepot.store import activity, connections
from entrepot.store.connections import Connection
from entrepot.store.store import Session

REASON = "It was disconnected: the credentials were forgotten, the data was kept."


def disconnect(session: Session, connection_id: int) -> Connection:
    """In the caller's transaction. Waiting and running syncs are canceled, a page that is being committed is waited
    for; writes that wait fail when their turn comes. ApiError 404, and 400 when it is disconnected already."""
    if connections.get(session, connection_id) is None:
        raise not_found("connection", connection_id)
    cancel.cancel_all(session, connection_id)  # first the jobs, then the connection: the order of every page's locks
    found = connections.locked(session, connection_id)
    if found is None:
        raise not_found("connection", connection_id)
    if found.status == "DISCONNECTED":
        raise operation_denied(f"connection {connection_id} is disconnected already.", field="connection_id")
    connections.set_status(session, connection_id, "DISCONNECTED", REASON)
    connections.set_sync_status(session, connection_id, "IDLE")
    activity.note(session, found.scope, "CONNECTION_DISCONNECTED", found.company_id, found.integration_type)
    events.connection_changed(session, found, "DISCONNECTED")
    return found
