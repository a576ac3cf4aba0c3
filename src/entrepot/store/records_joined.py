"""A plain page as one text: the list that nearly everybody asks for, without an object per row.

The module for SQLite gives up the interpreter's lock at every row that it reads, and a busy process has to wait for it
a hundred times a page. There the database joins the bodies, and a page is one row.
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
    for any other and for an empty one: :func:`~.records_page.page` has them."""
    if query.before or query.sort or query.conditions or query.fragment or query.raw or query.hash or query.refs:
        return None
    terms, params = filters(session, query)
    where = f"FROM {record_table(query.noun).name} WHERE {' AND '.join([*terms, 'rootfi_id > ?'])} ORDER BY rootfi_id"
    begin = [*params, query.after.rootfi_id if query.after else -1]
    body = "body_older" if query.older else "body"
    aggregate = session.driver.joined(body)
    if aggregate is None:
        return _from_rows(session, query, f"SELECT rootfi_id, {session.driver.as_bytes(body)} {where} LIMIT ?", begin)
    found = session.hot(f"SELECT {aggregate}, COUNT(*), MIN(rootfi_id), MAX(rootfi_id) FROM "
                        f"(SELECT rootfi_id, {body} {where} LIMIT ?)", [*begin, query.limit], company=query.company_id)
    bodies, count, first, last = found[0]
    if not count:
        return None
    more = count == query.limit and session.hot(f"SELECT 1 {where} LIMIT 1", [*params, last], company=query.company_id)
    return Joined(bodies, count, first, last, bool(more))


def _from_rows(session: Session, query: PageQuery, sql: str, begin: list[object]) -> Joined | None:
    rows = session.hot(sql, [*begin, query.limit + 1], company=query.company_id)
    if not rows:
        return None
    has_more = len(rows) > query.limit
    if has_more:
        rows.pop()
    return Joined(b",".join([row[1] for row in rows]), len(rows), rows[0][0], rows[-1][0], has_more)
