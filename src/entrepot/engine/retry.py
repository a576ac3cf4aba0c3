"""Do again what a sync did not: a new sync of the streams that failed or were canceled."""

from __future__ import annotations

from entrepot.engine.context import Engine
from entrepot.engine.sync import Part, enqueue
from entrepot.errors import ApiError, operation_denied
from entrepot.store import connections, syncs
from entrepot.store.store import Session
from entrepot.store.syncs import OPEN, Sync

_UNDONE = ("FAILED", "CANCELED")


def retry(engine: Engine, session: Session, sync: Sync) -> str:
    """Make the new sync, of the same mode and from the same dates; answers its ``sync_id``. ApiError 409 while the old
    one goes on, operation-denied where there is nothing to do again, or nothing that may be."""
    if sync.config_mode != "READ":
        raise operation_denied("a write is not sent again by itself; send it again with its Idempotency-Key, which "
                               "keeps it from happening twice.")
    # Of two that ask at once the second sees the first one's sync.
    connection = connections.locked(session, sync.connection_id)
    if sync.status in OPEN:
        raise ApiError(409, "conflict", f"Sync {sync.sync_id} is still under way; retry it when it has ended, or "
                       "cancel it first.")
    if connection is None or connection.status == "DISCONNECTED":
        raise operation_denied("its connection is disconnected; connect the shop again.")
    undone = {job.stream: job.sync_from for job in syncs.jobs_of(session, sync.id) if job.status in _UNDONE}
    if not undone:
        raise operation_denied("nothing of this sync failed or was canceled; ask for a new one.")
    connector = engine.platform(connection.integration_type).connector
    parts = [Part(stream, undone[stream.name]) for stream in connector.streams if stream.name in undone]
    if not parts:
        raise operation_denied(f"{connection.integration_type} does not offer any more what failed.")
    return enqueue(session, connection, parts, full=sync.full_sync, sync_type="MANUAL")
