"""Syncs and their public jobs: a public job counts one noun, a durable job does a whole stream."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, RowMapping, Select, Update, func, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.connections import Connection
from entrepot.store.core_tables import jobs, sync_jobs, syncs
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

_LIST = msgspec.json.Decoder(list[str])
OPEN = ("CREATED", "RUNNING")
FINISHED = ("SUCCESS", "FAILED", "CANCELED")


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
    sync_from: str | None
    status: str
    created_at: int
    updated_at: int
    started_at: int | None
    ended_at: int | None
    counts: dict[str, int]


@dataclass(frozen=True)
class SyncJob:
    """What a sync did for one noun; ``job_id`` is the durable job, which nouns of one stream share. ``error`` is JSON
    text {code, message, platform_error}."""

    id: int
    sync: int
    sync_id: str
    integration_type: str
    config_mode: str
    company_id: int
    connection_id: int
    job_id: int
    noun: str
    stream: str
    job_type: str
    status: str
    sync_from: str | None
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
    config_mode: str = "READ", sync_from: str | None = None,
) -> Sync:
    """A new sync, status CREATED, without jobs yet. ``sync_from``: ISO time before which nothing is read."""
    ident, now, public = sequence.take(session, 1)[0], now_ms(), secrets.token_hex(8)
    session.execute(syncs.insert().values(
        id=ident, sync_id=public, organisation_id=connection.scope.organisation_id,
        environment_id=connection.scope.environment_id, company_id=connection.company_id,
        connection_id=connection.id, integration_type=connection.integration_type, full_sync=full,
        sync_type=sync_type, config_mode=config_mode, data_models=msgspec.json.encode(list(data_models)).decode(),
        sync_from=sync_from, status="CREATED", created_at=now, updated_at=now,
    ))
    return Sync(ident, public, connection.company_id, connection.id, connection.integration_type, full, sync_type,
                config_mode, list(data_models), sync_from, "CREATED", now, now, None, None, {})


def add_job(
    session: Session, sync: Sync, job_id: int, noun: str, stream: str, job_type: str, sync_from: str | None = None,
) -> int:
    """The public job of one noun, done by the durable job ``job_id``."""
    ident, now = sequence.take(session, 1)[0], now_ms()
    session.execute(sync_jobs.insert().values(
        id=ident, sync=sync.id, job_id=job_id, company_id=sync.company_id, noun=noun, stream=stream,
        job_type=job_type, status="CREATED", sync_from=sync_from, created_at=now, updated_at=now,
    ))
    return ident


def started(session: Session, sync: int, job_id: int) -> bool:
    """The durable job has begun: its nouns and the sync are RUNNING. Whether it is the first of its sync to begin."""
    now = now_ms()
    session.execute(
        update(sync_jobs).where(sync_jobs.c.job_id == job_id, sync_jobs.c.sync == sync)
        .values(status="RUNNING", started_at=func.coalesce(sync_jobs.c.started_at, now), updated_at=now))
    return session.execute(
        update(syncs).where(syncs.c.id == sync, syncs.c.status == "CREATED")
        .values(status="RUNNING", started_at=now, updated_at=now).returning(syncs.c.id)).first() is not None


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


def end_jobs(session: Session, sync: int, job_id: int, status: str, error: str | None = None) -> bool:
    """The durable job has ended: its nouns get ``status``. Whether that was the end of the sync, which comes with its
    last noun's: CANCELED when one was, else FAILED when one did, else SUCCESS."""
    now = now_ms()
    session.execute(
        update(sync_jobs).where(sync_jobs.c.job_id == job_id, sync_jobs.c.sync == sync)
        .values(status=status, error=error, ended_at=now, updated_at=now))
    # Locks the sync, so that of two jobs that end at once one sees the other's end.
    going_on = session.execute(
        update(syncs).where(syncs.c.id == sync, syncs.c.status.in_(OPEN)).values(updated_at=now).returning(syncs.c.id))
    if going_on.first() is None:
        return False
    counts = _counts(session, [sync]).get(sync, {})
    if any(state not in FINISHED for state in counts):
        return False
    ended = next((state for state in ("CANCELED", "FAILED") if counts.get(state)), "SUCCESS")
    session.execute(update(syncs).where(syncs.c.id == sync).values(status=ended, ended_at=now))
    return True


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


@dataclass(frozen=True)
class Wanted:
    """Which syncs a list shows; None is all. ``pushes``: writes only, or none."""

    company_id: int | None = None
    connection_id: int | None = None
    integration_type: str | None = None
    statuses: Collection[str] | None = None
    pushes: bool | None = None


def listed(
    session: Session, wanted: Wanted, *, after: int | None, before: int | None, limit: int,
) -> list[Sync]:
    """The scope's syncs, newest first; ``after``/``before`` are inner ids of the page's edge."""
    conditions: list[ColumnElement[bool]] = [scoped(session, syncs)]
    for column, value in ((syncs.c.company_id, wanted.company_id), (syncs.c.connection_id, wanted.connection_id),
                          (syncs.c.integration_type, wanted.integration_type)):
        if value is not None:
            conditions.append(column == value)
    if wanted.statuses is not None:
        conditions.append(syncs.c.status.in_(wanted.statuses))
    if wanted.pushes is not None:
        conditions.append(syncs.c.config_mode != "READ" if wanted.pushes else syncs.c.config_mode == "READ")
    rows = list(session.execute(_page(select(syncs).where(*conditions), syncs.c.id, after, before, limit)).mappings())
    counts = _counts(session, [row["id"] for row in rows])
    found = [_sync(row, counts) for row in rows]
    return found[::-1] if before is not None else found


def _page(
    query: Select[Any], ident: Column[int], after: int | None, before: int | None, limit: int,
) -> Select[Any]:
    """Newest first, and backwards from ``before``."""
    if after is not None:
        query = query.where(ident < after)
    if before is not None:
        query = query.where(ident > before)
    return query.order_by(ident if before is not None else ident.desc()).limit(limit)


def jobs_of(session: Session, sync: int) -> list[SyncJob]:
    """A sync's public jobs in order; the caller has looked the sync up in its scope."""
    return _jobs(session, sync_jobs.c.sync == sync)


def jobs_of_some(session: Session, idents: Sequence[int]) -> dict[int, list[SyncJob]]:
    """The same for several syncs at once."""
    found: dict[int, list[SyncJob]] = {}
    for one in _jobs(session, sync_jobs.c.sync.in_(idents)) if idents else ():
        found.setdefault(one.sync, []).append(one)
    return found


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


def busy(session: Session, connection_id: int) -> set[str]:
    """The streams that a running or waiting READ sync of the connection still has to read."""
    rows = session.execute(
        select(sync_jobs.c.stream).join(syncs, sync_jobs.c.sync == syncs.c.id)
        .where(syncs.c.connection_id == connection_id, syncs.c.config_mode == "READ", syncs.c.status.in_(OPEN),
               sync_jobs.c.status.in_(OPEN)).distinct())
    return {str(row[0]) for row in rows}


def waiting(session: Session, connection_id: int) -> list[tuple[str, list[str]]]:
    """READ syncs of the connection of which nothing has begun: public id, and the payloads of their durable jobs."""
    rows = session.execute(
        select(syncs.c.sync_id, jobs.c.payload).distinct()
        .join(sync_jobs, sync_jobs.c.sync == syncs.c.id).join(jobs, jobs.c.id == sync_jobs.c.job_id)
        .where(scoped(session, syncs), syncs.c.connection_id == connection_id, syncs.c.config_mode == "READ",
               syncs.c.status == "CREATED")).mappings()
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["sync_id"], []).append(row["payload"])
    return list(found.items())


def reading(session: Session, connection_id: int) -> bool:
    """Whether a READ sync of the connection is under way."""
    return session.execute(
        select(sync_jobs.c.id).join(syncs, sync_jobs.c.sync == syncs.c.id)
        .where(syncs.c.connection_id == connection_id, syncs.c.config_mode == "READ", syncs.c.status == "RUNNING",
               sync_jobs.c.status == "RUNNING").limit(1)).first() is not None


def open_syncs(session: Session, connection_id: int) -> list[str]:
    """The public ids of the connection's READ syncs that have not ended."""
    rows = session.execute(
        select(syncs.c.sync_id).where(
            scoped(session, syncs), syncs.c.connection_id == connection_id, syncs.c.config_mode == "READ",
            syncs.c.status.in_(OPEN)).order_by(syncs.c.id))
    return [str(row[0]) for row in rows]


def durable_jobs(session: Session, sync: int) -> list[int]:
    """The durable jobs of a sync that have not ended, in order."""
    rows = session.execute(
        select(jobs.c.id).where(jobs.c.state.in_(("ready", "running")), jobs.c.id.in_(
            select(sync_jobs.c.job_id).where(sync_jobs.c.sync == sync))).order_by(jobs.c.id)
    )
    return [int(row[0]) for row in rows]


def _jobs(session: Session, condition: ColumnElement[bool]) -> list[SyncJob]:
    rows = session.execute(
        select(sync_jobs, syncs.c.sync_id, syncs.c.integration_type, syncs.c.config_mode, syncs.c.connection_id)
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
        config_mode=row["config_mode"], data_models=_LIST.decode(row["data_models"]),
        sync_from=row["sync_from"], status=row["status"],
        created_at=row["created_at"], updated_at=row["updated_at"], started_at=row["started_at"],
        ended_at=row["ended_at"], counts=counts.get(row["id"], {}),
    )
