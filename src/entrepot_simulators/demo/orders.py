"""The generated orders: any of them, as JSON, from (seed, index, time) alone."""

from __future__ import annotations

from collections.abc import Iterator

from entrepot_simulators.demo import baskets, words
from entrepot_simulators.demo.baskets import Basket
from entrepot_simulators.demo.buyers import Buyers
from entrepot_simulators.demo.catalogue import Catalogue
from entrepot_simulators.demo.chance import mixed
from entrepot_simulators.demo.fates import LIFETIME, fates, slot
from entrepot_simulators.demo.moments import written_bytes
from entrepot_simulators.demo.people import person
from entrepot_simulators.demo.story import template
from entrepot_simulators.demo.timeline import Timeline

FIRST_NUMBER = 1001
_GUESTS_OF_16 = 3
_CHANNELS = (b"web", b"web", b"web", b"app", b"till", b"market-stall")
_REMARKS = (b"null",) * 13 + (b'"Please ring twice"', b'"Gift, no invoice in the parcel"', '"Für Oma, ♥"'.encode())
_TAGS = (b"[]",) * 6 + (b'["gift"]', b'["wholesale","net30"]')
_VISITS = tuple(
    f'{{"landing_page":"https://harbour.example.com{page}","campaign":"{words.CAMPAIGNS[number % 5]}",'
    f'"device":"{("phone", "desk", "tablet")[number % 3]}","agent":"Imaginary/1.{number} (example)"}}'.encode()
    for number, page in enumerate(words.PAGES)
)
_TIMES = tuple(f"t{number}" for number in range(10))


class Orders:
    """Generated orders by index."""

    noun = "order"

    def __init__(self, seed: int, timeline: Timeline, buyers: Buyers, catalogue: Catalogue) -> None:
        self.seed = seed ^ 0x0DE5
        self.timeline = timeline
        self.buyers = buyers
        self.catalogue = catalogue
        self._baskets: dict[int, Basket] = {}

    def count(self, at: int) -> int:
        """How many there are by then."""
        return self.timeline.count(at)

    def changed_ms(self, index: int, now: int) -> int:
        """When the order last changed by itself."""
        placed = self.timeline.placed(index)
        fate = fates()[slot(index)]
        steps = fate.steps(now - placed)
        return placed + fate.delays[steps - 1] if steps else placed

    def changed(self, first: int, since: int, at: int) -> Iterator[int]:
        """The indexes from ``first`` on that changed at or after ``since``, seen from ``at``. Starts a lifetime
        before ``since``: what is older had settled by then."""
        oldest, placed_since = self._window(since, at)
        for index in range(max(first, oldest), placed_since):
            if self.changed_ms(index, at) >= since:
                yield index
        yield from range(max(first, placed_since), self.count(at))

    def count_changed(self, since: int, at: int) -> int:
        """How many they are; counts what was placed since without walking it."""
        oldest, placed_since = self._window(since, at)
        moved = sum(self.changed_ms(index, at) >= since for index in range(oldest, placed_since))
        return moved + self.count(at) - placed_since

    def _window(self, since: int, at: int) -> tuple[int, int]:
        return self.timeline.first_since(since - LIFETIME, at), self.timeline.first_since(since, at)

    def created_ms(self, index: int) -> int:
        """When the order was placed."""
        return self.timeline.placed(index)

    def first_created(self, since: int, at: int) -> int:
        """The first that was placed since."""
        return self.timeline.first_since(since, at)

    def shown(self, index: int, now: int) -> bytes:
        """The order as the API shows it."""
        placed = self.timeline.placed(index)
        which = slot(index)
        fate = fates()[which]
        steps = fate.steps(now - placed)
        bits = mixed(self.seed, index)
        old = 2 * index < self.timeline.orders
        chosen = bits % (baskets.COUNT if old else baskets.COUNT - baskets.WITH_DELETED)
        basket = self._baskets.get(chosen) or self._basket(chosen)
        values = basket.values.copy()
        values["number"] = b"%d" % (FIRST_NUMBER + index)
        self._people(values, index, bits >> 12)
        values["remark"] = _REMARKS[bits >> 40 & 15]
        values["channel"] = _CHANNELS[(bits >> 44) % 6]
        values["tags"] = _TAGS[bits >> 47 & 7]
        values["visit"] = _VISITS[(bits >> 50) % 6]
        values["t0"] = written_bytes(placed)
        for number in range(steps):
            values[_TIMES[number + 1]] = written_bytes(placed + fate.delays[number])
        form = template(which, steps, free=basket.free, single=basket.lines == 1)
        return form.fill(values).replace(b"~", b"%08d" % index)

    def _people(self, values: dict[str, bytes], index: int, bits: int) -> None:
        if bits & 15 < _GUESTS_OF_16:
            who = person(self.seed, (bits >> 4) % (index // 8 + 1), "guest")
            values["buyer_id"] = values["buyer"] = b"null"
        else:
            number = (bits >> 4) % (index // 4 + 1)
            who = self.buyers.person(number)
            values["buyer_id"] = b'"buy_%08d"' % number
            values["buyer"] = (
                f'{{"id":"buy_{number:08d}","full_name":"{who.given} {who.family}","email":"{who.email}",'
                f'"language":"en","page":"https://desk.harbour.example.com/buyers/{number}"}}'.encode())
        values["email"], values["phone"] = who.email.encode(), who.phone.encode()
        values["bill"] = values["ship"] = who.address
        if bits & 0x3_8000_0000 == 0:
            values["ship"] = person(self.seed ^ 0x6F, bits & 0xFFFF, "gift").address

    def _basket(self, index: int) -> Basket:
        made = self._baskets[index] = baskets.basket(self.seed, index, self.catalogue)
        return made

    def id_of(self, index: int) -> str:
        """The id of an index."""
        return order_id(index)

    def index_of(self, ident: str, at: int) -> int | None:
        """The index of a generated order's id, or None."""
        digits = ident.removeprefix("ord_")
        index = int(digits) if digits.isascii() and digits.isdigit() else -1
        return index if 0 <= index < self.count(at) and order_id(index) == ident else None

    def of_number(self, number: str, at: int) -> int | None:
        """The index of the generated order with that number, or None."""
        index = int(number) - FIRST_NUMBER if number.isascii() and number.isdigit() and len(number) < 16 else -1
        return index if 0 <= index < self.count(at) else None


def order_id(index: int) -> str:
    """``ord_00000042``."""
    return f"ord_{index:08d}"
