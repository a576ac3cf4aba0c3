"""Where a list read is: small values that turn into query parameters and bookmarks, and know when to end.

Totals are announced, not trusted: a platform may lie in both directions, and may give shorter pages than asked for.
What ends a read is an empty page, or a short one once the announced total is reached.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from entrepot.errors import Transient
from entrepot.kit.spec import Marks


@dataclass(frozen=True)
class Offset:
    """Paging by ``offset`` and ``limit``."""

    limit: int
    offset: int = 0

    @classmethod
    def at(cls, bookmark: Marks | None, limit: int) -> Offset:
        """Where a bookmark of this class says, else the beginning."""
        return cls(limit, int((bookmark or {}).get("offset", "0")))

    @property
    def marks(self) -> Marks:
        """The bookmark."""
        return {"offset": str(self.offset)}

    @property
    def params(self) -> dict[str, str | int]:
        """``{"limit": 100, "offset": 200}``."""
        return {"limit": self.limit, "offset": self.offset}

    def after(self, got: int, total: int | None = None) -> Offset | None:
        """The next page after one with ``got`` rows; None at the end."""
        if got == 0:
            return None
        onward = replace(self, offset=self.offset + got)
        return None if total is not None and got < self.limit and onward.offset >= total else onward


@dataclass(frozen=True)
class PageNumber:
    """Paging by the number of the page, from 1."""

    per_page: int
    page: int = 1

    @classmethod
    def at(cls, bookmark: Marks | None, per_page: int) -> PageNumber:
        """Where a bookmark of this class says, else the beginning."""
        return cls(per_page, int((bookmark or {}).get("page", "1")))

    @property
    def marks(self) -> Marks:
        """The bookmark."""
        return {"page": str(self.page)}

    @property
    def params(self) -> dict[str, str | int]:
        """``{"page": 3, "per_page": 100}``."""
        return {"page": self.page, "per_page": self.per_page}

    def after(self, got: int, pages: int | None = None) -> PageNumber | None:
        """The next page after one with ``got`` rows; None at the end. ``pages`` is the announced number of pages."""
        if got == 0 or (pages is not None and got < self.per_page and self.page >= pages):
            return None
        return replace(self, page=self.page + 1)


@dataclass(frozen=True)
class Cursor:
    """Paging by an opaque cursor of the platform."""

    cursor: str | None = None

    @classmethod
    def at(cls, bookmark: Marks | None) -> Cursor:
        """Where a bookmark of this class says, else the beginning."""
        return cls((bookmark or {}).get("cursor"))

    @property
    def marks(self) -> Marks:
        """The bookmark."""
        return {} if self.cursor is None else {"cursor": self.cursor}

    def after(self, cursor: str | None) -> Cursor | None:
        """The next page; None at the end. Transient when the platform gives the same cursor again."""
        if not cursor:
            return None
        if cursor == self.cursor:
            raise Transient("The platform gave the same cursor twice; the read would never end")
        return Cursor(cursor)


class Repeats:
    """Notices a platform that ignores where it was asked to go on and gives the same page for ever."""

    def __init__(self) -> None:
        self._last = b""

    def check(self, rows: Sequence[bytes]) -> None:
        """Raises Transient when a page that is not empty equals the one before."""
        digest = hashlib.blake2b(digest_size=16)
        for row in rows:
            digest.update(row)
        now = digest.digest() if rows else b""
        if now and now == self._last:
            raise Transient("The platform gave the same page twice; it seems to ignore where to go on")
        self._last = now
