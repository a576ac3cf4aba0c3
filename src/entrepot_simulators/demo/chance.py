"""Numbers that look like chance and are the same every time: a function of a seed and an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


def mixed(seed: int, index: int) -> int:
    """64 well-mixed bits of (seed, index)."""
    z = (index * 0x9E3779B97F4A7C15 + seed) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class Draws:
    """A row of draws from one (seed, index), for what is built once and kept; too slow for a page of orders."""

    def __init__(self, seed: int, index: int) -> None:
        self._seed = mixed(seed, index)
        self._step = 0

    def below(self, bound: int) -> int:
        """An integer from 0 up to, not including, ``bound``."""
        self._step += 1
        return mixed(self._seed, self._step) % bound

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[self.below(len(options))]

    def odds(self, percent: int) -> bool:
        """True that often in a hundred."""
        return self.below(100) < percent
