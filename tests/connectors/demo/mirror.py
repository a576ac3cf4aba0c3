"""What the engine does with a connector's pages, without a database: enough to compare a read with the shop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.connection import Access, Kit
from entrepot.kit.installed import load
from entrepot.kit.shop import ShopClient
from entrepot.kit.spec import Change, Family, Marks, Mode, Page, Start, Stream
from entrepot.model.base import Record
from entrepot.model.registry import noun_of
from tests.simulators.caller import Caller

T = TypeVar("T")
INSTALLED = load("entrepot.connectors.demo")
KIND = INSTALLED.manifest.integration_type
Held = dict[tuple[str, str], Record]
"""Noun and own id to record."""


@dataclass
class Mirror:
    """A connection to a demo shop and everything that was read from it."""

    home: Path
    size: int = 300
    token: str = "demo-token"
    held: Held = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=dict)
    changed: int = 0
    """Records that were new or different, since the mirror was made."""

    def __post_init__(self) -> None:
        self.runner = asyncio.Runner()
        self.kit = Kit({KIND: INSTALLED}, allow_private=AllowPrivate(), home=self.home)
        self.caller = Caller(self.home, orders=self.size, articles=40)
        self.caller.stop_clock()
        self.settings: dict[str, str] = {"orders": str(self.size)}
        self.settings |= self.wait(INSTALLED.connector.probe(self.shop()))

    def close(self) -> None:
        """Let go of everything."""
        self.runner.run(self.kit.close())
        self.runner.close()

    def wait(self, work: Awaitable[T]) -> T:
        """Run it to its end."""

        async def run() -> T:
            return await work

        return self.runner.run(run())

    def shop(self) -> ShopClient:
        """The connection's shop."""
        return self.kit.shop(Access(KIND, {"token": self.token}, getattr(self, "settings", {})))

    def pages(self, name: str, start: Start, at_most: int = 10_000) -> list[Page]:
        """The pages of one read, which may stop early."""

        async def read() -> list[Page]:
            found = []
            async for page in INSTALLED.connector.stream(name).read(self.shop(), start):
                found.append(page)
                if len(found) >= at_most:
                    break
            return found

        return self.runner.run(read())

    def sync(self, name: str, mode: Mode = "incremental", stop_after: int = 10_000) -> list[Page]:
        """Read a stream, in several goes of ``stop_after`` pages, and keep what it brings."""
        stream = INSTALLED.connector.stream(name)
        since = self.marks.get(name, {}) if mode == "incremental" else {}
        bookmark: Marks | None = None
        watermark: dict[str, str] = {}
        found: list[Page] = []
        seen: set[str] = set()
        while True:
            part = self.pages(name, Start(mode, since, bookmark), stop_after)
            for page in part:
                seen |= self._take(stream, page)
                watermark |= page.watermark
            found += part
            bookmark = part[-1].bookmark
            if bookmark is None:
                break
        if mode == "full" and stream.sweep:
            for uid in [uid for noun, uid in self.held if noun == stream.nouns[0] and uid not in seen]:
                if not uid.startswith("guest_"):  # those belong to the stream of orders
                    self._drop(stream, uid)
        self.marks[name] = watermark
        return found

    def _take(self, stream: Stream, page: Page) -> set[str]:
        seen = set()
        for raw in page.rows:
            family = stream.map(raw, self.settings)
            seen.add(family.parent.record.platform_unique_id)
            self.keep(stream, family)
        for uid in page.gone:
            self._drop(stream, uid)
        return seen

    def keep(self, stream: Stream, family: Family) -> None:
        """Store a family: children that it no longer has are gone."""
        self._drop_children(stream, family.parent.record.platform_unique_id, {
            (noun_of(one.record).name, one.record.platform_unique_id) for one in family.children})
        for one in (family.parent, *family.children, *family.loose):
            key = (noun_of(one.record).name, one.record.platform_unique_id)
            self.changed += self.held.get(key) != one.record
            self.held[key] = one.record

    def _drop(self, stream: Stream, uid: str) -> None:
        self.held.pop((stream.nouns[0], uid), None)
        self._drop_children(stream, uid, set())

    def _drop_children(self, stream: Stream, uid: str, still: set[tuple[str, str]]) -> None:
        for key in [key for key, record in self.held.items()
                    if key[0] in stream.nouns[1:] and getattr(record, "order_id", None) == uid and key not in still]:
            del self.held[key]

    def of(self, noun: str) -> dict[str, Record]:
        """What is held of a noun."""
        return {uid: record for (name, uid), record in self.held.items() if name == noun}

    def write(
        self, kind: str, record: Record, given: set[str], *, target: str | None = None, marker: str = "op-1",
        extra: Mapping[str, str] | None = None, current: bytes | None = None,
    ) -> Record:
        """Check, perform, read back, as the engine does; answers the written record."""
        noun = noun_of(record).name
        action = INSTALLED.connector.action(noun, kind)
        assert action is not None
        assert action.check is not None
        change = Change("create" if kind == "create" else "update", record, frozenset(given), marker, target, current,
                        extra or {})
        action.check(change, self.settings)
        own = self.wait(action.perform(self.shop(), change))
        stream = INSTALLED.connector.stream(action.stream)
        assert stream.fetch is not None
        family = stream.map(self.wait(stream.fetch(self.shop(), own)), self.settings)
        self.keep(stream, family)
        return self.held[noun, action.result(family, change) if action.result else own]

    def find(self, record: Record, marker: str) -> str | None:
        """What the connector finds of a create whose outcome is unknown."""
        action = INSTALLED.connector.action(noun_of(record).name, "create")
        assert action is not None
        assert action.find is not None
        change = Change("create", record, frozenset(), marker)
        return self.wait(action.find(self.shop(), change, "2020-01-01T00:00:00.000Z"))
