"""Single records: by what a caller calls them, by what they are called elsewhere, and what lies behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from entrepot.model.base import Record
from entrepot.store import document
from entrepot.store.lookups import chunks
from entrepot.store.query import PageQuery, Row
from entrepot.store.record_tables import record_table
from entrepot.store.records_page import made, selected
from entrepot.store.scaling import LARGEST
from entrepot.store.store import LIVING, Session


def find(
    session: Session, noun: str, ident: str, company_id: int | None = None, connection_id: int | None = None, *,
    include_deleted: bool = False, older: bool = False, fragment: bool = False, raw: bool = False,
    hash: bool = False, refs: tuple[str, ...] = (),  # noqa: A002  # the query's own word
) -> list[Row]:
    """The records that an id in a path means: digits are a ``rootfi_id``, else ``<own id>_<ordinal>`` is a
    ``platform_id``, else it is a platform's own id.

    Several rows mean that the id is used in several companies or connections. The other arguments are those of
    :class:`PageQuery`.
    """
    query = PageQuery(noun, company_id, connection_id, include_deleted=include_deleted, older=older,
                      fragment=fragment, raw=raw, hash=hash, refs=refs)
    if ident.isascii() and ident.isdigit():
        return _by_rootfi_id(session, query, int(ident))
    uid, _, ordinal = ident.rpartition("_")
    if uid and ordinal.isascii() and ordinal.isdigit() and (rows := _by_own_id(session, query, uid, int(ordinal))):
        return rows
    return _by_own_id(session, query, ident, None)


def owned(session: Session, noun: str, company_id: int, connection_id: int, uid: str) -> Row | None:
    """The live record with exactly this own id, which may be all digits."""
    rows = _by_own_id(session, PageQuery(noun, company_id, connection_id), uid, None)
    return rows[0] if rows else None


def _by_rootfi_id(session: Session, query: PageQuery, rootfi_id: int) -> list[Row]:
    if rootfi_id > LARGEST:
        return []
    terms, params = ["rootfi_id = ?"], [rootfi_id]
    if query.company_id is not None:
        terms, params = [*terms, "company_id = ?"], [*params, query.company_id]
    elif not session.scope.is_system:
        terms, params = [*terms, "environment_id = ?"], [*params, session.scope.environment_id]
    if query.connection_id is not None:
        terms, params = [*terms, "connection_id = ?"], [*params, query.connection_id]
    if session.narrowed(query.company_id):
        terms, params = [*terms, LIVING], [*params, session.scope.environment_id]
    if not query.include_deleted:
        terms.append("rootfi_deleted_at IS NULL")
    rows = session.hot(
        f"SELECT {selected(session, query)} FROM {record_table(query.noun).name} WHERE {' AND '.join(terms)}",
        params, company=query.company_id)
    return [made(query, row) for row in rows]


def _by_own_id(session: Session, query: PageQuery, uid: str, ordinal: int | None) -> list[Row]:
    """One probe of the unique index per connection that the scope, company and ordinal leave."""
    terms: list[str] = []
    params: list[object] = [uid.replace("\x00", "\N{REPLACEMENT CHARACTER}")]
    if not session.scope.is_system:
        terms = ["c.environment_id = ?", "c.deleted_at IS NULL"]
        params.append(session.scope.environment_id)
    for column, value in (("company_id", query.company_id), ("id", query.connection_id), ("ordinal", ordinal)):
        if value is not None:
            terms, params = [*terms, f"c.{column} = ?"], [*params, min(value, LARGEST)]
    if not query.include_deleted:
        terms.append("r.rootfi_deleted_at IS NULL")
    rows = session.hot(
        f"SELECT {selected(session, query, alias='r.')} FROM connections c JOIN {record_table(query.noun).name} r "
        "ON r.company_id = c.company_id AND r.connection_id = c.id AND r.platform_unique_id = ? "
        f"WHERE {' AND '.join(terms) or '1 = 1'} ORDER BY r.company_id, r.rootfi_id", params)
    return [made(query, row) for row in rows]


def bodies(
    session: Session, noun: str, company_id: int, wanted: Iterable[tuple[int, str]], *, older: bool = False,
) -> dict[tuple[int, str], bytes]:
    """The bodies of a company's records by (connection, own id), for ``expand``; deleted ones too, they say so."""
    by_connection: dict[int, list[str]] = {}
    for connection_id, uid in dict.fromkeys(wanted):
        by_connection.setdefault(connection_id, []).append(uid)
    driver = session.driver
    sql = (
        f"SELECT platform_unique_id, {driver.as_bytes('body_older' if older else 'body')} "
        f"FROM {record_table(noun).name} WHERE company_id = ? AND connection_id = ? "
        f"AND {driver.one_of('platform_unique_id', 'text')}"
    )
    found: dict[tuple[int, str], bytes] = {}
    for connection_id, uids in by_connection.items():
        for some in chunks(uids):
            rows = session.hot(sql, (company_id, connection_id, driver.listed(some)), company=company_id)
            found.update(((connection_id, row[0]), row[1]) for row in rows)
    return found


def resolve(
    session: Session, company_id: int, connection_id: int, noun: str, ref: str, part: str | None = None,
) -> str | None:
    """The own id of the live record (or, with ``part``, of the embedded row) that a reference means in a connection:
    platform_id, then own id, then rootfi_id. None when there is none."""
    ref = ref.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    rows = session.hot("SELECT ordinal FROM connections WHERE id = ? AND company_id = ?", (connection_id, company_id),
                       company=company_id)
    if not rows:
        return None
    suffix = f"_{rows[0][0]}"
    names = [ref.removesuffix(suffix), ref] if ref.endswith(suffix) else [ref]
    if part is not None:
        return _resolve_part(session, company_id, connection_id, noun, part, names)
    table = record_table(noun).name
    for name in names:
        if session.hot(f"SELECT 1 FROM {table} WHERE company_id = ? AND connection_id = ? AND platform_unique_id = ? "
                       "AND rootfi_deleted_at IS NULL", (company_id, connection_id, name), company=company_id):
            return name
    if ref.isascii() and ref.isdigit() and int(ref) <= LARGEST:
        rows = session.hot(f"SELECT platform_unique_id FROM {table} WHERE company_id = ? AND rootfi_id = ? "
                           "AND connection_id = ? AND rootfi_deleted_at IS NULL",
                           (company_id, int(ref), connection_id), company=company_id)
        return str(rows[0][0]) if rows else None
    return None


def raw_of(session: Session, noun: str, company_id: int, rootfi_id: int) -> bytes | None:
    """The raw payload that a record was mapped from, or None when none is kept."""
    rows = session.hot(f"SELECT raw FROM {record_table(noun).name} WHERE company_id = ? AND rootfi_id = ?",
                       (company_id, rootfi_id), company=company_id)
    return None if not rows or rows[0][0] is None else document.unpacked(rows[0][0])


def came_loose(session: Session, noun: str, company_id: int, rootfi_id: int) -> bool:
    """Whether a record only ever came with others, such as the guest of an order: no stream reads it by its id."""
    return bool(session.hot(
        f"SELECT 1 FROM {record_table(noun).name} WHERE company_id = ? AND rootfi_id = ? AND stream = ''",
        (company_id, rootfi_id), company=company_id))


def document_of(session: Session, noun: str, company_id: int, rootfi_id: int) -> Record:
    """The record itself, embedded rows with their ids. Raises KeyError when there is none."""
    rows = session.hot(f"SELECT document FROM {record_table(noun).name} WHERE company_id = ? AND rootfi_id = ?",
                       (company_id, rootfi_id), company=company_id)
    if not rows:
        raise KeyError(rootfi_id)
    return document.decoded(noun, rows[0][0])


def _resolve_part(
    session: Session, company_id: int, connection_id: int, noun: str, part: str, names: Sequence[str],
) -> str | None:
    """Look for an embedded row by the text of its id in one connection's documents: a scan, for writes only."""
    for name in names:
        needles = [f'"platform_unique_id":{document.quoted(name)}']
        if name.isascii() and name.isdigit():
            needles.append(f'"rootfi_id":{name},')
        for needle in needles:
            if (found := _scan_parts(session, company_id, connection_id, noun, part, name, needle)) is not None:
                return found
    return None


def _scan_parts(
    session: Session, company_id: int, connection_id: int, noun: str, part: str, name: str, needle: str,
) -> str | None:
    position = "instr" if session.dialect == "sqlite" else "strpos"
    rows = session.hot(
        f"SELECT document FROM {record_table(noun).name} WHERE company_id = ? AND connection_id = ? "
        f"AND rootfi_deleted_at IS NULL AND {position}(document, ?) > 0 ORDER BY rootfi_id LIMIT 100",
        (company_id, connection_id, needle), company=company_id)
    for (text,) in rows:
        for row in getattr(document.decoded(noun, text), part):
            if row.platform_unique_id is not None and name in (row.platform_unique_id, str(row.rootfi_id)):
                return str(row.platform_unique_id)
    return None
