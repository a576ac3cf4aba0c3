"""How a record becomes the bytes that the API serves; given to the store from above, where versions are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from entrepot.model.base import Record


class Base(msgspec.Struct, frozen=True):
    """What the store knows about a record beside the record; times in ms since 1970."""

    rootfi_id: int
    company_id: int
    ordinal: int
    uid: str
    created_ms: int
    updated_ms: int
    deleted_ms: int | None
    plain: bool = False
    """Every number of the record was seen to be finite and written without an exponent: nobody needs to look again."""


class Rendered(msgspec.Struct, frozen=True):
    """A record's public JSON object, and what a caller may add to it.

    ``fragment`` is ``"line_items":[...]`` without braces, spliced in before the body's last brace when asked for.
    """

    body: bytes
    fragment: bytes | None = None


class Renderer(Protocol):
    """One version's way of writing records."""

    @property
    def version(self) -> int:
        """Raised when the same record would be written differently; older rows are then rendered anew (0 to 999)."""

    def render(
        self, noun: str, record: Record, base: Base, children: Mapping[str, Sequence[bytes]],
    ) -> Rendered:
        """Write one record. ``children`` has the bodies that this renderer made of its children, by noun, in order
        of ``rootfi_id`` (an order's fulfillments and transactions)."""


@dataclass(frozen=True)
class Renderers:
    """The two bodies that every row carries."""

    newest: Renderer
    older: Renderer

    @property
    def view_version(self) -> int:
        """One number that moves when either renderer's version does."""
        return self.newest.version * 1000 + self.older.version
