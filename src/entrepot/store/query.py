"""What can be asked of the records: conditions, order, a cursor, and which parts of a row to bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains"]
Scalar = str | int | bool | Decimal | datetime | None
Column = int | str | None
"""A value as its column holds it: money in millionths, times in ms, booleans 0 and 1."""


@dataclass(frozen=True)
class Condition:
    """A field of the unified noun, or one of ``rootfi_id rootfi_created_at rootfi_updated_at rootfi_company_id
    platform_unique_id``, compared with a value of the field's own type (a sequence of them for ``in``).

    ``eq None`` is "unknown", and ``ne x`` is true of what is unknown; all others are false of it.
    """

    field: str
    op: Operator
    value: Scalar | Sequence[Scalar]


@dataclass(frozen=True)
class Sort:
    """Order by one field; what is unknown comes last either way, ``rootfi_id`` ascending breaks ties."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class Position:
    """A place between two rows: the ``rootfi_id`` and, in a sorted list, the ``sort_value`` of a row of a page."""

    rootfi_id: int
    sort_value: Column = None


@dataclass(frozen=True)
class PageQuery:
    """A page of a noun's records. Without ``company_id`` all companies of the scope are listed, and then conditions
    and order must be on fields with an index (``rootfi_id``) or cheap to check."""

    noun: str
    company_id: int | None = None
    connection_id: int | None = None
    conditions: Sequence[Condition] = ()
    sort: Sort | None = None
    after: Position | None = None
    before: Position | None = None
    """With ``before`` the page is the one that ends there, still in the list's order."""
    limit: int = 100
    include_deleted: bool = False
    older: bool = False
    """The older renderer's body instead of the newest."""
    fragment: bool = False
    raw: bool = False
    hash: bool = False
    refs: tuple[str, ...] = ()
    """Reference fields (with columns) to bring along for ``expand``."""


class Row(msgspec.Struct, frozen=True):
    """A record as a list serves it; ``raw`` is unpacked JSON, ``data_hash`` hexadecimal."""

    rootfi_id: int
    company_id: int
    connection_id: int
    uid: str
    body: bytes
    sort_value: Column = None
    fragment: bytes | None = None
    raw: bytes | None = None
    data_hash: str | None = None
    refs: tuple[str | None, ...] = ()

    @property
    def position(self) -> Position:
        """To be given as ``after`` or ``before``."""
        return Position(self.rootfi_id, self.sort_value)


@dataclass(frozen=True)
class RecordPage:
    """Rows in the list's order; ``has_more`` says whether there are more in the direction that was asked for."""

    rows: list[Row]
    has_more: bool
