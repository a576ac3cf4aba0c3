"""Delete a company or a connection: gone for everybody with the commit, and its data removed for good behind it.

Removing is one durable job in a lane of its own, so that one erasure runs at a time and work for callers goes first.
Each of its transactions removes a few rows and counts them; a kill at any instant repeats nothing but a look.
"""

from __future__ import annotations

from functools import partial

import msgspec
import structlog

from entrepot.clock import now_ms
from entrepot.engine import events
from entrepot.engine.context import Engine
from entrepot.engine.refusals import refusal
from entrepot.errors import NotSupported, not_found
from entrepot.jobs.worker import Handler, Settled
from entrepot.store import activity, companies, connections, departing, erasing, erasures, jobs
from entrepot.store.departing import Leaving
from entrepot.store.jobs import Held, JobError, NewJob
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session

log = structlog.get_logger()

KIND = "erase"
ERASE_PRIORITY = 95
TRIES = 1_000_000
"""Nobody is served by half an erasure: it goes on until it is done."""
SECOND_LOOK_MS = 600_000
"""After that a call to a platform that was on its way when the data went has written down what it still will."""


class Erase(msgspec.Struct):
    """The payload of an erasure's durable job. ``second``: it was done, and is looked at once more."""

    erasure: int
    company_id: int
    connections: tuple[int, ...]
    whole: bool
    second: bool = False

    @property
    def who(self) -> Leaving:
        """For the store."""
        return Leaving(self.company_id, self.connections, self.whole)


class Place(msgspec.Struct, frozen=True):
    """How far a job has come: the step by name, and its mark."""

    step: str
    mark: int = 0


_ERASE = msgspec.json.Decoder(Erase)
_PLACE = msgspec.json.Decoder(Place)


def delete_company(session: Session, company_id: int) -> int:
    """Delete a company, in the caller's transaction; answers the id of the erasure. ApiError 404."""
    if companies.get(session, company_id) is None:
        raise not_found("company", company_id)
    made = _delete(session, departing.company_of(session, company_id))
    # Not under the company, of which nothing is left.
    activity.note(session, session.scope, "COMPANY_DELETED", None, f"company {company_id}")
    return made


def delete_connection(session: Session, connection_id: int) -> int:
    """Delete a connection with its records, in the caller's transaction; answers the id of the erasure."""
    found = connections.get(session, connection_id)
    if found is None:
        raise not_found("connection", connection_id)
    made = _delete(session, Leaving(found.company_id, (connection_id,), whole=False))
    activity.note(session, session.scope, "CONNECTION_DELETED", found.company_id, found.integration_type)
    return made


def _delete(session: Session, who: Leaving) -> int:
    told = [one for one in connections.of_company(session, who.company_id) if one.id in who.connections]
    why = refusal(NotSupported("its company or connection was deleted"), None)
    departing.stop(session, who, msgspec.json.encode(why).decode())
    ident = erasures.create(session, session.scope, who.company_id, None if who.whole else who.connections[0])
    for one in told:
        events.connection_changed(session, one, "DELETED")
    departing.part(session, who)
    _enqueue(session, Erase(ident, who.company_id, who.connections, who.whole))
    return ident


def _enqueue(session: Session, payload: Erase, run_at: int | None = None) -> None:
    # Without the company's id: its jobs are stopped and removed, this one is not.
    jobs.add(session, NewJob(KIND, msgspec.json.encode(payload).decode(), lane=KIND, priority=ERASE_PRIORITY,
                             max_attempts=TRIES, run_at=run_at))


def handler(engine: Engine) -> Handler:
    """How jobs of kind ``erase`` are run."""

    async def run(job: Held) -> None:
        await erase(engine, job)

    return Handler(run, failed=_failed)


async def erase(engine: Engine, job: Held) -> None:
    """Remove what there is, from where the job was left. Raises Settled."""
    payload = _ERASE.decode(job.payload)
    place: Place | None = Place(next(iter(erasing.STEPS))) if job.checkpoint is None else _PLACE.decode(job.checkpoint)
    while place is not None:
        place = await engine.store.writing(SYSTEM, partial(_batch, job=job, payload=payload, place=place))
    await engine.store.writing(SYSTEM, lambda session: _finish(session, job, payload))
    raise Settled


def _batch(session: Session, job: Held, payload: Erase, place: Place) -> Place | None:
    """One transaction; answers where to go on, None when only the last rows are left."""
    jobs.assert_held(session, job)
    if job.checkpoint is None and not payload.second:
        erasures.move(session, payload.erasure, "RUNNING")
    names = list(erasing.STEPS)
    with erasing.thoroughly(session):
        done = erasing.STEPS[place.step](session, payload.who, place.mark, payload.erasure)
    erasures.count(session, payload.erasure, {place.step: done.removed})
    if done.mark is not None:
        onward = Place(place.step, done.mark)
    else:
        following = names.index(place.step) + 1
        if following == len(names):
            return None
        onward = Place(names[following])
    jobs.checkpoint(session, job, msgspec.json.encode(onward).decode())
    return onward


def _finish(session: Session, job: Held, payload: Erase) -> None:
    jobs.assert_held(session, job)
    found = erasures.get(session, payload.erasure)
    if found is not None:
        with erasing.thoroughly(session):
            erasures.count(session, payload.erasure,
                           erasing.last(session, payload.who, found.scope.environment_id))
    if not payload.second:
        erasures.move(session, payload.erasure, "SUCCESS")
        _enqueue(session, msgspec.structs.replace(payload, second=True), now_ms() + SECOND_LOOK_MS)
    jobs.finish(session, job)
    log.info("erasure.done", erasure=payload.erasure, second=payload.second)


def _failed(session: Session, job: Held, error: JobError) -> None:
    erasures.move(session, _ERASE.decode(job.payload).erasure, "FAILED")
