"""A clock that moves only when it is told to, or slept on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """Implements :class:`entrepot.kit.timing.Timing`. Sleeping moves it and takes no time."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self.slept_s = 0.0
        """Seconds slept in all."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the start."""
        return (self._now - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept_s += seconds
        self.move(seconds)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
