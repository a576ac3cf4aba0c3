"""Writes bodies anew after a view has changed: no platform is called, no event is made, no hash moves."""

from __future__ import annotations

from entrepot.store import document
from entrepot.store.family import WRITE_ORDER
from entrepot.store.record_tables import children_of, record_table
from entrepot.store.rendering import Base
from entrepot.store.store import Session

NOUNS = WRITE_ORDER
"""In this order: children's bodies lie in their parents'."""


def rerender(session: Session, company_id: int, noun: str, *, after: int = 0, limit: int = 500) -> int | None:
    """Render the next records, by rootfi_id above ``after``, whose view version is not today's.

    Answers the rootfi_id to go on after, None when a company's noun is done. Take :data:`NOUNS` in their order.
    """
    table, version = record_table(noun).name, session.renderers.view_version
    # The counter first, as every writer does: nobody changes these records meanwhile.
    lock = " FOR UPDATE" if session.dialect == "postgresql" else ""
    session.hot(f"SELECT seq FROM companies WHERE id = ?{lock}", (company_id,), company=company_id)
    rows = session.hot(
        "SELECT rootfi_id, connection_id, ordinal, platform_unique_id, rootfi_created_at, rootfi_updated_at, "
        f"rootfi_deleted_at, stream, document FROM {table} WHERE company_id = ? AND rootfi_id > ? "
        "AND view_version <> ? ORDER BY rootfi_id LIMIT ?", (company_id, after, version, limit), company=company_id)
    bodies = []
    for ident, connection, ordinal, uid, created, updated, deleted, stream, text in rows:
        base = Base(ident, company_id, ordinal, uid, created, updated, deleted)
        record = document.decoded(noun, text)
        inner = _children(session, company_id, connection, noun, uid, stream, deleted)
        newest = session.renderers.newest.render(noun, record, base, {name: some[0] for name, some in inner.items()})
        older = session.renderers.older.render(noun, record, base, {name: some[1] for name, some in inner.items()})
        bodies.append((
            newest.body.decode(), newest.fragment and newest.fragment.decode(), older.body.decode(),
            older.fragment and older.fragment.decode(), version, company_id, ident,
        ))
    session.hot_many(
        f"UPDATE {table} SET body = ?, fragment = ?, body_older = ?, fragment_older = ?, view_version = ? "
        "WHERE company_id = ? AND rootfi_id = ?", bodies, company=company_id)
    return rows[-1][0] if rows else None


def _children(
    session: Session, company_id: int, connection: int, noun: str, uid: str, stream: str, deleted: int | None,
) -> dict[str, tuple[list[bytes], list[bytes]]]:
    """Bodies of the children of a live record, or of those that went with a deleted one."""
    as_bytes = session.driver.as_bytes
    alike = "rootfi_deleted_at IS NULL" if deleted is None else "rootfi_deleted_at = ?"
    found = {}
    for child in children_of(noun):
        rows = session.hot(
            f"SELECT {as_bytes('body')}, {as_bytes('body_older')} FROM {record_table(child.noun).name} "
            f"WHERE company_id = ? AND {child.field} = ? AND connection_id = ? AND stream = ? AND {alike} "
            "ORDER BY rootfi_id",
            (company_id, uid, connection, stream, *(() if deleted is None else (deleted,))), company=company_id)
        found[child.noun] = ([row[0] for row in rows], [row[1] for row in rows])
    return found
