"""A plain page as one text, joined by the database.

The module for SQLite gives up the interpreter's lock at every row that it reads, and a busy process has to wait for it
a hundred times a page. A page that is one row waits once: under load lists are half as fast again.
"""

from __future__ import annotations

import msgspec

from entrepot.store.query import PageQuery
from entrepot.store.record_tables import record_table
from entrepot.store.records_page import filters
from entrepot.store.store import Session


class Joined(msgspec.Struct, frozen=True):
    """A page of ``count`` bodies with commas between; ``first`` and ``last`` are the rootfi_ids at its edges."""

    bodies: bytes
    count: int
    first: int
    last: int
    has_more: bool


def joined(session: Session, query: PageQuery) -> Joined | None:
    """The page, when it is the simplest that there is: forwards, in order of ids, bodies only, no conditions. None
    for any other, for an empty one, and where the database is faster with rows: :func:`~.records_page.page` has it."""
    body = "body_older" if query.older else "body"
    aggregate = session.driver.joined(body)
    if aggregate is None or query.before or query.sort or query.conditions:
        return None
    if query.fragment or query.raw or query.hash or query.refs:
        return None
    terms, params = filters(session, query)
    table, place = record_table(query.noun).name, query.after
    found = session.hot(
        f"SELECT {aggregate}, COUNT(*), MIN(rootfi_id), MAX(rootfi_id) FROM (SELECT rootfi_id, {body} FROM {table} "
        f"WHERE {' AND '.join([*terms, 'rootfi_id > ?'])} ORDER BY rootfi_id LIMIT ?)",
        [*params, place.rootfi_id if place else -1, query.limit], company=query.company_id)
    bodies, count, first, last = found[0]
    if not count:
        return None
    more = count == query.limit and session.hot(
        f"SELECT 1 FROM {table} WHERE {' AND '.join([*terms, 'rootfi_id > ?'])} ORDER BY rootfi_id LIMIT 1",
        [*params, last], company=query.company_id)
    return Joined(bodies, count, first, last, bool(more))
