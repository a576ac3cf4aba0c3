"""Lists: generated objects in the order of their index, then those made by hand, by an opaque cursor.

A scan remembers when it began: what is placed or made later is not part of it, what changed later may or may not be,
and ``as_of`` tells the caller from when to ask next time. No page looks at more than it shows, except that a list by
time of change looks one lifetime of the order timeline back.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Literal, Protocol

import msgspec

from entrepot_simulators.demo.http import Refusal
from entrepot_simulators.demo.ledger import Ledger
from entrepot_simulators.demo.moments import read, written_bytes

DEFAULT_SIZE = 50
LARGEST = 500


class Source(Protocol):
    """Generated objects of one noun."""

    noun: str

    def count(self, at: int) -> int:
        """How many there are by then."""

    def changed(self, first: int, since: int, at: int) -> Iterator[int]:
        """Indexes from ``first`` on, ascending, that changed at or after ``since``, seen from ``at``."""

    def count_changed(self, since: int, at: int) -> int:
        """How many of them, without walking what was placed since."""

    def changed_ms(self, index: int, now: int) -> int:
        """When the object last changed by itself."""

    def created_ms(self, index: int) -> int:
        """When the object was made."""

    def first_created(self, since: int, at: int) -> int:
        """An index below which everything was made before ``since``, seen from ``at``."""

    def shown(self, index: int, now: int) -> bytes:
        """The object's JSON."""

    def id_of(self, index: int) -> str:
        """The id of an index."""

    def index_of(self, ident: str, at: int) -> int | None:
        """The index of a generated object's id, or None."""


class Cursor(msgspec.Struct, array_like=True):
    """Where a scan is. ``part``: generated (g), made (m) or deleted (d); ``next``: index, or the last seq shown."""

    part: Literal["g", "m", "d"]
    next: int
    at: int
    horizon: int
    last_seq: int
    total: int | None
    since: int | None
    created: int | None = None
    """Only what was made then or later."""

    def text(self) -> str:
        """As the caller sees it."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Back from text; refuses what we did not write."""
        try:
            return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=cls)
        except (msgspec.MsgspecError, binascii.Error, ValueError):
            raise Refusal(400, "bad_cursor", "This cursor was not given out by the shop.", "cursor") from None


class Listing:
    """One noun's lists."""

    def __init__(self, source: Source, ledger: Ledger) -> None:
        self.source = source
        self.ledger = ledger
        self.noun = source.noun

    def start(self, now: int, since: int | None, *, deleted: bool, created: int | None = None) -> Cursor:
        """The cursor of a new scan. With ``created`` nobody counts beforehand."""
        if deleted:
            return Cursor("d", 0, now, 0, 0, self.ledger.count_gone(self.noun, since or 0), since or 0)
        horizon = self.source.count(now)
        if created is not None:
            first = self.source.first_created(created, now)
            return Cursor("g", first, now, horizon, self.ledger.last_seq(), None, since, created)
        if since is None:
            total = horizon - self.ledger.count_deleted_base(self.noun) + self.ledger.count_made(self.noun)
        else:
            touched = self.ledger.touched_indexes(self.noun)
            moved = self.source.count_changed(since, now)
            moved -= sum(self.source.changed_ms(index, now) >= since for index in touched)
            total = moved + self.ledger.count_touched_since(self.noun, since)
        return Cursor("g", 0, now, horizon, self.ledger.last_seq(), total, since)

    def page(self, cursor: Cursor, size: int, now: int) -> bytes:
        """The page at a cursor as the API answers it."""
        at, total = cursor.at, cursor.total
        if cursor.part == "d":
            rows, following = self._deleted(cursor, size)
        else:
            rows, following = self._living(cursor, size, now)
        after = b'"%s"' % following.text().encode() if following else b"null"
        return b'{"results":[%s],"paging":{"next":%s,"size":%d,"total":%s},"as_of":"%s"}' % (
            b",".join(rows), after, len(rows), b"null" if total is None else b"%d" % total, written_bytes(at))

    def _living(self, cursor: Cursor, size: int, now: int) -> tuple[list[bytes], Cursor | None]:
        rows: list[bytes] = []
        if cursor.part == "g":
            pick = self._span if cursor.since is None else self._changed
            rows, reached = pick(cursor, size, now)
            if reached is not None:
                return rows, msgspec.structs.replace(cursor, next=reached)
            cursor = msgspec.structs.replace(cursor, part="m", next=0)
        room = size - len(rows)
        made = self.ledger.made(self.noun, cursor.next, cursor.last_seq, cursor.since or 0, room + 1)
        rows += [one.body for one in made[:room] if one.body is not None and _young(one.body, cursor.created)]
        if len(made) <= room:
            return rows, None
        return rows, msgspec.structs.replace(cursor, next=made[room - 1].seq if room else cursor.next)

    def _span(self, cursor: Cursor, size: int, now: int) -> tuple[list[bytes], int | None]:
        """All generated objects from the cursor on; and the next index, None at the end."""
        end = min(cursor.next + size, cursor.horizon)
        touched = self.ledger.touched(self.noun, cursor.next, end)
        shown = self.source.shown
        if cursor.created is not None:
            rows = self._young(cursor.created, range(cursor.next, end), touched, now)
        elif not touched:
            rows = [shown(index, now) for index in range(cursor.next, end)]
        else:
            both = (touched[i] if i in touched else shown(i, now) for i in range(cursor.next, end))
            rows = [row for row in both if row is not None]
        return rows, end if end < cursor.horizon else None

    def _changed(self, cursor: Cursor, size: int, now: int) -> tuple[list[bytes], int | None]:
        """The changed ones: those that changed by themselves, and those edited by hand, merged by index."""
        since = cursor.since or 0
        found = list(islice(self.source.changed(cursor.next, since, cursor.at), size + 1))
        touched = self.ledger.touched(self.noun, found[0], found[-1] + 1) if found else {}
        kept = self.ledger.edited_since(self.noun, cursor.next, since, size + 1)
        edited = {one.base: one.body for one in kept if one.base is not None}
        indexes = sorted({index for index in found if index not in touched} | edited.keys())
        # Both sides were cut at size + 1, so only what lies before the nearer cut is known to be complete.
        ends = [max(side) for side in (found, edited) if len(side) > size]
        if ends:
            indexes = [index for index in indexes if index < min(ends)]
        if cursor.created is not None:
            body = self._young(cursor.created, indexes[:size], edited, now)
        else:
            rows = [edited[i] if i in edited else self.source.shown(i, now) for i in indexes[:size]]
            body = [row for row in rows if row is not None]
        if len(indexes) > size:
            return body, indexes[size]
        return body, min(ends) if ends else None

    def _young(
        self, created: int, indexes: Iterable[int], kept: Mapping[int, bytes | None], now: int,
    ) -> list[bytes]:
        """Those of the indexes that were made since, as they are kept or else shown; a page may come out short."""
        source = self.source
        return [body for index in indexes if source.created_ms(index) >= created
                and (body := kept[index] if index in kept else source.shown(index, now)) is not None]

    def _deleted(self, cursor: Cursor, size: int) -> tuple[list[bytes], Cursor | None]:
        gone = self.ledger.gone(self.noun, cursor.next, cursor.since or 0, size + 1)
        rows = [b'{"id":"%s","deleted_at":"%s"}' % (one.id.encode(), written_bytes(one.deleted_ms or 0))
                for one in gone[:size]]
        return rows, msgspec.structs.replace(cursor, next=gone[size - 1].seq) if len(gone) > size else None


class _Made(msgspec.Struct):
    created_at: str


_MADE = msgspec.json.Decoder(_Made)


def _young(body: bytes, created: int | None) -> bool:
    """Whether an object that was made through the API is as young as is asked for."""
    return created is None or read(_MADE.decode(body).created_at) >= created
