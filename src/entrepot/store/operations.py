"""Writes that were accepted: what was asked, under which marker it travels, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.core_tables import operations
from entrepot.store.store import Session


@dataclass(frozen=True)
class Operation:
    """One write of one record. ``state``: accepted (nothing sent), sent (the platform may have it), done, failed."""

    id: int
    marker: str
    organisation_id: int
    environment_id: int
    company_id: int
    connection_id: int
    sync: int
    job_id: int
    noun: str
    kind: str
    position: int
    target: str | None
    given: str
    input: str
    extra: str
    state: str
    rootfi_id: int | None
    error: str | None
    created_at: int
    sent_at: int | None


def take_marker(session: Session) -> tuple[int, str]:
    """An operation's id and the marker made of it, before the operation itself is kept."""
    ident = sequence.take(session, 1)[0]
    return ident, f"ent-{ident}"


def add(session: Session, operation: Operation) -> None:
    """Keep an accepted operation."""
    session.execute(operations.insert().values(**vars(operation)))


def of_job(session: Session, job_id: int) -> list[Operation]:
    """The operations that a durable job performs, in the order of the request."""
    rows = session.execute(
        select(operations).where(operations.c.job_id == job_id).order_by(operations.c.position)).mappings()
    return [_operation(row) for row in rows]


def of_sync(session: Session, sync: int) -> list[Operation]:
    """The operations of one request, in its order."""
    rows = session.execute(
        select(operations).where(operations.c.sync == sync).order_by(operations.c.position)).mappings()
    return [_operation(row) for row in rows]


def sent(session: Session, ident: int) -> None:
    """From here on the platform may have it: a crash is followed by a look for the marker."""
    session.execute(update(operations).where(operations.c.id == ident, operations.c.state == "accepted")
                    .values(state="sent", sent_at=now_ms()))


def done(session: Session, ident: int, rootfi_id: int) -> None:
    """The write is in the shop and in the store."""
    session.execute(update(operations).where(operations.c.id == ident)
                    .values(state="done", rootfi_id=rootfi_id, ended_at=now_ms()))


def failed(session: Session, idents: Sequence[int], error: str) -> None:
    """The write will not happen; ``error`` is JSON."""
    session.execute(
        update(operations).where(operations.c.id.in_(idents), operations.c.state.in_(("accepted", "sent")))
        .values(state="failed", error=error, ended_at=now_ms()))


def _operation(row: RowMapping) -> Operation:
    return Operation(**{name: row[name] for name in Operation.__dataclass_fields__})
