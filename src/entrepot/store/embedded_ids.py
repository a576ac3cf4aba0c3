"""Embedded rows keep their rootfi_id from one sync to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from entrepot.model.base import Embedded, Record
from entrepot.store.document import embedded_fields


def carry(noun: str, record: Record, before: Record | None) -> list[Embedded]:
    """Give the record's embedded rows the ids that they had ``before``; answer those that are new.

    Rows are matched list by list: by the platform's own id, and where one of the two sides has none by kind (``type``)
    and position. The record is changed in place.
    """
    fresh: list[Embedded] = []
    for name in embedded_fields(noun):
        rows: Sequence[Embedded] = getattr(record, name)
        if before is None:
            for row in rows:
                row.rootfi_id = None
            fresh += rows
        elif rows:
            fresh += _match(rows, getattr(before, name))
    return fresh


def _match(rows: Sequence[Embedded], before: Sequence[Embedded]) -> list[Embedded]:
    old_by_uid = dict(_placed(before, "platform_unique_id"))
    for key, row in _placed(rows, "platform_unique_id"):
        old = old_by_uid.get(key) if row.platform_unique_id is not None else None
        row.rootfi_id = old.rootfi_id if old is not None else None
    taken = {row.rootfi_id for row in rows if row.rootfi_id is not None}
    old_by_place = dict(_placed([old for old in before if old.rootfi_id not in taken], "type"))
    fresh = []
    for key, row in _placed([row for row in rows if row.rootfi_id is None], "type"):
        old = old_by_place.get(key)
        if old is None or (row.platform_unique_id is not None and old.platform_unique_id is not None):
            fresh.append(row)
        else:
            row.rootfi_id = old.rootfi_id
    return fresh


def _placed(rows: Sequence[Embedded], attribute: str) -> list[tuple[tuple[object, int], Embedded]]:
    """Each row with its value of the attribute and how many rows with that value stand before it."""
    counts: dict[object, int] = defaultdict(int)
    found = []
    for row in rows:
        value = getattr(row, attribute, None)
        found.append(((value, counts[value]), row))
        counts[value] += 1
    return found
