"""What a platform's fault means for a job: wait, try again, or give up and tell the owner once."""

from __future__ import annotations

import structlog

from entrepot.clock import now_ms, to_ms
from entrepot.engine import events
from entrepot.engine.context import Engine
from entrepot.errors import NeedsReauth, NotSupported, PlatformFault, Rejected, Throttled
from entrepot.jobs.worker import GiveUp, Later, back_off_ms
from entrepot.store import activity, connections
from entrepot.store.connections import Connection
from entrepot.store.jobs import Held, JobError
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session

log = structlog.get_logger()

CODES: dict[type[PlatformFault], str] = {NeedsReauth: "needs-reauth", Throttled: "throttled",
                                         NotSupported: "not-supported"}

EXPIRED = "The shop does not accept the credentials any more; re-authorise the connection."


async def decide(engine: Engine, job: Held, connection: Connection, fault: PlatformFault) -> Exception:
    """The exception that tells the worker what to do about a fault of a read."""
    code = fault.code if isinstance(fault, Rejected) else CODES.get(type(fault), "platform-unreachable")
    error = JobError(code, fault.message, fault.platform_error)
    if isinstance(fault, NeedsReauth):
        await engine.store.writing(SYSTEM, lambda session: expire(session, connection))
        return GiveUp(error)
    if isinstance(fault, Throttled):
        return Later(to_ms(fault.until), error)
    if isinstance(fault, (Rejected, NotSupported)):
        return GiveUp(error)
    return Later(now_ms() + back_off_ms(job.attempts), error, counts=True)


def expire(session: Session, connection: Connection) -> None:
    """The shop refuses our credentials: say so once; scheduled syncs leave the connection alone from now on."""
    current = connections.locked(session, connection.id)
    if current is None or current.status != "HEALTHY" or current.sealed != connection.sealed:
        return  # said already, or new credentials came meanwhile
    connections.set_status(session, connection.id, "EXPIRED", EXPIRED)
    activity.note(session, connection.scope, "CONNECTION_EXPIRED", connection.company_id, connection.integration_type)
    events.connection_changed(session, current, "EXPIRED")
    log.warning("connection.expired", connection_id=connection.id)
