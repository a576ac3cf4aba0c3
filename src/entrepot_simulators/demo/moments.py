"""Times as the shop keeps them (milliseconds since 1970) and writes them (``2026-01-05T10:20:30.400Z``)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 365 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES = [b"%02d:%02d:" % (hour, minute) for hour in range(24) for minute in range(60)]
_SECONDS = [b"%02d." % number for number in range(60)]
_REST = [b"%03dZ" % number for number in range(1000)]
_DAYS: dict[int, bytes] = {}


def written_bytes(ms: int) -> bytes:
    """Milliseconds as text. Four times as fast as datetime, which matters five times an order."""
    seconds, rest = divmod(ms, 1000)
    day, second = divmod(seconds, 86400)
    return (_DAYS.get(day) or _remember(day)) + _MINUTES[second // 60] + _SECONDS[second % 60] + _REST[rest]


def written(ms: int) -> str:
    """The same as ``str``."""
    return written_bytes(ms).decode()


def _remember(day: int) -> bytes:
    if len(_DAYS) > 4096:
        _DAYS.clear()
    _DAYS[day] = text = f"{_EPOCH + timedelta(days=day):%Y-%m-%dT}".encode()
    return text


def read(text: str) -> int:
    """Text with a zone (or a bare date, taken as UTC) as milliseconds; ValueError when it is neither."""
    at = datetime.fromisoformat(text)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)
