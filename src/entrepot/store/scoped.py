"""The one place where a query on the core tables is confined to the caller's organisation and environment."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, true

from entrepot.store.store import Session


def scoped(session: Session, table: Table) -> ColumnElement[bool]:
    """The condition that every statement on ``table`` carries; the system's own work sees everything."""
    if session.scope.is_system:
        return true()
    return and_(
        table.c.organisation_id == session.scope.organisation_id,
        table.c.environment_id == session.scope.environment_id,
    )
