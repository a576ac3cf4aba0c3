"""What a value of a payload might have been instead: same kind, different meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from entrepot.kit.testing.leaves import GONE

MOST_SEEN = 12
"""Values of the same path in other rows that are tried: enough for every status that was recorded."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ANYTHING = ("other", 7, Decimal("7.25"), True, "2019-03-04T05:06:07.000Z")
"""For a value that is null in the row at hand: what does not fit the payload's type is refused by the mapping."""


def otherwise(value: Any, seen: Sequence[Any]) -> list[Any]:
    """Other values for one leaf, different from it and from each other, at least one."""
    found: list[Any] = []
    for candidate in (*_kindred(value), *seen[:MOST_SEEN], None, GONE):
        if not _same(candidate, value) and not any(_same(candidate, known) for known in found):
            found.append(candidate)
    return found


def _kindred(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | Decimal):
        yield from (value + 1, value * 10 + 3, 0)
    elif isinstance(value, str):
        yield from _texts(value)
    elif value is None:
        yield from _ANYTHING


def _texts(value: str) -> Iterator[str]:
    if _NUMBER.fullmatch(value):
        yield from (str(Decimal(value) + 1), "0")
    elif (moved := _later(value)) is not None:
        yield moved
    elif re.fullmatch(r"[A-Za-z]{3}", value):
        yield from (_cased("jpy", value), _cased("chf", value))  # a currency; one of them has no minor digits
    elif re.fullmatch(r"[A-Za-z]{2}", value):
        yield _cased("fr", value)
    yield from (f"{value}x", "")


def _later(value: str) -> str | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    later = (at + timedelta(days=401, seconds=61)).isoformat()
    if len(value) == len("2019-03-04"):
        return later[:10]
    return later.replace("+00:00", "Z") if value.endswith("Z") else later


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
