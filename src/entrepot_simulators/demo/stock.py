"""How many of each variant lie where: generated rows that are sold down and refilled as time passes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import msgspec

from entrepot_simulators.demo.catalogue import Catalogue
from entrepot_simulators.demo.chance import mixed
from entrepot_simulators.demo.documents import Address, Location, StockRow
from entrepot_simulators.demo.moments import DAY, MINUTE, read, written

LOCATIONS = (
    Location(id="loc_1", name="Warehouse Kranich", address=Address(
        street="Speicherweg 1", city="Alt-Kranich", region="Hamburg", postcode="20999", country="DE")),
    Location(id="loc_2", name="Shop Puerto Claro", address=Address(
        street="Calle del Faro 9", quarter="Centro", city="Puerto Claro", region="Cádiz", postcode="11999",
        country="ES")),
)
_QUICKEST, _SLOWEST = 2 * DAY, 20 * DAY


class Level(NamedTuple):
    """Where a generated row stands at a time."""

    on_hand: int
    reserved: int
    updated_ms: int


class Stock:
    """The rows of the generated catalogue: two locations for each variant, in the catalogue's order."""

    noun = "stock"

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.seed = catalogue.seed ^ 0x57
        self._at = LOCATIONS

    @cached_property
    def rows(self) -> list[StockRow]:
        """Every row without its numbers."""
        return [
            StockRow(
                id=row_id(variant.id, location.id), article_id=article.id, variant_id=variant.id, sku=variant.sku,
                title=" ".join(filter(None, (article.title, variant.title))), location=location,
                tracked=bool(variant.tracked), reorder_at=10, reorder_amount=60,
                created_at=article.created_at, updated_at=article.created_at, changed_at=article.created_at,
            )
            for article in self.catalogue.articles for variant in article.variants for location in self._at
        ]

    @cached_property
    def index(self) -> dict[str, int]:
        """Row id to index."""
        return {row.id: index for index, row in enumerate(self.rows)}

    def level(self, index: int, now: int) -> Level:
        """Sold down from a full shelf, one step every 2 to 20 days, then refilled."""
        bits = mixed(self.seed, index)
        step = _QUICKEST + bits % (_SLOWEST - _QUICKEST) // MINUTE * MINUTE
        full = 20 + (bits >> 20) % 90
        gone, since = divmod(now - (bits >> 40) % step, step)
        left = full - gone % (full + 1)
        return Level(left, min(left, (bits >> 30) % 4), now - since)

    def count(self, at: int) -> int:
        """How many rows there are."""
        return len(self.rows)

    def changed_ms(self, index: int, now: int) -> int:
        """When the row last moved."""
        return self.level(index, now).updated_ms

    def changed(self, first: int, since: int, at: int) -> Iterator[int]:
        """The rows from ``first`` on that moved at or after ``since``. Walks the rows: a catalogue is small."""
        return (index for index in range(first, len(self.rows)) if self.level(index, at).updated_ms >= since)

    def count_changed(self, since: int, at: int) -> int:
        """How many they are."""
        return sum(1 for _ in self.changed(0, since, at))

    def created_ms(self, index: int) -> int:
        """When its article was made."""
        return read(self.rows[index].created_at)

    def first_created(self, since: int, at: int) -> int:
        """They lie in no order of time."""
        return 0

    def id_of(self, index: int) -> str:
        """The id of an index."""
        return self.rows[index].id

    def index_of(self, ident: str, at: int) -> int | None:
        """The index of a generated row's id, or None."""
        return self.index.get(ident)

    def shown(self, index: int, now: int) -> bytes:
        """The row as the API shows it."""
        level = self.level(index, now)
        row = msgspec.structs.replace(
            self.rows[index], on_hand=level.on_hand, reserved=level.reserved, incoming=60 if level.on_hand < 5 else 0,
            updated_at=written(level.updated_ms), changed_at=written(level.updated_ms),
        )
        return msgspec.json.encode(settle(row))


def settle(row: StockRow) -> StockRow:
    """Work out what follows from the other numbers."""
    row.free = row.on_hand - row.reserved
    row.state = "none" if row.free <= 0 else "few" if row.free <= (row.reorder_at or 0) else "enough"
    return row


def row_id(variant: str, location: str) -> str:
    """``var_00007_3.loc_1``."""
    return f"{variant}.{location}"
