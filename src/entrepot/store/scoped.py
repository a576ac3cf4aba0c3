"""The one place where a query on the core tables is confined to the caller's organisation and environment.

What belongs to a deleted company or connection is nobody's any more, although its rows are there until they are erased.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, or_, select, true

from entrepot.store.core_tables import companies, connections
from entrepot.store.store import Session

OUTLIVES = "outlives"
"""A table whose ``info`` has this tells of companies and connections that are gone."""


def scoped(session: Session, table: Table) -> ColumnElement[bool]:
    """The condition that every statement on ``table`` carries; the system's own work sees everything."""
    if session.scope.is_system:
        return true()
    mine = and_(
        table.c.organisation_id == session.scope.organisation_id,
        table.c.environment_id == session.scope.environment_id,
    )
    if OUTLIVES in table.info or not session.narrowed(None):
        return mine
    return and_(mine, *(_living(session, table, name, owners) for name, owners in _OWNERS if name in table.c))


_OWNERS = (("company_id", companies), ("connection_id", connections))


def _living(session: Session, table: Table, name: str, owners: Table) -> ColumnElement[bool]:
    gone = select(owners.c.id).where(owners.c.environment_id == session.scope.environment_id,
                                     owners.c.deleted_at.is_not(None))
    return or_(table.c[name].is_(None), table.c[name].not_in(gone))
