"""Page cursors: base64 of a small JSON keyset, opaque to callers, checked when they come back."""

from __future__ import annotations

import base64
import binascii

import msgspec

from entrepot.errors import invalid_params

_LONGEST = 4096
_BIGGEST_ID = 2**53


class Cursor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The edge of a page: its record's id and, where another field sorts, that field's value there."""

    rootfi_id: int
    sort: str | None = None
    """``<public field>:<ASC or DESC>``; a cursor of one order means nothing in another."""
    value: int | str | bool | None = None


_DECODER = msgspec.json.Decoder(Cursor)


def write_cursor(cursor: Cursor) -> str:
    """The text that a caller sends back; it needs no escaping in a URL or in JSON."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode()


def read_cursor(text: str, name: str, sort: str | None) -> Cursor:
    """The cursor behind ``next`` or ``prev``, which must belong to the same order; ``invalid-params`` naming it."""
    if len(text) > _LONGEST:
        raise invalid_params(name, "It is no cursor of this API.")
    plain = text.strip().replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        cursor = _DECODER.decode(raw)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise invalid_params(name, "It is no cursor of this API; send one as it was answered.") from error
    fits = 0 <= cursor.rootfi_id < _BIGGEST_ID and (
        not isinstance(cursor.value, int) or -(2**63) <= cursor.value < 2**63)
    if not fits:
        raise invalid_params(name, "It is no cursor of this API; send one as it was answered.")
    if cursor.sort != sort:
        raise invalid_params(name, "It belongs to a list in another order.")
    return cursor
