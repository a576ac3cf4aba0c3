"""Erasures: what is being removed for good, how far that has come, and afterwards the receipt of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import RowMapping, insert, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.edge_tables import erasures
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

_COUNTS = msgspec.json.Decoder(dict[str, int])


@dataclass(frozen=True)
class Erasure:
    """An erasure; times in ms. ``connection_id`` None: the whole company. ``state``: CREATED RUNNING SUCCESS FAILED.
    ``total`` are the records that there were, ``removed`` what is gone by now: data models and other things by name."""

    id: int
    scope: Scope
    company_id: int
    connection_id: int | None
    state: str
    removed: Mapping[str, int]
    total: int
    created_at: int
    updated_at: int
    ended_at: int | None


def create(session: Session, scope: Scope, company_id: int, connection_id: int | None) -> int:
    """Begin one; its ``total`` is what the kept counts say."""
    ident, now = sequence.take(session, 1)[0], now_ms()
    narrow, params = ("", ()) if connection_id is None else (" AND connection_id = ?", (connection_id,))
    total = session.hot(f"SELECT COALESCE(SUM(live + deleted), 0) FROM noun_counts WHERE company_id = ?{narrow}",
                        (company_id, *params), company=company_id)[0][0]
    session.execute(insert(erasures).values(
        id=ident, organisation_id=scope.organisation_id, environment_id=scope.environment_id, company_id=company_id,
        connection_id=connection_id, state="CREATED", removed="{}", total=int(total), created_at=now, updated_at=now))
    return ident


def get(session: Session, ident: int) -> Erasure | None:
    """The scope's erasure of that id, or None."""
    row = session.execute(
        select(erasures).where(scoped(session, erasures), erasures.c.id == ident)).mappings().first()
    return None if row is None else _erasure(row)


def listed(session: Session, company_id: int | None, before: int | None, limit: int) -> list[Erasure]:
    """The scope's erasures, newest first, those before an id."""
    query = select(erasures).where(scoped(session, erasures)).order_by(erasures.c.id.desc()).limit(limit)
    if company_id is not None:
        query = query.where(erasures.c.company_id == company_id)
    if before is not None:
        query = query.where(erasures.c.id < before)
    return [_erasure(row) for row in session.execute(query).mappings()]


def count(session: Session, ident: int, more: Mapping[str, int]) -> None:
    """Add to what was removed, in the transaction that removes it."""
    text = session.execute(select(erasures.c.removed).where(erasures.c.id == ident)).scalar_one()
    removed = _COUNTS.decode(text)
    for name, number in more.items():
        if number:
            removed[name] = removed.get(name, 0) + number
    _set(session, ident, removed=msgspec.json.encode(removed).decode())


def move(session: Session, ident: int, state: str) -> None:
    """RUNNING, SUCCESS or FAILED."""
    ended = now_ms() if state in ("SUCCESS", "FAILED") else None
    _set(session, ident, state=state, ended_at=ended)


def _set(session: Session, ident: int, **values: object) -> None:
    session.execute(update(erasures).where(scoped(session, erasures), erasures.c.id == ident)
                    .values(updated_at=now_ms(), **values))


def _erasure(row: RowMapping) -> Erasure:
    return Erasure(row["id"], Scope(row["organisation_id"], row["environment_id"]), row["company_id"],
                   row["connection_id"], row["state"], _COUNTS.decode(row["removed"]), row["total"], row["created_at"],
                   row["updated_at"], row["ended_at"])
