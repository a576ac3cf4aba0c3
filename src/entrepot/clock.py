"""The one place that reads the time.

Times inside are aware UTC ``datetime`` or integers of milliseconds since 1970 (columns). Outside they are
always ``YYYY-MM-DDTHH:MM:SS.mmmZ``.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """The present as an aware UTC time."""
    return datetime.now(UTC)


def now_ms() -> int:
    """The present in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def to_ms(at: datetime) -> int:
    """An aware time in milliseconds since 1970; what is finer is cut off."""
    return (at - EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The aware UTC time of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)


def text(at: datetime) -> str:
    """An aware time as the API writes it: ``2024-01-22T05:07:31.465Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def text_ms(ms: int) -> str:
    """Milliseconds since 1970 as the API writes them."""
    return text(from_ms(ms))
