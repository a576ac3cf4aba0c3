"""What a caller adds to a body, put in before its last brace: fragments, the raw payload, the hash, other records."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.api.query import Extras
from entrepot.api.view import Expansion
from entrepot.store import records_read
from entrepot.store.query import Row
from entrepot.store.store import Session

Columns = tuple[str, ...]


def columns(extras: Extras) -> Columns:
    """The reference columns that the expansions read."""
    names = [name for one in extras.expansions for name in (one.column, one.part_column) if name is not None]
    return tuple(dict.fromkeys(names))


def spliced(session: Session, rows: Sequence[Row], noun_older: bool, extras: Extras) -> list[bytes]:
    """The rows' bodies with everything that was asked for; the bodies themselves where nothing was."""
    if extras == Extras():
        return [row.body for row in rows]
    names = columns(extras)
    expanded = [_expand(session, rows, names, one, noun_older) for one in extras.expansions]
    return [
        b"%b,%b}" % (row.body[:-1], b",".join([*_own(row, extras), *(found[index] for found in expanded)]))
        for index, row in enumerate(rows)
    ]


def _own(row: Row, extras: Extras) -> list[bytes]:
    parts: list[bytes] = []
    if extras.fragment and row.fragment:
        parts.append(row.fragment)
    if extras.raw:
        parts.append(b'"raw_data":%b' % (row.raw or b"null"))
    if extras.hash:
        parts.append(b'"data_hash":"%b"' % (row.data_hash or "").encode())
    return parts


def _expand(session: Session, rows: Sequence[Row], names: Columns, one: Expansion, older: bool) -> list[bytes]:
    """One expansion for each row, ``"customer":{...}`` or null, in one read per company."""
    column = names.index(one.column)
    wanted: dict[int, set[tuple[int, str]]] = {}
    for row in rows:
        uid = row.refs[column]
        if uid is not None:
            wanted.setdefault(row.company_id, set()).add((row.connection_id, uid))
    found = {company: records_read.bodies(session, one.noun, company, keys, older=older)
             for company, keys in wanted.items()}
    answer: list[bytes] = []
    for row in rows:
        body = found.get(row.company_id, {}).get((row.connection_id, row.refs[column] or ""))
        if body is not None and one.part is not None and one.part_column is not None:
            body = _part(body, one.part, row.refs[names.index(one.part_column)])
        answer.append(b'"%b":%b' % (one.key.encode(), body or b"null"))
    return answer


class _Ids(msgspec.Struct):
    platform_id: str | None = None
    platform_unique_id: str = ""


_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_IDS = msgspec.json.Decoder(_Ids)


def _part(body: bytes, part: str, uid: str | None) -> bytes | None:
    """The embedded row of a body whose public id is that own id with the record's suffix."""
    owner = _IDS.decode(body)
    suffix = (owner.platform_id or "").removeprefix(owner.platform_unique_id)
    for raw in _ROWS.decode(_PARTS.decode(body).get(part, msgspec.Raw(b"[]"))):
        if uid is not None and _IDS.decode(raw).platform_id == uid + suffix:
            return bytes(raw)
    return None
