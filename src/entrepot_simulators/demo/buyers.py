"""The generated buyers: one for every fourth order, each with an account from just before that order on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from entrepot_simulators.demo.moments import HOUR, MINUTE, written
from entrepot_simulators.demo.money import DIGITS
from entrepot_simulators.demo.people import Person, person
from entrepot_simulators.demo.timeline import Timeline

_HEAD_START = MINUTE
_CONFIRMED = 26 * HOUR
"""Every fifth buyer confirms the newsletter a day later; the only change that comes by itself."""
_CURRENCY = tuple(DIGITS)


class Buyers:
    """Generated buyers by index."""

    noun = "buyer"

    def __init__(self, seed: int, timeline: Timeline) -> None:
        self.seed = seed ^ 0xB0B
        self.timeline = timeline

    def created(self, index: int) -> int:
        """When the account was opened."""
        return self.timeline.placed(4 * index) - _HEAD_START

    def count(self, at: int) -> int:
        """How many there are by then."""
        return (self.timeline.count(at + _HEAD_START) + 3) // 4

    def person(self, index: int) -> Person:
        """Who it is."""
        return person(self.seed, index, "buyer")

    def changed_ms(self, index: int, now: int) -> int:
        """When the buyer last changed by itself."""
        created = self.created(index)
        return created + _CONFIRMED if index % 5 == 0 and created + _CONFIRMED <= now else created

    def changed(self, first: int, since: int, at: int) -> Iterator[int]:
        """The indexes from ``first`` on that changed at or after ``since``, seen from ``at``."""
        oldest, created_since = self._window(since, at)
        for index in range(max(first, oldest), created_since):
            if self.changed_ms(index, at) >= since:
                yield index
        yield from range(max(first, created_since), self.count(at))

    def count_changed(self, since: int, at: int) -> int:
        """How many they are; counts who came since without walking them."""
        oldest, created_since = self._window(since, at)
        moved = sum(self.changed_ms(index, at) >= since for index in range(oldest, created_since))
        return moved + self.count(at) - created_since

    def _window(self, since: int, at: int) -> tuple[int, int]:
        everybody = range(self.count(at))
        return (bisect_left(everybody, since - _CONFIRMED, key=self.created),
                bisect_left(everybody, since, key=self.created))

    def created_ms(self, index: int) -> int:
        """When the account was opened."""
        return self.created(index)

    def first_created(self, since: int, at: int) -> int:
        """The first who came since."""
        return bisect_left(range(self.count(at)), since, key=self.created)

    def shown(self, index: int, now: int) -> bytes:
        """The buyer as the API shows it."""
        who = self.person(index)
        changed = written(self.changed_ms(index, now))
        firm = f'"{who.company}"' if who.company else "null"
        vat = f'"EU{index:09d}"' if who.company else "null"
        newsletter = index % 5 == 0 and self.created(index) + _CONFIRMED <= now
        return (
            f'{{"id":"{buyer_id(index)}","client_reference":null,"full_name":"{who.given} {who.family}",'
            f'"given_name":"{who.given}","family_name":"{who.family}","company":{firm},"email":"{who.email}",'
            f'"phone":"{who.phone}","currency":"{_CURRENCY[index % 6]}","state":"{_state(index)}",'
            f'"tax_number":{vat},"note":null,"tags":{_tags(index)},"newsletter":{"true" if newsletter else "false"},'
            f'"addresses":[{{"id":"adr_{index:08d}_1","role":"billing",{who.address.decode()}],'
            f'"created_at":"{written(self.created(index))}","updated_at":"{changed}","changed_at":"{changed}"}}'
        ).encode()

    def id_of(self, index: int) -> str:
        """The id of an index."""
        return buyer_id(index)

    def index_of(self, ident: str, at: int) -> int | None:
        """The index of a generated buyer's id, or None."""
        digits = ident.removeprefix("buy_")
        index = int(digits) if digits.isascii() and digits.isdigit() else -1
        return index if 0 <= index < self.count(at) and buyer_id(index) == ident else None

    def of_email(self, email: str, at: int) -> int | None:
        """The index of the generated buyer with that mail address, or None."""
        digits = email.lower().removeprefix("buyer").split("@")[0]
        index = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 15 else -1
        known = 0 <= index < self.count(at) and self.person(index).email == email.lower()
        return index if known else None


def buyer_id(index: int) -> str:
    """``buy_00000042``."""
    return f"buy_{index:08d}"


def _state(index: int) -> str:
    if index % 61 == 60:
        return "vip-on-probation"
    return "suspended" if index % 83 == 82 else "inactive" if index % 37 == 36 else "active"


def _tags(index: int) -> str:
    return '["regular"]' if index % 4 == 0 else '["press","friend"]' if index % 31 == 5 else "[]"
