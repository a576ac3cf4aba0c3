"""Times as the API writes them, in a quarter of a microsecond: five of them stand in every order."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from entrepot.clock import text_ms

_ENCODE = msgspec.json.Encoder().encode
_MILLISECONDS = tuple(f".{ms:03}Z" for ms in range(1000))


def time_text(at: datetime) -> str:
    """An aware time as ``2024-01-22T05:07:31.465Z``; the same as :func:`entrepot.clock.text`, four times as fast."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return _ENCODE(at)[1:20].decode() + _MILLISECONDS[at.microsecond // 1000]


def ms_text(ms: int) -> str:
    """Milliseconds since 1970 in the same form. Records of one commit share their seconds, hence the cache."""
    return _second(ms // 1000) + _MILLISECONDS[ms % 1000]


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return text_ms(seconds * 1000)[:19]
