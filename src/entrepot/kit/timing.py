"""Time as the kit sees it, so that tests can have their own."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Protocol

from entrepot import clock


class Timing(Protocol):
    """A clock that can be waited on."""

    def now(self) -> datetime:
        """The present, aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class WallClock:
    """The real one."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        return clock.now()

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


WALL_CLOCK = WallClock()
