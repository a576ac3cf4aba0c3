"""Organisations and their environments: who shares an installation without seeing anything of each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.core_tables import companies, environments, organisations
from entrepot.store.scope import Scope
from entrepot.store.store import Session

EnvironmentName = Literal["live", "test"]
NAMES: tuple[EnvironmentName, ...] = ("live", "test")


@dataclass(frozen=True)
class Organisation:
    """An organisation, and how many companies it has in each environment."""

    id: int
    name: str
    created_at: int
    companies: dict[str, int]


def create_organisation(session: Session, name: str) -> Scope:
    """An organisation with its two environments; answers the live one's scope."""
    organisation, live, test = sequence.take(session, 3)
    now = now_ms()
    session.execute(organisations.insert().values(id=organisation, name=name, created_at=now))
    for ident, label in ((live, "live"), (test, "test")):
        session.execute(environments.insert().values(id=ident, organisation_id=organisation, name=label,
                                                     created_at=now))
    return Scope(organisation, live)


def listed(session: Session) -> list[Organisation]:
    """All of them, oldest first. For the system's own work."""
    counts = session.execute(
        select(environments.c.organisation_id, environments.c.name, func.count(companies.c.id).label("companies"))
        .select_from(environments.outerjoin(
            companies, (companies.c.environment_id == environments.c.id) & companies.c.deleted_at.is_(None)))
        .group_by(environments.c.organisation_id, environments.c.name)).mappings()
    held: dict[int, dict[str, int]] = {}
    for row in counts:
        held.setdefault(row["organisation_id"], {})[row["name"]] = row["companies"]
    rows = session.execute(select(organisations).order_by(organisations.c.id)).mappings()
    return [Organisation(row["id"], row["name"], row["created_at"], held.get(row["id"], {})) for row in rows]


def find(session: Session, wanted: str) -> Organisation | None:
    """The organisation of that id or name (capitals do not matter), or None."""
    number = int(wanted) if wanted.isascii() and wanted.isdigit() else None
    return next((one for one in listed(session)
                 if one.id == number or one.name.casefold() == wanted.strip().casefold()), None)


def environment_scope(session: Session, organisation_id: int, name: EnvironmentName) -> Scope:
    """The scope of one of an organisation's environments."""
    row = session.execute(
        select(environments.c.id)
        .where(environments.c.organisation_id == organisation_id, environments.c.name == name)).one()
    return Scope(organisation_id, int(row[0]))


def environment_names(session: Session) -> dict[int, EnvironmentName]:
    """What each environment is called, by its id: those of the session's organisation, or all for the system."""
    statement = select(environments.c.id, environments.c.name)
    if not session.scope.is_system:
        statement = statement.where(environments.c.organisation_id == session.scope.organisation_id)
    rows = session.execute(statement).mappings()
    return {row["id"]: "test" if row["name"] == "test" else "live" for row in rows}
