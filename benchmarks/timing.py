"""How often a thing is measured, and which of the numbers counts."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Sides:
    """Seconds of our side and of the other, in turns, so that a neighbour's noise meets both."""

    ours: tuple[float, ...]
    other: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How many times as fast ours is: the best of each, since noise only ever adds."""
        return min(self.other) / min(self.ours)


def in_turns(ours: Callable[[], object], other: Callable[[], object], rounds: int) -> Sides:
    """Measure both, one after the other, ``rounds`` times."""
    mine, theirs = [], []
    for _ in range(rounds):
        mine.append(seconds(ours))
        theirs.append(seconds(other))
    return Sides(tuple(mine), tuple(theirs))


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of one call, from a collected heap."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def middle_ratio(pairs: list[tuple[float, float]]) -> float:
    """The median of first over second: of rates that were measured in turns."""
    return median(first / second for first, second in pairs)
