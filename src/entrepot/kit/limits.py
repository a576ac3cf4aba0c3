"""How fast one connection may call its platform from this process: so many at once, so many a minute.

A short wait is waited for here; a long one is handed to the engine as Throttled, so that the worker is free meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from entrepot.errors import Throttled
from entrepot.kit.timing import Timing

PATIENCE_S = 5.0
"""Longest wait for the budget inside a call; longer ones release the worker."""
_BURST_S = 10.0
"""A connection that was idle may spend so many seconds' worth of budget at once."""
_LANES = 4096


class Lane:
    """The budget of one connection."""

    def __init__(self, timing: Timing, concurrent: int, per_minute: int | None) -> None:
        self._timing = timing
        self._places = asyncio.Semaphore(concurrent)
        self._rate = per_minute / 60.0 if per_minute else None
        self._burst = max(1.0, self._rate * _BURST_S) if self._rate else 0.0
        self._left = self._burst
        self._counted_at = timing.monotonic()
        self._until: datetime | None = None
        self.inside = 0
        """Calls that are under way or waiting."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[float]:
        """Hold one place for one call; gives the seconds waited for the budget. Raises Throttled."""
        self.inside += 1
        try:
            async with self._places:
                yield await self._take()
        finally:
            self.inside -= 1

    def pause(self, until: datetime) -> None:
        """The platform asked us to wait: no call of this process before then."""
        if self._until is None or until > self._until:
            self._until = until

    async def _take(self) -> float:
        now = self._timing.now()
        if self._until is not None and now < self._until:
            raise Throttled("The platform asked us to wait", until=self._until)
        if self._rate is None:
            return 0.0
        at = self._timing.monotonic()
        self._left = min(self._burst, self._left + (at - self._counted_at) * self._rate)
        self._counted_at = at
        wait = max(0.0, (1.0 - self._left) / self._rate)
        if wait > PATIENCE_S:
            raise Throttled("The connection's budget of calls is spent", until=now + timedelta(seconds=wait))
        self._left -= 1.0
        if wait > 0:
            await self._timing.sleep(wait)
        return wait


class Lanes:
    """The lanes of this process by connection; idle ones are forgotten when there are many."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._lanes: OrderedDict[bytes, Lane] = OrderedDict()

    def lane(self, key: bytes, concurrent: int, per_minute: int | None) -> Lane:
        """The lane of a key, made when it is first asked for."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(self._timing, concurrent, per_minute)
            self._forget()
        self._lanes.move_to_end(key)
        return lane

    def _forget(self) -> None:
        for key in list(self._lanes)[: max(0, len(self._lanes) - _LANES)]:
            if self._lanes[key].inside == 0:
                del self._lanes[key]
