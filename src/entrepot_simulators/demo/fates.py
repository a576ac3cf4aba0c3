"""What becomes of an order after it was placed: 101 fates, each a row of (delay, event), dealt out by the index.

An order changes by itself only at these moments, and never later than ``LIFETIME`` after it was placed; a filter by
time of change therefore looks at that much of the timeline and no further.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from entrepot_simulators.demo.chance import Draws
from entrepot_simulators.demo.moments import DAY, HOUR, MINUTE

PERIOD = 101
LIFETIME = 32 * DAY

# Kind, how many of the 101, and the events in order with the earliest and latest delay after the one before.
_KINDS: tuple[tuple[int, tuple[tuple[str, int, int], ...]], ...] = (
    (34, (("charge", MINUTE, HOUR), ("pack", 2 * HOUR, 12 * HOUR), ("send", HOUR, 20 * HOUR),
          ("arrive", DAY, 5 * DAY))),
    (14, (("authorise", MINUTE, 5 * MINUTE), ("pack", 3 * HOUR, 10 * HOUR), ("capture_send", HOUR, 9 * HOUR),
          ("arrive", DAY, 4 * DAY))),
    (9, (("charge", MINUTE, HOUR), ("send_first", 5 * HOUR, 24 * HOUR), ("send_rest", DAY, 3 * DAY),
         ("arrive", DAY, 5 * DAY))),
    (8, (("charge", MINUTE, HOUR), ("send", 8 * HOUR, 24 * HOUR), ("arrive", DAY, 5 * DAY),
         ("refund_part", 2 * DAY, 12 * DAY))),
    (6, (("charge", MINUTE, HOUR), ("send", 8 * HOUR, 24 * HOUR), ("arrive", DAY, 5 * DAY),
         ("refund_all", 3 * DAY, 20 * DAY))),
    (6, (("authorise", MINUTE, HOUR), ("cancel", 12 * HOUR, 3 * DAY))),
    (5, (("decline", MINUTE, HOUR), ("charge", 10 * MINUTE, 20 * HOUR), ("send", 8 * HOUR, 24 * HOUR),
         ("arrive", DAY, 5 * DAY))),
    (9, (("await_transfer", MINUTE, HOUR), ("receive_transfer", DAY, 4 * DAY), ("pack", 2 * HOUR, 12 * HOUR),
         ("send", HOUR, 20 * HOUR), ("arrive", DAY, 5 * DAY))),
    (2, (("charge", MINUTE, HOUR), ("wonder", HOUR, DAY))),
    (3, (("charge", MINUTE, HOUR), ("send", 8 * HOUR, 24 * HOUR), ("lose", 4 * DAY, 8 * DAY))),
    (5, (("remind", DAY, 2 * DAY),)),
)


@dataclass(frozen=True)
class Fate:
    """``delays``: milliseconds after placing, ascending; ``events``: what happens at each."""

    delays: tuple[int, ...]
    events: tuple[str, ...]

    def steps(self, age: int) -> int:
        """How many events have happened at that age."""
        done = 0
        for delay in self.delays:
            if delay > age:
                break
            done += 1
        return done


@cache
def fates() -> tuple[Fate, ...]:
    """All of them, in the order of :func:`slot`."""
    kinds = [events for share, events in _KINDS for _ in range(share)]
    made = []
    for slot, events in enumerate(kinds):
        draws, at, delays = Draws(0xFA7E, slot), 0, []
        for _, least, most in events:
            at += draws.between(least // 1000, most // 1000) * 1000
            delays.append(at)
        made.append(Fate(tuple(delays), tuple(event for event, _, _ in events)))
    return tuple(made)


def slot(index: int) -> int:
    """Which fate an order has; neighbours differ."""
    return index * 37 % PERIOD
