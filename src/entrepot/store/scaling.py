"""How values are scaled into integers that compare alike in both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from entrepot.clock import to_ms

LARGEST = 2**63 - 1
TEXT_LIMIT = 500
"""Characters of an indexed text that its column keeps: PostgreSQL refuses index entries above 2 704 bytes."""
_MILLION = Decimal(1_000_000)


def money(value: Decimal) -> int:
    """Millionths, rounded half away from zero; what does not fit into 64 bits becomes the largest that does."""
    scaled = value * _MILLION
    whole = int(scaled)
    if whole != scaled:
        whole = int(scaled.to_integral_value(ROUND_HALF_UP))
    return whole if -LARGEST <= whole <= LARGEST else integer(whole)


def integer(value: int) -> int:
    """The integer, or the largest of its sign that fits into 64 bits."""
    return max(-LARGEST, min(LARGEST, value))


def clipped(value: str) -> str:
    """What the column of an indexed text keeps of it."""
    return value if len(value) <= TEXT_LIMIT else value[:TEXT_LIMIT]


def scaled_text(number: str | None) -> int | None:
    """Millionths of a JSON number; None of null."""
    return None if number is None or number == "null" else money(Decimal(number))


def ms_of_text(text: str | None) -> int | None:
    """Milliseconds since 1970 of an ISO time as documents hold it."""
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    return to_ms(at if at.tzinfo else at.replace(tzinfo=UTC))
