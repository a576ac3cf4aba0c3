"""What webhooks tell: deliveries with their frozen bodies and their attempts, to be made, listed and replayed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, delete, select, update

from entrepot.clock import now_ms
from entrepot.store import document, sequence
from entrepot.store.hook_tables import deliveries, delivery_attempts, webhook_endpoints
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

STATES = ("PENDING", "DELIVERED", "FAILED")
MOST_REPLAYED = 10_000
"""Deliveries that one replay takes up: some hundred milliseconds for which a writer may have to wait."""


@dataclass(frozen=True)
class NewDelivery:
    """One event for one endpoint. ``record`` is what its order is kept within (``order:123``); None: on its own."""

    scope: Scope
    endpoint_id: int
    event_id: str
    type: str
    body: bytes
    company_id: int | None
    connection_id: int | None = None
    integration_type: str | None = None
    data_model: str | None = None
    sync_id: str | None = None
    sequence: int | None = None
    record: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One event for one endpoint, as far as it has come; times in ms. ``attempts`` since it was made or replayed."""

    id: int
    delivery_id: str
    endpoint_id: int
    event_id: str
    type: str
    company_id: int | None
    connection_id: int | None
    integration_type: str | None
    data_model: str | None
    sync_id: str | None
    sequence: int | None
    state: str
    attempts: int
    attempts_ever: int
    next_at: int
    last_status: int | None
    created_at: int
    updated_at: int
    ended_at: int | None


@dataclass(frozen=True)
class Attempt:
    """One try; ``status`` is None when no answer came, ``answer`` the beginning of what was answered."""

    number: int
    success: bool
    status: int | None
    error: str | None
    answer: str | None
    took_ms: int
    at: int


@dataclass(frozen=True)
class Wanted:
    """Which deliveries; what is None is not asked about. ``since`` (included) and ``until`` (not) in ms of making,
    ``beyond`` an id that theirs are above."""

    endpoint_id: int | None = None
    states: Sequence[str] | None = None
    types: Sequence[str] | None = None
    company_id: int | None = None
    data_model: str | None = None
    sync_id: str | None = None
    since: int | None = None
    until: int | None = None
    beyond: int | None = None


_COLUMNS = [deliveries.c[name] for name in Delivery.__dataclass_fields__]


def add(session: Session, new: Sequence[NewDelivery]) -> list[str]:
    """Make deliveries of one company, due at once; those whose event the endpoint has already are passed over. Answers
    their public ids. Their order is the order in which a record's are sent."""
    if not new:
        return []
    rows = [(ident, *_row(one)) for ident, one in zip(sequence.take(session, len(new)), new, strict=True)]
    company_id = _company(new)
    if company_id is None:
        session.execute(deliveries.insert(), [dict(zip(_INSERTED, row, strict=True)) for row in rows])
    else:
        session.hot_many(_INSERT, rows, company=company_id)
    return [str(row[1]) for row in rows]


_INSERTED = ("id", "delivery_id", "organisation_id", "environment_id", "endpoint_id", "event_id", "type", "company_id",
             "connection_id", "integration_type", "data_model", "sync_id", "sequence", "record", "body", "state",
             "next_at", "created_at", "updated_at")
_INSERT = (f"INSERT INTO deliveries ({', '.join(_INSERTED)}) VALUES ({', '.join('?' * len(_INSERTED))}) "
           "ON CONFLICT (endpoint_id, event_id) DO NOTHING")


def _row(one: NewDelivery) -> tuple[object, ...]:
    now = now_ms()
    return (str(uuid.uuid4()), one.scope.organisation_id, one.scope.environment_id, one.endpoint_id, one.event_id,
            one.type, one.company_id, one.connection_id, one.integration_type, one.data_model, one.sync_id,
            one.sequence, one.record and f"{one.endpoint_id}/{one.record}", document.packed(one.body), "PENDING", now,
            now, now)


def _company(new: Sequence[NewDelivery]) -> int | None:
    found = {one.company_id for one in new}
    assert len(found) == 1, "deliveries of several companies in one batch"  # noqa: S101
    return found.pop()


def pending(session: Session, endpoint_id: int, most: int) -> int:
    """How many deliveries of an endpoint wait, counted up to ``most``. The system's own question."""
    rows = session.hot("SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE endpoint_id = ? AND state = 'PENDING' "
                       "LIMIT ?) AS counted", (endpoint_id, most))
    return int(rows[0][0])


def listed(session: Session, wanted: Wanted, *, after: int | None, before: int | None, limit: int) -> list[Delivery]:
    """The scope's deliveries, newest first; ``after``/``before`` are ids of the page's edge."""
    query = select(*_COLUMNS).where(*_conditions(session, wanted)).order_by(
        deliveries.c.id if before is not None else deliveries.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(deliveries.c.id < after)
    if before is not None:
        query = query.where(deliveries.c.id > before)
    found = [_delivery(row) for row in session.execute(query).mappings()]
    return found[::-1] if before is not None else found


def get(session: Session, delivery_id: str) -> Delivery | None:
    """The scope's delivery with that public id, or None."""
    row = session.execute(select(*_COLUMNS).where(
        scoped(session, deliveries), deliveries.c.delivery_id == delivery_id)).mappings().first()
    return None if row is None else _delivery(row)


def body(session: Session, ident: int) -> bytes:
    """The JSON that a delivery sends, by its inner id; the caller has looked it up in its scope."""
    found: bytes = session.execute(
        select(deliveries.c.body).where(scoped(session, deliveries), deliveries.c.id == ident)).scalar_one()
    return document.unpacked(found)


def attempts_of(session: Session, ident: int) -> list[Attempt]:
    """A delivery's tries in order, by its inner id; the caller has looked it up in its scope."""
    rows = session.execute(select(delivery_attempts).where(delivery_attempts.c.delivery == ident)
                           .order_by(delivery_attempts.c.number)).mappings()
    return [Attempt(number=row["number"], success=bool(row["success"]), status=row["status"], error=row["error"],
                    answer=row["answer"], took_ms=row["took_ms"], at=row["at"]) for row in rows]


def replay(session: Session, delivery_id: str, not_before: int) -> bool:
    """Send a delivery again, same event and body, with all its tries before it; False when the scope has none of that
    id that was made since ``not_before`` (ms) for an endpoint that is still there."""
    return bool(_replay(session, [deliveries.c.delivery_id == delivery_id], not_before, 1))


def replay_many(session: Session, wanted: Wanted, not_before: int, limit: int = MOST_REPLAYED) -> list[int]:
    """The same for many, the oldest first; answers their inner ids, ascending. What waits already is left as it is.
    When it answers ``limit`` there may be more, ``beyond`` the last."""
    states = [state for state in wanted.states or STATES if state != "PENDING"]
    return _replay(session, [*_conditions(session, wanted), deliveries.c.state.in_(states)], not_before, limit)


def _replay(session: Session, conditions: Sequence[ColumnElement[bool]], not_before: int, limit: int) -> list[int]:
    there = select(webhook_endpoints.c.id).where(scoped(session, webhook_endpoints),
                                                 webhook_endpoints.c.deleted_at.is_(None))
    idents = select(deliveries.c.id).where(
        scoped(session, deliveries), *conditions, deliveries.c.created_at >= not_before,
        deliveries.c.endpoint_id.in_(there)).order_by(deliveries.c.id).limit(limit)
    now = now_ms()
    rows = session.execute(
        update(deliveries).where(scoped(session, deliveries), deliveries.c.id.in_(idents))
        .values(state="PENDING", attempts=0, next_at=now, updated_at=now, ended_at=None).returning(deliveries.c.id))
    return sorted(rows.scalars())


def give_up(session: Session, endpoint_id: int) -> None:
    """End what waits for an endpoint that is deleted: those are a few thousand at most, the log holds the rest."""
    now = now_ms()
    session.execute(
        update(deliveries).where(scoped(session, deliveries), deliveries.c.endpoint_id == endpoint_id,
                                 deliveries.c.state == "PENDING")
        .values(state="FAILED", updated_at=now, ended_at=now))


def let_go(session: Session, before: int, limit: int) -> int:
    """Remove what was made before a time (ms), delivered or not, oldest first and at most so many; answers how many
    that were. Needs the system's scope."""
    # Ids rise with time, so the beginning of the table is its oldest part.
    oldest = session.unscoped("SELECT id, created_at FROM deliveries ORDER BY id LIMIT ?", (limit,))
    old = [row[0] for row in oldest if row[1] < before]
    return _remove(session, [deliveries.c.id <= old[-1], deliveries.c.created_at < before], limit) if old else 0


def _remove(session: Session, conditions: Sequence[ColumnElement[bool]], limit: int) -> int:
    idents = select(deliveries.c.id).where(scoped(session, deliveries), *conditions).order_by(
        deliveries.c.id).limit(limit)
    gone = [row[0] for row in session.execute(
        delete(deliveries).where(scoped(session, deliveries), deliveries.c.id.in_(idents))
        .returning(deliveries.c.id))]
    if gone:
        session.execute(delete(delivery_attempts).where(delivery_attempts.c.delivery.in_(gone)))
    return len(gone)


def _conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    column = deliveries.c
    equal = ("endpoint_id", "company_id", "data_model", "sync_id")
    found = [scoped(session, deliveries),
             *(column[name] == value for name in equal if (value := getattr(wanted, name)) is not None)]
    if wanted.states is not None:
        found.append(column.state.in_(wanted.states))
    if wanted.types is not None:
        found.append(column.type.in_(wanted.types))
    if wanted.since is not None:
        found.append(column.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(column.created_at < wanted.until)
    if wanted.beyond is not None:
        found.append(column.id > wanted.beyond)
    return found


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**{name: row[name] for name in Delivery.__dataclass_fields__})
