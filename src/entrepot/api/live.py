"""Live lists: the platform is read, what it says is stored, and the store's bodies are the answer.

So a list before its first sync looks like any other. It comes in the platform's order, one connection of the company
after the other; connections that cannot be read, or need not be, are answered from the store in their turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from time import monotonic

from entrepot.api.query import Listing
from entrepot.api.reading import to_page_query
from entrepot.api.splice import spliced
from entrepot.api.view import View
from entrepot.engine.context import Engine
from entrepot.engine.live import Live, LivePage, Reach
from entrepot.engine.live_place import Place, read_place
from entrepot.errors import Missing, PlatformFault, invalid_params
from entrepot.store import records_read
from entrepot.store.query import Condition, Position
from entrepot.store.scope import Scope
from entrepot.store.store import Session

MOST_PAGES = 10
"""Of a platform, for one answer: with few matches among many records a page is shorter than asked for."""
PATIENCE_S = 20.0
"""No further page is begun after so long: callers give up at 60 s."""
CHUNK = 500
"""Own ids in one question to the store."""


@dataclass(frozen=True)
class Segment:
    """A connection's part of a list: live by ``way``, else from the store."""

    connection_id: int
    way: Reach | None


@dataclass
class Gathered:
    """What was brought together. ``onward`` is where the list goes on, None at its end."""

    bodies: list[bytes] = field(default_factory=list)
    onward: Place | None = None
    live: bool = False
    """Whether a platform was read for it."""
    stored: set[int] = field(default_factory=set)
    """Connections that were answered from the store."""
    total: int | None = None
    """What the platform announced, where it is one platform and tells."""


def place_of(engine: Engine, view: View, company_id: int, text: str, name: str = "next") -> Place:
    """The place behind a cursor; ``invalid-params`` for one of another list."""
    found = read_place(engine, company_id, text)
    if found is None or found.noun != view.noun:
        raise invalid_params(name, "It is no cursor of this list; send one as it was answered.")
    return found


class Gathering:
    """One answer of a live list being brought together."""

    def __init__(
        self, engine: Engine, scope: Scope, view: View, listing: Listing, segments: Sequence[Segment], *,
        passed: int = 0, cursor: str = "next",
    ) -> None:
        """``listing`` says how many and which; ``passed`` records are passed over first; ``cursor`` is the name to
        blame."""
        self._engine, self._scope, self._view, self._listing = engine, scope, view, listing
        self._segments, self._left, self._cursor = segments, passed, cursor
        self._found = Gathered()
        self._pages, self._until = 0, monotonic() + PATIENCE_S

    @property
    def passed_over(self) -> bool:
        """Whether as many records were passed over as was wished."""
        return self._left == 0

    async def run(self, place: Place | None) -> Gathered:
        """From a place, or from the beginning. Raises the platform's fault where nothing came before it."""
        found, first = self._found, 0 if place is None else self._index(place)
        found.total = place.total if place else None
        for index, segment in enumerate(self._segments[first:], first):
            here = place if place is not None and index == first else self._place(segment.connection_id)
            rest = self._segments[index + 1:]
            after = self._place(rest[0].connection_id) if rest else None
            found.onward = here  # where it goes on should the platform fail now
            try:
                full = await (self._stored(segment, here, after) if segment.way is None
                              else self._live(segment.way, here, after))
            except PlatformFault:
                if not found.bodies:
                    raise
                return found
            if full:
                return found
        found.onward = None
        return found

    def _index(self, place: Place) -> int:
        for index, segment in enumerate(self._segments):
            if segment.connection_id == place.connection_id:
                return index
        raise invalid_params(self._cursor, "Its connection is not in this list any more; begin again without it.")

    def _place(self, connection_id: int) -> Place:
        return Place(self._view.noun, connection_id, total=self._found.total)

    async def _stored(self, segment: Segment, here: Place, after: Place | None) -> bool:
        """The connection's records in order of rootfi_id; whether the answer is full."""
        found, limit = self._found, self._listing.limit
        found.stored.add(segment.connection_id)

        def read(session: Session) -> tuple[list[bytes], int | None]:
            query = replace(
                to_page_query(session, self._view, self._listing), connection_id=segment.connection_id,
                limit=limit - len(found.bodies), after=None if here.stored is None else Position(here.stored))
            page = records_read.page(session, query)
            return (spliced(session, page.rows, query.older, self._listing.extras),
                    page.rows[-1].rootfi_id if page.has_more else None)

        bodies, last = await self._engine.store.reading(self._scope, read)
        found.bodies += bodies
        if last is not None:
            found.onward = replace_place(self._place(segment.connection_id), stored=last)
            return True
        found.onward = after
        return len(found.bodies) >= limit

    async def _live(self, way: Reach, here: Place, after: Place | None) -> bool:
        """The connection's records as the platform has them; whether the answer is full."""
        found = self._found
        found.live = True
        async with aclosing(Live(self._engine, way).pages(here.begins)) as pages:
            async for page in pages:
                self._pages += 1
                if len(self._segments) == 1 and way.is_parent and found.total is None:
                    found.total = page.announced
                onward = after
                if page.onward is not None:
                    onward = replace_place(self._place(way.connection.id), begins=dict(page.onward))
                if await self._take(way, page, here, onward) or onward is None:
                    return True
                found.onward = here = onward
                if self._pages >= MOST_PAGES or monotonic() >= self._until:
                    return True
        return False

    async def _take(self, way: Reach, page: LivePage, here: Place, onward: Place | None) -> bool:
        """What is wanted of a page; whether the answer is full with it."""
        found, uids = self._found, page.uids
        begin = _begin(uids, here)
        bodies = await self._engine.store.reading(
            self._scope, lambda session: self._shown(session, way, uids[begin:]))
        found.onward = onward
        for position, uid in enumerate(uids[begin:], begin + 1):
            if uid not in bodies:
                continue
            if self._left:
                self._left -= 1
                continue
            found.bodies.append(bodies[uid])
            if len(found.bodies) >= self._listing.limit:
                if position < len(uids):
                    found.onward = replace_place(
                        self._place(way.connection.id), after=uid, skip=position,
                        begins=None if page.begins is None else dict(page.begins))
                return True
        return False

    def _shown(self, session: Session, way: Reach, uids: Sequence[str]) -> Mapping[str, bytes]:
        """The bodies, by own id, of those that meet the conditions."""
        base = to_page_query(session, self._view, self._listing)
        if base.connection_id not in (None, way.connection.id):
            return {}
        found: dict[str, bytes] = {}
        for begin in range(0, len(uids), CHUNK):
            some = uids[begin:begin + CHUNK]
            query = replace(base, connection_id=way.connection.id, limit=len(some), after=None, conditions=[
                *base.conditions, Condition("platform_unique_id", "in", some)])
            rows = records_read.page(session, query).rows
            found.update(zip((row.uid for row in rows), spliced(session, rows, query.older, self._listing.extras),
                             strict=True))
        return found


def replace_place(place: Place, *, begins: dict[str, str] | None = None, after: str = "", skip: int = 0,
                  stored: int | None = None) -> Place:
    """A place further on in the same connection."""
    return Place(place.noun, place.connection_id, begins, after, skip, stored, place.total)


def _begin(uids: Sequence[str], here: Place) -> int:
    """How many of a page were answered before. The shop may have moved since, so the record tells before the number."""
    if not here.after:
        return 0
    return uids.index(here.after) + 1 if here.after in uids else min(here.skip, len(uids))


Wanted = tuple[Reach, str]
"""A record to be read live: the way, and the own id of the stream's parent."""


async def fetch(engine: Engine, readings: Sequence[Sequence[Wanted]]) -> tuple[bool, PlatformFault | None]:
    """Read records live and store them, by the first reading of an id that finds something: whether one was found, and
    the last fault of a platform that did not answer."""
    fault: PlatformFault | None = None
    for wanted in readings:
        found = False
        for way, own_id in wanted:
            try:
                await Live(engine, way).one(own_id)
                found = True
            except Missing:
                continue
            except PlatformFault as problem:
                fault = problem
        if found:
            return True, None
    return False, fault
