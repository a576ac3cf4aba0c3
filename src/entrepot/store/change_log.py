"""The log of changes, as it is written."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.store import document
from entrepot.store.family import Item
from entrepot.store.outcome import Cause, Target
from entrepot.store.store import Session

_COLUMNS = ("company_id", "seq", "noun", "rootfi_id", "connection_id", "operation", "cause", "data_hash", "at",
            "previous")
_TYPES = ("int8", "int8", "varchar", "int8", "int8", "varchar", "varchar", "bytea", "int8", "bytea")


def add(session: Session, target: Target, cause: Cause, at: int, items: Sequence[Item]) -> None:
    """One row per change, with the document that it replaces."""
    if not items:
        return
    session.insert("changes", _COLUMNS, _TYPES, (
        (target.company_id, item.seq, item.noun, item.rootfi_id, target.connection_id, item.operation, cause,
         item.data_hash, at, document.packed(item.before.document.encode()) if item.before else None)
        for item in items
    ), company=target.company_id)


def add_range(session: Session, target: Target, cause: Cause, at: int, noun: str, items: Sequence[Item]) -> None:
    """One row for many new records of one noun, numbered without a gap and in order of their ids.

    The records themselves are found again by ``rootfi_id`` between the first and the last, and by
    ``rootfi_created_at = at``, which no other commit of the company has.
    """
    session.hot(
        "INSERT INTO change_ranges (company_id, first_seq, last_seq, noun, connection_id, cause, at, first_id, last_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (target.company_id, items[0].seq, items[-1].seq, noun, target.connection_id, cause, at,
         items[0].rootfi_id, items[-1].rootfi_id), company=target.company_id,
    )
