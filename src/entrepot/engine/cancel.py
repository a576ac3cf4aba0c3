"""Stop a sync. What it stored stays, and its marks do not move: the next one begins where this one did.

A job that waits never starts. One that runs loses its lease in the commit that cancels it, so that its next commit
fails, and nothing of the page in hand is stored.
"""

from __future__ import annotations

import msgspec

from entrepot.engine import events
from entrepot.engine.refusals import refusal
from entrepot.errors import ApiError, NotSupported, operation_denied
from entrepot.store import connections, jobs, operations, syncs
from entrepot.store.jobs import JobError
from entrepot.store.store import Session
from entrepot.store.syncs import Sync

_REASON = JobError("canceled", "it was canceled before it was done")


def cancel(session: Session, sync: Sync) -> None:
    """Cancel what is left of a sync, or of a write that has not been sent. ApiError 409 when it has ended, and
    operation-denied when the shop may have the write already."""
    open_jobs = syncs.durable_jobs(session, sync.id)
    # First the jobs, which waits for the commit that a worker may be in: after it nothing moves any more.
    canceled = [ident for ident in open_jobs if jobs.cancel(session, ident)]
    if not canceled:
        raise ended(sync)
    if sync.config_mode != "READ":
        _unsend(session, sync)
    text = msgspec.json.encode(_REASON).decode()
    done = [syncs.end_jobs(session, sync.id, ident, "CANCELED", text) for ident in canceled]
    if sync.config_mode == "READ" and not syncs.reading(session, sync.connection_id):
        connections.set_sync_status(session, sync.connection_id, "IDLE")
    if any(done):
        events.sync_completed(session, sync.id)


def cancel_all(session: Session, connection_id: int) -> int:
    """Cancel every read of a connection that has not ended; answers how many. The caller has not locked the
    connection yet: jobs come before it."""
    canceled = 0
    for sync_id in syncs.open_syncs(session, connection_id):
        found = syncs.get(session, sync_id)
        if found is None:
            continue
        try:
            cancel(session, found)
        except ApiError:
            continue
        canceled += 1
    return canceled


def ended(sync: Sync) -> ApiError:
    """409: there is nothing left to stop."""
    return ApiError(409, "conflict", f"Sync {sync.sync_id} has ended; there is nothing to cancel.")


def _unsend(session: Session, sync: Sync) -> None:
    found = operations.of_sync(session, sync.id)
    if any(one.state == "sent" for one in found):
        raise operation_denied("the write may have reached the shop already and cannot be canceled; read the sync to "
                               "see what came of it.")
    why = refusal(NotSupported("it was canceled before it was sent"), None)
    operations.failed(session, [one.id for one in found if one.state == "accepted"], msgspec.json.encode(why).decode())
