"""Syncs and their public jobs: a public job counts one noun, a durable job does a whole stream."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Update, func, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.connections import Connection
from entrepot.store.core_tables import jobs, sync_jobs, syncs
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

_LIST = msgspec.json.Decoder(list[str])
FINISHED = ("SUCCESS", "FAILED")


@dataclass(frozen=True)
class Sync:
    """A sync (or, with ``config_mode`` CREATE and UPDATE, a write); times in ms; ``counts`` by job status."""

    id: int
    sync_id: str
    company_id: int
    connection_id: int
    integration_type: str
    full_sync: bool
    sync_type: str
    config_mode: str
    data_models: list[str]
    status: str
    created_at: int
    updated_at: int
    started_at: int | None
    ended_at: int | None
    counts: dict[str, int]


@dataclass(frozen=True)
class SyncJob:
    """What a sync did for one noun. ``error`` is JSON text {code, message, platform_error}."""

    id: int
    sync: int
    sync_id: str
    integration_type: str
    config_mode: str
    company_id: int
    noun: str
    stream: str
    job_type: str
    status: str
    announced: int | None
    fetched: int
    stored: int
    changed: int
    same: int
    set_aside: int
    deleted: int
    pages: int
    calls: int
    bytes_in: int
    throttled_ms: int
    retries: int
    error: str | None
    created_at: int
    updated_at: int
    started_at: int | None
    ended_at: int | None


@dataclass
class Tally:
    """What one commit adds to a noun's counts."""

    fetched: int = 0
    stored: int = 0
    changed: int = 0
    same: int = 0
    set_aside: int = 0
    deleted: int = 0
    pages: int = 0
    calls: int = 0
    bytes_in: int = 0
    throttled_ms: int = 0


def create(
    session: Session, connection: Connection, data_models: Sequence[str], *, full: bool, sync_type: str,
    config_mode: str = "READ",
) -> Sync:
    """A new sync, status CREATED, without jobs yet."""
    ident, now, public = sequence.take(session, 1)[0], now_ms(), secrets.token_hex(8)
    session.execute(syncs.insert().values(
        id=ident, sync_id=public, organisation_id=connection.scope.organisation_id,
        environment_id=connection.scope.environment_id, company_id=connection.company_id,
        connection_id=connection.id, integration_type=connection.integration_type, full_sync=full,
        sync_type=sync_type, config_mode=config_mode, data_models=msgspec.json.encode(list(data_models)).decode(),
        status="CREATED", created_at=now, updated_at=now,
    ))
    return Sync(ident, public, connection.company_id, connection.id, connection.integration_type, full, sync_type,
                config_mode, list(data_models), "CREATED", now, now, None, None, {})


def add_job(session: Session, sync: Sync, job_id: int, noun: str, stream: str, job_type: str) -> int:
    """The public job of one noun, done by the durable job ``job_id``."""
    ident, now = sequence.take(session, 1)[0], now_ms()
    session.execute(sync_jobs.insert().values(
        id=ident, sync=sync.id, job_id=job_id, company_id=sync.company_id, noun=noun, stream=stream,
        job_type=job_type, status="CREATED", created_at=now, updated_at=now,
    ))
    return ident


def started(session: Session, sync: int, job_id: int) -> None:
    """The durable job has begun: its nouns and the sync are RUNNING."""
    now = now_ms()
    session.execute(
        update(sync_jobs).where(sync_jobs.c.job_id == job_id, sync_jobs.c.sync == sync)
        .values(status="RUNNING", started_at=func.coalesce(sync_jobs.c.started_at, now), updated_at=now))
    session.execute(
        update(syncs).where(syncs.c.id == sync, syncs.c.status.in_(("CREATED", "RUNNING")))
        .values(status="RUNNING", started_at=func.coalesce(syncs.c.started_at, now), updated_at=now))


def tally(session: Session, sync: int, job_id: int, noun: str, add: Tally, announced: int | None = None) -> None:
    """Add to a noun's counts, in the transaction of the page that they count."""
    columns = {name: sync_jobs.c[name] + value for name, value in vars(add).items() if value}
    if announced is not None:
        session.execute(_job(sync, job_id, noun).values(updated_at=now_ms(), announced=announced, **columns))
    elif columns:
        session.execute(_job(sync, job_id, noun).values(updated_at=now_ms(), **columns))


def retried(session: Session, sync: int, job_id: int) -> None:
    """Another attempt of the durable job begins."""
    session.execute(update(sync_jobs).where(sync_jobs.c.job_id == job_id, sync_jobs.c.sync == sync)
                    .values(retries=sync_jobs.c.retries + 1, updated_at=now_ms()))


def note_error(session: Session, sync: int, job_id: int, error: str) -> None:
    """Why the durable job waits; a good end clears it."""
    session.execute(update(sync_jobs).where(sync_jobs.c.job_id == job_id, sync_jobs.c.sync == sync)
                    .values(error=error, updated_at=now_ms()))


def end_jobs(session: Session, sync: int, job_id: int, status: str, error: str | None = None) -> None:
    """The durable job has ended: its nouns get ``status``; the sync ends when its last noun has."""
    now = now_ms()
    session.execute(
        update(sync_jobs).where(sync_jobs.c.job_id == job_id, sync_jobs.c.sync == sync)
        .values(status=status, error=error, ended_at=now, updated_at=now))
    counts = _counts(session, [sync]).get(sync, {})
    if all(state in FINISHED for state in counts):
        session.execute(update(syncs).where(syncs.c.id == sync).values(
            status="FAILED" if counts.get("FAILED") else "SUCCESS", ended_at=now, updated_at=now))


def _job(sync: int, job_id: int, noun: str) -> Update:
    return update(sync_jobs).where(sync_jobs.c.sync == sync, sync_jobs.c.job_id == job_id, sync_jobs.c.noun == noun)


def get(session: Session, sync_id: str) -> Sync | None:
    """The scope's sync with that public id, or None."""
    row = session.execute(
        select(syncs).where(scoped(session, syncs), syncs.c.sync_id == sync_id)).mappings().first()
    return None if row is None else _sync(row, _counts(session, [row["id"]]))


def by_id(session: Session, ident: int) -> Sync | None:
    """The scope's sync with that inner id, or None."""
    row = session.execute(select(syncs).where(scoped(session, syncs), syncs.c.id == ident)).mappings().first()
    return None if row is None else _sync(row, _counts(session, [row["id"]]))


def listed(
    session: Session, company_id: int | None, *, after: int | None, before: int | None, limit: int,
) -> list[Sync]:
    """The scope's syncs, newest first; ``after``/``before`` are inner ids of the page's edge."""
    query = select(syncs).where(scoped(session, syncs)).order_by(
        syncs.c.id if before is not None else syncs.c.id.desc()).limit(limit)
    if company_id is not None:
        query = query.where(syncs.c.company_id == company_id)
    if after is not None:
        query = query.where(syncs.c.id < after)
    if before is not None:
        query = query.where(syncs.c.id > before)
    rows = list(session.execute(query).mappings())
    counts = _counts(session, [row["id"] for row in rows])
    found = [_sync(row, counts) for row in rows]
    return found[::-1] if before is not None else found


def jobs_of(session: Session, sync: int) -> list[SyncJob]:
    """A sync's public jobs in order; the caller has looked the sync up in its scope."""
    return _jobs(session, sync_jobs.c.sync == sync)


def job(session: Session, ident: int) -> SyncJob | None:
    """The scope's public job with that id, or None."""
    found = _jobs(session, sync_jobs.c.id == ident)
    return found[0] if found else None


def unfinished(session: Session, connection_id: int, streams: Sequence[str]) -> str | None:
    """The public id of a running or waiting READ sync of the connection that covers one of the streams."""
    row = session.execute(
        select(syncs.c.sync_id).join(sync_jobs, sync_jobs.c.sync == syncs.c.id)
        .where(syncs.c.connection_id == connection_id, syncs.c.config_mode == "READ",
               syncs.c.status.in_(("CREATED", "RUNNING")), sync_jobs.c.stream.in_(streams),
               sync_jobs.c.status.in_(("CREATED", "RUNNING")))
        .limit(1)
    ).first()
    return None if row is None else str(row[0])


def durable_jobs(session: Session, sync: int) -> list[int]:
    """The durable jobs of a sync that have not ended."""
    rows = session.execute(
        select(jobs.c.id).where(jobs.c.state.in_(("ready", "running")), jobs.c.id.in_(
            select(sync_jobs.c.job_id).where(sync_jobs.c.sync == sync)))
    )
    return [int(row[0]) for row in rows]


def _jobs(session: Session, condition: ColumnElement[bool]) -> list[SyncJob]:
    rows = session.execute(
        select(sync_jobs, syncs.c.sync_id, syncs.c.integration_type, syncs.c.config_mode)
        .join(syncs, syncs.c.id == sync_jobs.c.sync)
        .where(scoped(session, syncs), condition).order_by(sync_jobs.c.id)
    ).mappings()
    return [SyncJob(**{name: row[name] for name in SyncJob.__dataclass_fields__}) for row in rows]


def _counts(session: Session, idents: Sequence[int]) -> dict[int, dict[str, int]]:
    rows = session.execute(
        select(sync_jobs.c.sync, sync_jobs.c.status, func.count().label("number"))
        .where(sync_jobs.c.sync.in_(idents)).group_by(sync_jobs.c.sync, sync_jobs.c.status)
    ).mappings()
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["sync"], {})[row["status"]] = row["number"]
    return found


def _sync(row: RowMapping, counts: dict[int, dict[str, int]]) -> Sync:
    return Sync(
        id=row["id"], sync_id=row["sync_id"], company_id=row["company_id"], connection_id=row["connection_id"],
        integration_type=row["integration_type"], full_sync=bool(row["full_sync"]), sync_type=row["sync_type"],
        config_mode=row["config_mode"], data_models=_LIST.decode(row["data_models"]), status=row["status"],
        created_at=row["created_at"], updated_at=row["updated_at"], started_at=row["started_at"],
        ended_at=row["ended_at"], counts=counts.get(row["id"], {}),
    )
