"""A date before which nothing is wanted, as callers write it and as it is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from entrepot import clock
from entrepot.errors import ApiError, invalid_params

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].+)?")


def from_date(text: str | None, field: str) -> str | None:
    """``2024-01-31`` or a date-time, without a zone taken as UTC, as ``2024-01-31T00:00:00.000Z``: such texts compare
    as their times do. None (or an empty text) stays None. ApiError naming the field."""
    if not text:
        return None
    try:
        if not _SHAPE.fullmatch(text):
            raise ValueError(text)
        at = datetime.fromisoformat(text)
        return clock.text(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as problem:
        raise _wrong(field) from problem


def _wrong(field: str) -> ApiError:
    return invalid_params(field, "Send an ISO 8601 date or date-time, 2024-01-31 or 2024-01-31T08:00:00Z say.")
