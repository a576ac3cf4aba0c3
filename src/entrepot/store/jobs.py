"""The durable job table: claim, renew, checkpoint, settle. Every statement that changes a held job checks its fence.

A job's state, its checkpoint and the data that it wrote commit in one transaction, so a worker that lost its lease
can write nothing: the fence check raises :class:`LostLease` and the whole transaction rolls back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import and_, exists, func, select, tuple_, update
from sqlalchemy.engine import CursorResult, RowMapping

from entrepot.clock import now_ms
from entrepot.errors import LostLease
from entrepot.store import sequence
from entrepot.store.core_tables import jobs
from entrepot.store.store import Session

NEVER_FINISHED = ("ready", "running")


@dataclass(frozen=True)
class NewJob:
    """A job to be done. ``payload`` is JSON; ``priority`` smaller first (writes 10, syncs 50, upkeep 90)."""

    kind: str
    payload: str
    lane: str | None = None
    company_id: int | None = None
    connection_id: int | None = None
    priority: int = 50
    max_attempts: int = 8
    run_at: int | None = None


@dataclass(frozen=True)
class Held:
    """A job that this worker holds: everything it does for it carries ``id`` and ``fence``."""

    id: int
    kind: str
    lane: str | None
    company_id: int | None
    connection_id: int | None
    payload: str
    checkpoint: str | None
    attempts: int
    max_attempts: int
    fence: int
    owner: str


def add(session: Session, new: NewJob) -> int:
    """Put a job into the table; it becomes visible to workers with the transaction's commit."""
    ident = sequence.take(session, 1)[0]
    session.execute(jobs.insert().values(_row(ident, new, now_ms())))
    return ident


def add_held(session: Session, new: NewJob, owner: str, lease_ms: int) -> Held:
    """Put a job into the table already claimed by its maker (a synchronous write), to be taken over if it dies."""
    ident, now = sequence.take(session, 1)[0], now_ms()
    row = _row(ident, new, now) | {
        "state": "running", "owner": owner, "fence": 1, "lease_until": now + lease_ms, "started_at": now,
    }
    session.execute(jobs.insert().values(row))
    return Held(ident, new.kind, new.lane, new.company_id, new.connection_id, new.payload, None, 0,
                new.max_attempts, 1, owner)


def _row(ident: int, new: NewJob, now: int) -> dict[str, object]:
    return {
        "id": ident, "kind": new.kind, "lane": new.lane, "company_id": new.company_id,
        "connection_id": new.connection_id, "priority": new.priority, "state": "ready",
        "run_at": now if new.run_at is None else new.run_at, "attempts": 0, "max_attempts": new.max_attempts,
        "payload": new.payload, "fence": 0, "created_at": now,
    }


def due(session: Session, within_ms: int = 0) -> bool:
    """Whether a claim would find something now (or soon); a read, so that idle workers never take the write lock."""
    ready = select(jobs.c.id).where(jobs.c.state == "ready", jobs.c.run_at <= now_ms() + within_ms).limit(1)
    expired = select(jobs.c.id).where(jobs.c.state == "running", jobs.c.lease_until < now_ms()).limit(1)
    return session.execute(ready).first() is not None or session.execute(expired).first() is not None


def claim(session: Session, owner: str, lease_ms: int) -> Held | None:
    """Take the most urgent ready job whose lane is free; None when there is none."""
    return next(iter(claim_some(session, owner, lease_ms, 1)), None)


def claim_some(session: Session, owner: str, lease_ms: int, most: int) -> list[Held]:
    """Take up to ``most`` ready jobs, the most urgent first, at most one of a lane and none of a lane that runs.

    Two workers may pick jobs of one lane at the same instant: the partial unique index lets one commit, the other
    gets an IntegrityError, which means "try again" (see :class:`entrepot.jobs.worker.Worker`).
    """
    now = now_ms()
    other = jobs.alias("other")
    lane_busy = exists(select(other.c.id).where(other.c.state == "running", other.c.lane == jobs.c.lane))
    ready = (
        select(jobs.c.id, jobs.c.lane).where(jobs.c.state == "ready", jobs.c.run_at <= now, ~lane_busy)
        .order_by(jobs.c.priority, jobs.c.run_at, jobs.c.id).limit(most)
    )
    if session.dialect == "postgresql":
        ready = ready.with_for_update(skip_locked=True)
    picked: dict[object, int] = {}
    for row in session.execute(ready):
        picked.setdefault(row.id if row.lane is None else row.lane, row.id)
    if not picked:
        return []
    rows = session.execute(
        update(jobs).where(jobs.c.id.in_(picked.values()))
        .values(state="running", owner=owner, fence=jobs.c.fence + 1, lease_until=now + lease_ms,
                started_at=func.coalesce(jobs.c.started_at, now))
        .returning(jobs)
    ).mappings()
    held = {row["id"]: _held(row) for row in rows}
    return [held[ident] for ident in picked.values()]


def _held(row: RowMapping) -> Held:
    return Held(row["id"], row["kind"], row["lane"], row["company_id"], row["connection_id"], row["payload"],
                row["checkpoint"], row["attempts"], row["max_attempts"], row["fence"], row["owner"])


def renew(session: Session, held: Sequence[Held], lease_ms: int) -> list[int]:
    """Push the leases on; answer the ids that are no longer ours."""
    until = now_ms() + lease_ms
    return [job.id for job in held if _update(session, job, lease_until=until) == 0]


def reap(session: Session) -> list[int]:
    """Make jobs whose worker fell silent ready again (each counts as an attempt); answer their ids."""
    now = now_ms()
    rows = session.execute(
        update(jobs).where(jobs.c.state == "running", jobs.c.lease_until < now)
        .values(state="ready", owner=None, lease_until=None, attempts=jobs.c.attempts + 1, run_at=now)
        .returning(jobs.c.id)
    )
    return [row[0] for row in rows]


def assert_held(session: Session, job: Held) -> None:
    """Lock the job's row and make sure that it is ours; raises LostLease."""
    _must(_update(session, job, owner=job.owner), job)


def checkpoint(session: Session, job: Held, state: str) -> None:
    """Keep how far the job has come, in the same transaction as the data; progress clears the attempts."""
    _must(_update(session, job, checkpoint=state, attempts=0), job)


def finish(session: Session, job: Held) -> None:
    """The job is done."""
    _must(_update(session, job, state="done", owner=None, lease_until=None, ended_at=now_ms(), error=None), job)


def finish_some(session: Session, held: Sequence[Held]) -> set[int]:
    """These jobs are done; answer the ids of those that are no longer ours, of which nothing is written."""
    if not held:
        return set()
    ours = tuple_(jobs.c.id, jobs.c.fence).in_([(job.id, job.fence) for job in held])
    done = session.execute(
        update(jobs).where(jobs.c.state == "running", ours)
        .values(state="done", owner=None, lease_until=None, ended_at=now_ms(), error=None).returning(jobs.c.id)
    )
    return {job.id for job in held} - {row[0] for row in done}


def fail(session: Session, job: Held, error: str) -> None:
    """The job is given up."""
    _must(_update(session, job, state="failed", owner=None, lease_until=None, ended_at=now_ms(), error=error), job)


def postpone(session: Session, job: Held, run_at: int, error: str | None, *, counts: bool) -> None:
    """Release the worker and come back at ``run_at``; ``counts`` makes it an attempt."""
    attempts = job.attempts + 1 if counts else job.attempts
    values: dict[str, object] = {"state": "ready", "owner": None, "lease_until": None, "run_at": run_at,
                                 "error": error, "attempts": attempts}
    if counts:
        # A checkpoint since the claim has cleared the count: one failure after progress is the first again.
        values["attempts"] = jobs.c.attempts + 1
    _must(_update(session, job, **values), job)


def cancel(session: Session, ident: int) -> bool:
    """Take a job off the table: a waiting one never starts, a running one loses its lease at once."""
    done = session.execute(
        update(jobs).where(jobs.c.id == ident, jobs.c.state.in_(NEVER_FINISHED))
        .values(state="canceled", owner=None, lease_until=None, fence=jobs.c.fence + 1, ended_at=now_ms())
    )
    return _count(done) == 1


def unfinished_kinds(session: Session, kind: str) -> int:
    """How many jobs of a kind wait or run."""
    row = session.execute(
        select(func.count()).select_from(jobs).where(jobs.c.kind == kind, jobs.c.state.in_(NEVER_FINISHED))
    ).first()
    return int(row[0]) if row else 0


def _update(session: Session, job: Held, **values: object) -> int:
    statement = update(jobs).where(
        and_(jobs.c.id == job.id, jobs.c.fence == job.fence, jobs.c.state == "running")
    ).values(**values)
    return _count(session.execute(statement))


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)  # noqa: S101  # an UPDATE without RETURNING always is
    return int(result.rowcount)


def _must(rows: int, job: Held) -> None:
    if rows != 1:
        raise LostLease(f"job {job.id} was taken over by another worker")


class JobError(msgspec.Struct):
    """What is kept of a failure, as JSON in ``jobs.error`` and ``sync_jobs.error``."""

    code: str
    message: str
    platform_error: str | None = None
