"""Lists and single records: one read in a thread, bodies joined as they lie, nothing parsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.api.cursor import Cursor, write_cursor
from entrepot.api.dialect import envelope
from entrepot.api.filters import Filter
from entrepot.api.query import Listing, Single
from entrepot.api.splice import columns, spliced
from entrepot.api.view import View
from entrepot.errors import invalid_params, not_found
from entrepot.store import connections, records_read
from entrepot.store.query import Condition, PageQuery, Position, Row, Scalar, Sort
from entrepot.store.store import Session


def list_records(session: Session, view: View, listing: Listing) -> bytes:
    """The answer of a list."""
    query = to_page_query(session, view, listing)
    total = records_read.count(session, query) if listing.return_count else None
    if (plain := records_read.joined(session, query)) is not None:
        prev, following = _edges(listing, Position(plain.first), Position(plain.last), plain.has_more)
        return envelope(plain.bodies, prev, following, total)
    page = records_read.page(session, query)
    bodies = b",".join(spliced(session, page.rows, query.older, listing.extras))
    if not page.rows:
        return envelope(bodies, None, None, total)
    prev, following = _edges(listing, page.rows[0].position, page.rows[-1].position, page.has_more)
    return envelope(bodies, prev, following, total)


def get_record(session: Session, view: View, ident: str, single: Single) -> bytes:
    """The body of one record, bare. ApiError 404, or 400 asking for ``company_id`` or ``connection_id``."""
    return shown(session, view, find_row(session, view, ident, single), single)


def shown(session: Session, view: View, row: Row, single: Single) -> bytes:
    """The body of a row with what was asked for beside it."""
    return spliced(session, [row], view.stored == "older", single.extras)[0]


def find_row(session: Session, view: View, ident: str, single: Single) -> Row:
    """The one row that an id in a path means."""
    rows = records_read.find(
        session, view.noun, ident, single.company_id, single.connection_id, include_deleted=single.include_deleted,
        older=view.stored == "older", fragment=single.extras.fragment, raw=single.extras.raw,
        hash=single.extras.hash, refs=columns(single.extras))
    if not rows:
        raise not_found(view.name, ident[:100])
    if len(rows) > 1:
        companies = sorted({row.company_id for row in rows})
        if len(companies) > 1:
            raise invalid_params("company_id", f"{ident[:100]} is used in several companies; send one of "
                                 f"{', '.join(map(str, companies))}, or the rootfi_id.")
        found = ", ".join(str(row.connection_id) for row in rows)
        raise invalid_params("connection_id", f"{ident[:100]} is used in several connections; send one of {found}, or "
                             "the rootfi_id or platform_id.")
    return rows[0]


def to_page_query(session: Session, view: View, listing: Listing) -> PageQuery:
    """The list in the store's terms; references are looked up, which is why it needs a session."""
    conditions: list[Condition] = []
    connection = listing.connection_id
    for one in listing.filters:
        if one.on.noun == "self":
            conditions += _own_ids(session, view, listing, one)
        elif one.on.noun is not None and listing.company_id is not None and one.values != (None,):
            looked_up = _look_up(session, listing.company_id, connection, one)
            conditions += looked_up.conditions
            connection = looked_up.connection_id or connection
        else:
            conditions += _conditions(one.on.source, one.operator == "ne", one)
    cursor = listing.cursor
    place = None if cursor is None else Position(cursor.rootfi_id, cursor.value)
    extras, order = listing.extras, listing.order
    return PageQuery(
        noun=view.noun, company_id=listing.company_id, connection_id=connection, conditions=conditions,
        sort=Sort(order.on.source, order.descending) if order else None,
        after=place if listing.direction == "next" else None,
        before=place if listing.direction == "prev" else None,
        limit=listing.limit, include_deleted=listing.include_deleted, older=view.stored == "older",
        fragment=extras.fragment, raw=extras.raw, hash=extras.hash, refs=columns(extras),
    )


def _edges(listing: Listing, first: Position, last: Position, has_more: bool) -> tuple[str | None, str | None]:
    """``prev`` and ``next``. Where a caller came from there is something, so only the other side needs has_more."""
    mark = listing.order.mark if listing.order else None
    before, after = (write_cursor(Cursor(one.rootfi_id, mark, one.sort_value)) for one in (first, last))
    if listing.direction == "prev":
        return (before if has_more else None), after
    return (before if listing.cursor else None), (after if has_more else None)


def _conditions(field: str, differs: bool, one: Filter) -> list[Condition]:
    if differs:
        return [Condition(field, "ne", value) for value in one.values]
    if one.operator == "in" or len(one.values) > 1:
        return [Condition(field, "in", one.values)]
    return [Condition(field, one.operator, one.values[0])]


def _one_of(field: str, differs: bool, values: Sequence[Scalar]) -> list[Condition]:
    if differs:
        return [Condition(field, "ne", value) for value in values]
    return [Condition(field, "in", values)]


def _own_ids(session: Session, view: View, listing: Listing, one: Filter) -> list[Condition]:
    """A filter by the record's own platform_id, as its rootfi_id."""
    idents = [row.rootfi_id for value in one.values if value is not None and not str(value).isdigit()
              for row in records_read.find(session, view.noun, str(value), listing.company_id, listing.connection_id,
                                           include_deleted=True)]
    return _one_of("rootfi_id", one.operator == "ne", idents)


@dataclass(frozen=True)
class _LookedUp:
    conditions: list[Condition]
    connection_id: int | None


def _look_up(session: Session, company_id: int, connection_id: int | None, one: Filter) -> _LookedUp:
    """A filter by a reference: what each connection of the company knows under that id.

    Own ids repeat between two shops of a company, so what only one of them knows confines the list to that one. What
    none knows (the target was never synced) is compared as it was sent, with and without the suffix.
    """
    candidates = [other for other in connections.of_company(session, company_id)
                  if connection_id in (None, other.id)]
    values: dict[str, None] = {}
    known: set[int] = set()
    for value in map(str, one.values):
        found = {other.id: uid for other in candidates
                 if (uid := records_read.resolve(session, company_id, other.id, one.on.noun or "", value, one.on.part))}
        if not found:
            found = {other.id: value.removesuffix(f"_{other.ordinal}") for other in candidates
                     if value.endswith(f"_{other.ordinal}")}
            values[value] = None
        values.update(dict.fromkeys(found.values()))
        known |= set(found)
    confined = len(known) == 1 and one.operator != "ne"
    return _LookedUp(_one_of(one.on.source, one.operator == "ne", list(values)), known.pop() if confined else None)
