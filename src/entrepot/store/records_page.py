"""Lists of records: keyset pages in both directions, counts, all from ready-made bodies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from entrepot.store import conditions, counters, document
from entrepot.store.driver import RowValues
from entrepot.store.query import PageQuery, Position, RecordPage, Row
from entrepot.store.record_tables import record_table
from entrepot.store.store import LIVING, Session

COUNT_BOUND = 100_000
"""Rows that a count under conditions looks at, at most."""


def page(session: Session, query: PageQuery) -> RecordPage:
    """One page. Raises ValueError or KeyError for a field or condition that the store cannot answer."""
    backward = query.before is not None
    wanted = query.limit + 1
    rows: list[Row] = []
    for part in _parts(session, query):
        rows += _fetch(session, query, part, wanted - len(rows))
        if len(rows) >= wanted:
            break
    has_more = len(rows) > query.limit
    rows = rows[:query.limit]
    return RecordPage(rows[::-1] if backward else rows, has_more)


def count(session: Session, query: PageQuery) -> int:
    """How many records a query has: exact from the kept counters without conditions, else counted up to a bound."""
    if not query.conditions:
        return counters.total(session, query.noun, query.company_id, query.connection_id,
                              include_deleted=query.include_deleted)
    terms, params = filters(session, query)
    rows = session.hot(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {record_table(query.noun).name} WHERE {' AND '.join(terms)} "
        f"LIMIT {COUNT_BOUND}) AS counted", params, company=query.company_id)
    return int(rows[0][0])


NARROW = 3000
"""Index entries; to find and sort that many takes as long as to walk past a few times as many rows."""
_RANGES = frozenset({"in", "gt", "gte", "lt", "lte"})


class _Part(NamedTuple):
    """A stretch of the list: sorted lists have one of known and one of unknown values, each walked by its index."""

    terms: list[str]
    params: list[object]
    order: str


def filters(session: Session, query: PageQuery) -> tuple[list[str], list[object]]:
    """The terms that confine a query to its scope, company, connection and conditions."""
    terms: list[str] = []
    params: list[object] = []
    if query.company_id is not None:
        terms.append("company_id = ?")
        params.append(query.company_id)
    elif not session.scope.is_system:
        terms.append("environment_id = ?")
        params.append(session.scope.environment_id)
    if query.connection_id is not None:
        terms.append("connection_id = ?")
        params.append(query.connection_id)
    if session.narrowed(query.company_id):
        terms.append(LIVING)
        params.append(session.scope.environment_id)
    if not query.include_deleted:
        terms.append("rootfi_deleted_at IS NULL")
    for condition in query.conditions:
        if query.company_id is None and not conditions.expression(
                session.driver, query.noun, condition.field).has_column:
            raise ValueError(f"{condition.field} can only be asked for within a company")
    more, values = conditions.where(session.driver, query.noun, query.conditions)
    return terms + more, params + values


def _parts(session: Session, query: PageQuery) -> Sequence[_Part]:
    terms, params = filters(session, query)
    place = query.before or query.after
    backward = query.before is not None
    by_id = "rootfi_id + 0" if query.sort is None and _narrow(session, query) else "rootfi_id"
    if backward:
        by_id += " DESC"
    beyond = "<" if backward else ">"
    if query.sort is None:
        if place is not None:
            terms, params = [*terms, f"rootfi_id {beyond} ?"], [*params, place.rootfi_id]
        return [_Part(terms, params, by_id)]
    sorted_by = conditions.expression(session.driver, query.noun, query.sort.field)
    if query.company_id is None and not sorted_by.has_column:
        raise ValueError(f"{query.sort.field} can only be sorted by within a company")
    value = sorted_by.sql
    down = query.sort.descending != backward
    known = _Part([*terms, f"{value} IS NOT NULL"], params, f"{value} {'DESC' if down else 'ASC'}, {by_id}")
    unknown = _Part([*terms, f"{value} IS NULL"], params, by_id)
    if place is None:
        return [unknown, known] if backward else [known, unknown]
    if place.sort_value is None:
        rest = _Part([*unknown.terms, f"rootfi_id {beyond} ?"], [*params, place.rootfi_id], by_id)
        return [rest, known] if backward else [rest]
    edge = _edge(sorted_by.kind, place)
    rest = _beyond(known, value, edge, place.rootfi_id, "<" if down else ">", beyond)
    return [rest] if backward else [rest, unknown]


def _narrow(session: Session, query: PageQuery) -> bool:
    """Whether a condition on an indexed field leaves so few records that they are best found by it and then sorted.

    Planners guess that, and guess the whole company to be walked in order of its ids for a handful of changes. Looking
    is cheap: at most :data:`NARROW` entries of one index.
    """
    if query.company_id is None:
        return False
    for field in dict.fromkeys(condition.field for condition in query.conditions):
        some = [one for one in query.conditions if one.field == field and one.op in _RANGES and one.value is not None]
        if not some or not conditions.expression(session.driver, query.noun, field).indexed:
            continue
        terms, params = conditions.where(session.driver, query.noun, some)
        rows = session.hot(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {record_table(query.noun).name} WHERE company_id = ? "
            f"AND {' AND '.join(terms)} LIMIT {NARROW}) AS looked_at", (query.company_id, *params),
            company=query.company_id)
        if rows[0][0] < NARROW:
            return True
    return False


def _edge(kind: str, place: Position) -> object:
    value = place.sort_value
    if isinstance(value, str) != (kind in ("text", "enum")):
        raise ValueError("the position belongs to a list in another order")
    return bool(value) if kind == "boolean" else value


def _beyond(part: _Part, value: str, edge: object, rootfi_id: int, further: str, beyond: str) -> _Part:
    # The first term bounds the walk over the index; the second leaves out the ties that were served already.
    return _Part(
        [*part.terms, f"{value} {further}= ?", f"({value} {further} ? OR rootfi_id {beyond} ?)"],
        [*part.params, edge, edge, rootfi_id], part.order,
    )


def _fetch(session: Session, query: PageQuery, part: _Part, limit: int) -> list[Row]:
    sort = "NULL"
    if query.sort is not None:
        sort = conditions.expression(session.driver, query.noun, query.sort.field).sql
    sql = (
        f"SELECT {selected(session, query, sort)} FROM {record_table(query.noun).name} "
        f"WHERE {' AND '.join(part.terms) or '1 = 1'} ORDER BY {part.order} LIMIT ?"
    )
    rows = session.hot(sql, [*part.params, limit], company=query.company_id)
    return [made(query, row) for row in rows]


def selected(session: Session, query: PageQuery, sort: str = "NULL", alias: str = "") -> str:
    """The columns that :func:`made` turns into a row."""
    as_bytes = session.driver.as_bytes
    older = "_older" if query.older else ""
    parts = [f"{alias}rootfi_id", f"{alias}company_id", f"{alias}connection_id", f"{alias}platform_unique_id",
             as_bytes(f"{alias}body{older}"), sort, as_bytes(f"{alias}fragment{older}") if query.fragment else "NULL",
             f"{alias}raw" if query.raw else "NULL", f"{alias}data_hash" if query.hash else "NULL"]
    table = record_table(query.noun)
    for name in query.refs:
        if name not in table.query_columns:
            raise ValueError(f"{query.noun}.{name} has no column")
        parts.append(f"{alias}{name}")
    return ", ".join(parts)


def made(query: PageQuery, row: RowValues) -> Row:
    """A row of the columns of :func:`selected`, which stand in the order of its fields."""
    if isinstance(row[5], bool):
        row = (*row[:5], int(row[5]), *row[6:])
    plain = Row(*row[:9])
    if not (query.raw or query.hash or query.refs):
        return plain
    raw, data_hash = row[7], row[8]
    return msgspec.structs.replace(
        plain, raw=None if raw is None else document.unpacked(raw),
        data_hash=None if data_hash is None else data_hash.hex(), refs=tuple(row[9:]))
