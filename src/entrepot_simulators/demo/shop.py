"""The shop: what is generated and what was changed by hand, put together."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec

from entrepot_simulators.demo.buyers import Buyers
from entrepot_simulators.demo.catalogue import Catalogue
from entrepot_simulators.demo.http import Refusal
from entrepot_simulators.demo.ledger import Ledger
from entrepot_simulators.demo.listing import Listing, Source
from entrepot_simulators.demo.moments import written
from entrepot_simulators.demo.orders import Orders
from entrepot_simulators.demo.settings import Settings
from entrepot_simulators.demo.stock import Stock
from entrepot_simulators.demo.timeline import Timeline

T = TypeVar("T", bound=msgspec.Struct)


def _now() -> int:
    return time.time_ns() // 1_000_000


class Shop:
    """One process's view of the shop in a home. What the first process found there holds for all later ones."""

    def __init__(self, home: Path, settings: Settings, clock: Callable[[], int] = _now) -> None:
        self.settings = settings
        self.clock = clock
        self.ledger = Ledger(settings.file(home))

    @cached_property
    def timeline(self) -> Timeline:
        """Fixed when the shop was first opened."""
        return Timeline(
            opened_ms=self.ledger.fact("opened_ms", self.clock()),
            orders=self.ledger.fact("orders", self.settings.orders),
            per_hour=self.ledger.fact("per_hour", self.settings.per_hour),
        )

    @cached_property
    def seed(self) -> int:
        """Fixed likewise."""
        return self.ledger.fact("seed", self.settings.seed)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The generated articles."""
        size = self.ledger.fact("articles", self.settings.articles)
        return Catalogue(self.seed, size, self.timeline.placed(0))

    @cached_property
    def buyers(self) -> Buyers:
        """The generated buyers."""
        return Buyers(self.seed, self.timeline)

    @cached_property
    def orders(self) -> Orders:
        """The generated orders."""
        return Orders(self.seed, self.timeline, self.buyers, self.catalogue)

    @cached_property
    def stock(self) -> Stock:
        """The generated stock rows."""
        return Stock(self.catalogue)

    @cached_property
    def listings(self) -> dict[str, Listing]:
        """Noun to its lists."""
        sources: tuple[Source, ...] = (self.buyers, self.catalogue, self.orders, self.stock)
        return {source.noun: Listing(source, self.ledger) for source in sources}

    def now(self) -> int:
        """The shop's time: the clock's unless it was stopped, and whatever it was moved on by hand."""
        return (self.ledger.fact("stopped_ms", 0) or self.clock()) + self.ledger.fact("moved_on_ms", 0)

    def set_clock(self, advance_ms: int, stopped: bool | None) -> None:
        """Move the shop's time on; stop it, or (False) let it run again. Holds for all processes."""
        with self.ledger.writing():
            self.ledger.set_fact("moved_on_ms", self.ledger.fact("moved_on_ms", 0) + advance_ms)
            if stopped is not None:
                self.ledger.set_fact("stopped_ms", self.clock() if stopped else 0)

    def shown(self, noun: str, ident: str, now: int) -> tuple[bytes, int | None]:
        """An object's JSON, and its index when it is a generated one. Refuses with 404 what is not there."""
        kept = self.ledger.get(noun, ident)
        if kept is not None and kept.body is not None:
            return kept.body, kept.base
        source = self.listings[noun].source
        index = source.index_of(ident, now) if kept is None else None
        if index is None:
            raise Refusal(404, "not_found", f"There is no {noun} {ident}.")
        return source.shown(index, now), index

    def document(self, noun: str, ident: str, kind: type[T], now: int) -> tuple[T, int | None]:
        """The same, read."""
        body, base = self.shown(noun, ident, now)
        return msgspec.json.decode(body, type=kind), base

    def has(self, noun: str, ident: str, now: int) -> bool:
        """Whether it is there."""
        kept = self.ledger.get(noun, ident)
        if kept is not None:
            return kept.body is not None
        return self.listings[noun].source.index_of(ident, now) is not None

    def keep(self, noun: str, ident: str, base: int | None, document: msgspec.Struct, now: int,
             natural: str | None = None) -> bytes:
        """Store an object as it is now; answers its JSON."""
        body = msgspec.json.encode(document)
        self.ledger.put(noun, ident, base, body, now, natural)
        return body

    def remove(self, noun: str, ident: str, now: int) -> bytes:
        """Delete an object, leaving a tombstone; answers what the API says to that."""
        _, base = self.shown(noun, ident, now)
        self.ledger.bury(noun, ident, base, now)
        return msgspec.json.encode({"id": ident, "deleted_at": written(now)})
