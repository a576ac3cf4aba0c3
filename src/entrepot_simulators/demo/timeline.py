"""When each generated order was placed, and how many there are by now.

Orders 0 to N-1 were placed before the shop opened its books here (``opened_ms``), evenly spread over at most three
years; later ones arrive a few an hour. Placement times never decrease with the index, so that any span of time is a
span of indexes, found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

from entrepot_simulators.demo.moments import HOUR, MINUTE, YEAR

_BACK_AT_MOST = 3 * YEAR
_GAP_AT_MOST = 20 * MINUTE


@dataclass(frozen=True)
class Timeline:
    """``orders``: how many lie in the past; ``per_hour``: how many arrive later (0: none)."""

    opened_ms: int
    orders: int
    per_hour: int = 3

    @cached_property
    def gap(self) -> int:
        """Milliseconds between past orders."""
        return max(1, min(_GAP_AT_MOST, _BACK_AT_MOST // max(1, self.orders)))

    def placed(self, index: int) -> int:
        """When the order was placed. Every tenth shares the very millisecond of the one before it, as happens."""
        if index % 10 == 1 and index != self.orders:
            index -= 1
        if index < self.orders:
            gap = self.gap
            return self.opened_ms - (self.orders - index) * gap + index * 104729 % gap
        gap = HOUR // max(1, self.per_hour)
        return self.opened_ms + (index - self.orders) * gap + index * 104729 % gap

    def count(self, at: int) -> int:
        """How many orders have been placed by then."""
        return bisect_right(range(self._bound(at)), at, key=self.placed)

    def first_since(self, since: int, at: int) -> int:
        """The index of the first order placed at or after ``since``, seen from ``at``."""
        return bisect_left(range(self.count(at)), since, key=self.placed)

    def _bound(self, at: int) -> int:
        if not self.per_hour or at < self.opened_ms:
            return self.orders
        return self.orders + (at - self.opened_ms) * self.per_hour // HOUR + 2
