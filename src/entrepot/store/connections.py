"""Connections: one company's way into one shop. Credentials lie here sealed and leave only through the vault."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, RowMapping, select, update

from entrepot.clock import now_ms
from entrepot.store import companies, sequence
from entrepot.store.core_tables import connections
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

Status = Literal["HEALTHY", "PENDING", "EXPIRED", "DISCONNECTED"]
SyncStatus = Literal["IDLE", "FETCHING", "SLEEPING", "PARSING", "RUNNING"]

_SETTINGS = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True)
class Connection:
    """A connection; times in ms. ``sealed`` opens with the vault, table ``connections``, row ``id``."""

    id: int
    scope: Scope
    company_id: int
    ordinal: int
    integration_type: str
    category: str
    status: str
    sync_status: str
    sync_resume_at: int | None
    last_synced: int | None
    settings: Mapping[str, str]
    sealed: bytes | None
    created_at: int
    updated_at: int
    status_reason: str | None = None
    """Why it is not healthy, for people."""


def create(
    session: Session, scope: Scope, company_id: int, integration_type: str, category: str,
    settings: Mapping[str, str],
) -> Connection:
    """A connection without credentials yet (they are sealed to its id); the next ordinal of its company."""
    ident, now = sequence.take(session, 1)[0], now_ms()
    ordinal = companies.next_ordinal(session, company_id)
    session.execute(connections.insert().values(
        id=ident, organisation_id=scope.organisation_id, environment_id=scope.environment_id, company_id=company_id,
        ordinal=ordinal, integration_type=integration_type, category=category, status="PENDING", sync_status="IDLE",
        settings=_text(settings), created_at=now, updated_at=now,
    ))
    return Connection(ident, scope, company_id, ordinal, integration_type, category, "PENDING", "IDLE", None, None,
                      settings, None, now, now)


def seal(session: Session, ident: int, sealed: bytes, settings: Mapping[str, str]) -> None:
    """Keep the sealed credentials; the connection is healthy from now on."""
    session.execute(update(connections).where(connections.c.id == ident).values(
        credentials=sealed, settings=_text(settings), status="HEALTHY", status_reason=None, updated_at=now_ms()))


def learn(session: Session, ident: int, settings: Mapping[str, str]) -> None:
    """The shop opened: keep what it told of itself; the connection is healthy."""
    session.execute(update(connections).where(connections.c.id == ident).values(
        settings=_text(settings), status="HEALTHY", status_reason=None, updated_at=now_ms()))


def get(session: Session, ident: int) -> Connection | None:
    """The scope's connection of that id, or None."""
    row = session.execute(
        select(connections)
        .where(scoped(session, connections), connections.c.id == ident, connections.c.deleted_at.is_(None))
    ).mappings().first()
    return None if row is None else _connection(row)


def locked(session: Session, ident: int) -> Connection | None:
    """The same, its row locked until the transaction ends: whoever moves its state looks at it so."""
    row = session.execute(
        select(connections)
        .where(scoped(session, connections), connections.c.id == ident, connections.c.deleted_at.is_(None))
        .with_for_update()
    ).mappings().first()
    return None if row is None else _connection(row)


@dataclass(frozen=True)
class Wanted:
    """Which connections: None asks for nothing."""

    company_id: int | None = None
    integration_type: str | None = None
    statuses: Collection[str] | None = None


def listed(session: Session, wanted: Wanted, after: int, limit: int) -> list[Connection]:
    """The scope's connections with ids above ``after``, in order of id."""
    asked: list[ColumnElement[bool]] = []
    if wanted.company_id is not None:
        asked.append(connections.c.company_id == wanted.company_id)
    if wanted.integration_type is not None:
        asked.append(connections.c.integration_type == wanted.integration_type)
    if wanted.statuses is not None:
        asked.append(connections.c.status.in_(sorted(wanted.statuses)))
    rows = session.execute(
        select(connections)
        .where(scoped(session, connections), connections.c.id > after, connections.c.deleted_at.is_(None), *asked)
        .order_by(connections.c.id).limit(limit)
    ).mappings()
    return [_connection(row) for row in rows]


def of_company(session: Session, company_id: int) -> list[Connection]:
    """The company's connections by ordinal."""
    return of_companies(session, [company_id]).get(company_id, [])


def of_companies(session: Session, company_ids: Sequence[int]) -> dict[int, list[Connection]]:
    """The same for several companies at once."""
    found: dict[int, list[Connection]] = {}
    rows = session.execute(
        select(connections)
        .where(scoped(session, connections), connections.c.company_id.in_(company_ids),
               connections.c.deleted_at.is_(None))
        .order_by(connections.c.company_id, connections.c.ordinal)
    ).mappings()
    for row in rows:
        found.setdefault(row["company_id"], []).append(_connection(row))
    return found


def set_status(session: Session, ident: int, status: Status, reason: str | None = None) -> None:
    """HEALTHY, EXPIRED (the shop refuses our credentials), DISCONNECTED (they were forgotten); ``reason`` is for
    people."""
    values: dict[str, object] = {"status": status, "status_reason": reason, "updated_at": now_ms()}
    if status == "DISCONNECTED":
        values["credentials"] = None
    session.execute(update(connections).where(connections.c.id == ident).values(**values))


def set_sync_status(session: Session, ident: int, status: SyncStatus, resume_at: int | None = None) -> None:
    """What the connection's syncing is doing; ``resume_at`` (ms) with SLEEPING."""
    session.execute(update(connections).where(connections.c.id == ident)
                    .values(sync_status=status, sync_resume_at=resume_at))


def set_synced(session: Session, ident: int, at: int) -> None:
    """The end of the last successful read."""
    session.execute(update(connections).where(connections.c.id == ident)
                    .values(last_synced=at, sync_status="IDLE", sync_resume_at=None))


def _text(settings: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(settings), order="sorted").decode()


def _connection(row: RowMapping) -> Connection:
    return Connection(
        id=row["id"], scope=Scope(row["organisation_id"], row["environment_id"]), company_id=row["company_id"],
        ordinal=row["ordinal"], integration_type=row["integration_type"], category=row["category"],
        status=row["status"], sync_status=row["sync_status"], sync_resume_at=row["sync_resume_at"],
        last_synced=row["last_synced"], settings=_SETTINGS.decode(row["settings"]), sealed=row["credentials"],
        created_at=row["created_at"], updated_at=row["updated_at"], status_reason=row["status_reason"],
    )
