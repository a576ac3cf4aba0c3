"""Read a shop live: a page or a record, mapped and stored on the way, for real time and for lists before a first sync.

No mark moves, nothing is swept: only what was read is stored, as a sync would store it. What a write has changed since
the page was read is left as the write made it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from entrepot.engine import faults
from entrepot.engine.context import Engine
from entrepot.engine.mapping import MappedPage, map_page
from entrepot.engine.overtaken import Overtaken, Watch, upsert_again
from entrepot.errors import NeedsReauth, NotSupported, Rejected, not_found, operation_denied
from entrepot.kit.spec import Marks, Page, Start, Stream
from entrepot.model.registry import noun_of
from entrepot.store import call_counts, changes, connections, cursors, frequencies, strays
from entrepot.store.connections import Connection
from entrepot.store.records import Target, upsert
from entrepot.store.store import Session


@dataclass(frozen=True)
class Reach:
    """How a noun of a connection is read."""

    connection: Connection
    stream: Stream
    noun: str
    unwanted: frozenset[str] = frozenset()
    """Loose nouns that may not be read."""
    sync_from: str | None = None

    @property
    def is_parent(self) -> bool:
        """Whether the stream's rows are records of the noun, not the parents of some."""
        return self.stream.nouns[0] == self.noun


@dataclass(frozen=True)
class LivePage:
    """A page of the platform, stored. ``uids`` are the noun's own ids in the platform's order, each once."""

    begins: Marks | None
    """The bookmark that reads it again."""
    onward: Marks | None
    """The one after it; None on the last."""
    uids: Sequence[str]
    announced: int | None
    """Rows that the platform says there are in all."""


def reach(engine: Engine, session: Session, connection: Connection, noun: str) -> Reach | None:
    """How to read the noun there; None when the platform does not offer it or reading it is not allowed."""
    installed = engine.installed.get(connection.integration_type)
    stream = installed.connector.stream_of(noun) if installed else None
    if stream is None:
        return None
    configs = {one.noun: one for one in frequencies.of_connection(session, connection.id)}
    if noun in configs and not configs[noun].may("READ"):
        return None
    rhythm = configs.get(stream.nouns[0]) if stream.dated else None
    return Reach(connection, stream, noun, frozenset(
        name for name in stream.loose if name in configs and not configs[name].may("READ")),
        rhythm.sync_from if rhythm else None)


class Live:
    """One connection's stream, read now. Raises what the platform's faults are called; NeedsReauth expires the
    connection on the way."""

    def __init__(self, engine: Engine, way: Reach) -> None:
        self._engine = engine
        self._way = way
        self._counted = 0
        connection = way.connection
        self._shop = engine.shop(connection)
        self._target = Target(
            environment_id=connection.scope.environment_id, company_id=connection.company_id,
            connection_id=connection.id, ordinal=connection.ordinal, stream=way.stream.name,
            mapping_version=engine.platform(connection.integration_type).connector.mapping_version)

    async def one(self, own_id: str) -> None:
        """Read and store the family of one of the stream's parents. Raises Missing when the platform has none."""
        fetch = self._way.stream.fetch
        if fetch is None:
            raise NotSupported(f"{self._way.connection.integration_type} has no call for one record of this data model")
        async with self._watched():
            began = await self._began()
            raw = await fetch(self._shop, own_id)
            page = await self._mapped(Page(rows=[raw], bookmark=None))
            await self._keep(page, began)
        if page.strays:
            raise Rejected(f"The platform's record does not fit: {page.strays[0].reason}", code="unknown-error")

    async def pages(self, begins: Marks | None) -> AsyncGenerator[LivePage, None]:
        """Page by page from a bookmark of such a page, or from the beginning; close it to stop early."""
        start = Start(mode="full", bookmark=begins, sync_from=self._way.sync_from)
        reading = self._way.stream.read(self._shop, start)
        try:
            while True:
                async with self._watched():
                    began = await self._began()
                    page = await anext(reading, None)
                    if page is None:
                        return
                    mapped = await self._mapped(page)
                    await self._keep(mapped, began)
                yield LivePage(begins, page.bookmark, _uids(mapped, self._way), page.announced)
                if page.bookmark is None:
                    return
                begins = page.bookmark
        finally:
            if isinstance(reading, AsyncGenerator):
                await reading.aclose()

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        """Say what the platform's refusal means, and count what was called."""
        way = self._way
        try:
            yield
        except NeedsReauth:
            await self._engine.store.writing(
                way.connection.scope, lambda session: faults.expire(session, way.connection))
            raise
        finally:
            if (calls := self._shop.meter.calls - self._counted) > 0:
                self._counted += calls
                await self._engine.store.writing(
                    way.connection.scope, lambda session: call_counts.add(session, way.connection.id, calls))

    async def _began(self) -> int:
        connection = self._way.connection
        return await self._engine.store.reading(
            connection.scope, lambda session: changes.newest(session, connection.company_id))

    async def _mapped(self, page: Page) -> MappedPage:
        way = self._way
        return await asyncio.to_thread(map_page, way.stream, page, way.connection.settings, way.unwanted)

    async def _keep(self, page: MappedPage, began: int) -> None:
        """One commit; another one without what a write has overtaken."""
        overtaken: Overtaken | None = None
        while True:
            calls = self._shop.meter.calls - self._counted
            commit: Callable[[Session], None] = partial(
                self._commit, page=page, began=began, calls=calls, overtaken=overtaken)
            try:
                await self._engine.store.writing(self._way.connection.scope, commit)
            except Overtaken as late:
                overtaken = late.and_also(overtaken)
                continue
            self._counted += calls
            return

    def _commit(
        self, session: Session, page: MappedPage, began: int, calls: int, overtaken: Overtaken | None,
    ) -> None:
        connection, target = self._way.connection, self._target
        current = connections.locked(session, connection.id)
        if current is None:
            raise not_found("connection", connection.id)
        if current.status == "DISCONNECTED":
            raise operation_denied(f"connection {connection.id} was disconnected meanwhile.", field="connection_id")
        # What comes before the first read is over belongs to it, and is told as it.
        first = cursors.get(session, connection.id, target.stream).scanned_at is None
        outcome = (upsert(session, target, page.prepared, cause="live", initial=first) if overtaken is None
                   else upsert_again(session, target, page.families, overtaken, cause="live"))
        Watch(target, began).look(session, outcome)
        if page.strays:
            strays.set_aside(session, target.company_id, target.connection_id, target.stream, None, page.strays)
        call_counts.add(session, connection.id, calls)


def _uids(page: MappedPage, way: Reach) -> list[str]:
    found: dict[str, None] = {}
    for family in page.families:
        for one in (family.parent, *family.children):
            if noun_of(one.record).name == way.noun:
                found[one.record.platform_unique_id] = None
    return list(found)
