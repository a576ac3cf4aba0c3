"""What is the same for every noun of a version: the base fields and the envelope of a list.

v3 and flat v4 agree on both, so there is one dialect; they part in their views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot.api.frame import Frame
from entrepot.api.shapes import TIME_HINT
from entrepot.api.times import ms_text

BASE: tuple[tuple[str, Any], ...] = (
    ("rootfi_id", int),
    ("rootfi_deleted_at", TIME_HINT | None),
    ("rootfi_created_at", TIME_HINT),
    ("rootfi_updated_at", TIME_HINT),
    ("rootfi_company_id", int),
    ("platform_id", str),
    ("platform_unique_id", str),
)
"""The fields that every record begins with, in the order of the documented answers."""

ABOUT_BASE = {
    "rootfi_id": "Entrepot's id of the record; unique in the installation and never reused.",
    "rootfi_deleted_at": "When the record was found deleted on the platform.",
    "rootfi_created_at": "When Entrepot first saw the record.",
    "rootfi_updated_at": "When the record last changed here.",
    "rootfi_company_id": "The company that the record belongs to.",
    "platform_id": "The platform's id and the number of the connection within its company: `<own id>_<n>`.",
    "platform_unique_id": "The platform's own id, verbatim.",
}

SELECTABLE = ("raw_data", "data_hash")
"""What `select` adds: the platform's payload, and the hash that tells whether a record changed."""


def base_values(frame: Frame) -> tuple[object, ...]:
    """The values of :data:`BASE` for one record."""
    base = frame.base
    return (
        base.rootfi_id,
        None if base.deleted_ms is None else ms_text(base.deleted_ms),
        ms_text(base.created_ms),
        ms_text(base.updated_ms),
        base.company_id,
        base.uid + frame.suffix,
        base.uid,
    )


def envelope(bodies: bytes, prev: str | None, following: str | None, total: int | None) -> bytes:
    """The answer of a list whose bodies have commas between. Cursors are base64, so they need no escaping."""
    counted = b"null" if total is None else str(total).encode()
    # Joined, not formatted: a page is some hundred kilobytes, and formatting would copy it twice.
    return b"".join((b'{"data":[', bodies, b'],"prev":', _text(prev), b',"next":', _text(following),
                     b',"total_count":', counted, b"}"))


def written(bodies: Sequence[bytes], sync_id: str, *, single: bool) -> bytes:
    """The answer of a write that is done; ``single`` is v3's odd product, a bare object under ``data``."""
    data = bodies[0] if single and bodies else b"[%b]" % b",".join(bodies)
    return b'{"data":%b,"sync_id":"%b"}' % (data, sync_id.encode())


def _text(cursor: str | None) -> bytes:
    return b"null" if cursor is None else b'"%b"' % cursor.encode()
