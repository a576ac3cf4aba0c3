"""Companies: the customers of whoever runs Entrepot."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, func, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.core_tables import companies
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import OutOfScope, Session


@dataclass(frozen=True)
class Company:
    """A company; times in ms."""

    id: int
    scope: Scope
    name: str
    partner_id: str | None
    created_at: int
    updated_at: int


def create(session: Session, scope: Scope, name: str) -> Company:
    """A new company. It is born with its invite link; there is no other way to make one on the wire."""
    ident, now = sequence.take(session, 1)[0], now_ms()
    session.execute(companies.insert().values(
        id=ident, organisation_id=scope.organisation_id, environment_id=scope.environment_id, name=name,
        connections=0, seq=0, clock=0, created_at=now, updated_at=now,
    ))
    return Company(ident, scope, name, None, now, now)


def get(session: Session, ident: int) -> Company | None:
    """The scope's company of that id, or None."""
    row = session.execute(
        select(companies).where(scoped(session, companies), companies.c.id == ident, companies.c.deleted_at.is_(None))
    ).mappings().first()
    return None if row is None else _company(row)


@dataclass(frozen=True)
class Wanted:
    """Which companies: None asks for nothing. ``name`` is a part of it, whatever the case of ASCII letters."""

    partner_id: str | None = None
    name: str | None = None


def listed(session: Session, after: int, limit: int, wanted: Wanted | None = None) -> list[Company]:
    """The scope's companies with ids above ``after``, in order of id."""
    asked: list[ColumnElement[bool]] = []
    if wanted is not None and wanted.partner_id is not None:
        asked.append(companies.c.partner_id == wanted.partner_id)
    if wanted is not None and wanted.name is not None:
        asked.append(func.lower(companies.c.name).contains(wanted.name.lower(), autoescape=True))
    rows = session.execute(
        select(companies)
        .where(scoped(session, companies), companies.c.id > after, companies.c.deleted_at.is_(None), *asked)
        .order_by(companies.c.id).limit(limit)
    ).mappings()
    return [_company(row) for row in rows]


def update_company(session: Session, ident: int, **values: str | None) -> bool:
    """Change ``name`` or ``partner_id`` (None takes it away); False when there is no such company."""
    row = session.execute(
        update(companies)
        .where(scoped(session, companies), companies.c.id == ident, companies.c.deleted_at.is_(None))
        .values(updated_at=now_ms(), **values).returning(companies.c.id)
    ).first()
    return row is not None


def next_ordinal(session: Session, ident: int) -> int:
    """The ordinal of the company's next connection; never given twice. Raises OutOfScope for a company that was
    deleted meanwhile."""
    row = session.execute(
        update(companies).where(companies.c.id == ident, companies.c.deleted_at.is_(None))
        .values(connections=companies.c.connections + 1).returning(companies.c.connections)
    ).first()
    if row is None:
        raise OutOfScope(f"company {ident}")
    return int(row[0])


def how_many(session: Session) -> int:
    """The scope's companies."""
    row = session.execute(
        select(func.count()).select_from(companies).where(scoped(session, companies), companies.c.deleted_at.is_(None))
    ).first()
    return int(row[0]) if row else 0


def _company(row: RowMapping) -> Company:
    return Company(row["id"], Scope(row["organisation_id"], row["environment_id"]), row["name"], row["partner_id"],
                   row["created_at"], row["updated_at"])
