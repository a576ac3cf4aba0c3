"""What a caller may send for one value, and what the model makes of it.

Each function answers the model's value, or :data:`ABSENT` for what counts as not given: null on the way in and the
empty string, which the documented bodies use for "nothing". Everything else that does not fit raises
``invalid-params`` naming where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from babel.numbers import is_currency

from entrepot.errors import invalid_params

ABSENT: Final = object()
"""Not given."""

Take = Callable[[object, str], object]
"""Value as decoded from JSON (numbers are int or Decimal) and where it stands (``data[0].name``)."""

# What money columns hold in both databases: 18 digits before the point, 8 behind it.
_WHOLE_DIGITS = 18
_PLACES = 8
_TEXT_LIMIT = 65_536
_LOST_PLUS = re.compile(r"([T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})$")
_CONTROL = re.compile(r"[\x00]|[\ud800-\udfff]")


def text(value: object, where: str) -> object:
    """A string. Numbers are refused: ids that look like numbers would lose their zeros silently."""
    if value is None or value == "":
        return ABSENT
    if not isinstance(value, str):
        raise invalid_params(where, "It must be a string.")
    if len(value) > _TEXT_LIMIT:
        raise invalid_params(where, f"It is longer than {_TEXT_LIMIT} characters.")
    if _CONTROL.search(value):
        raise invalid_params(where, "It holds a character that no text can hold.")
    return value


def reference(value: object, where: str) -> object:
    """A platform_id, platform_unique_id or rootfi_id; the last may come as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value, where)


def decimal(value: object, where: str) -> object:
    """A finite number of at most 18 digits before the point and 8 behind it, or a string of one."""
    if value is None or value == "":
        return ABSENT
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise invalid_params(where, "It must be a number.")
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError) as error:
        raise invalid_params(where, "It must be a number.") from error
    if not number.is_finite():
        raise invalid_params(where, "It must be a finite number.")
    if number and (number.adjusted() >= _WHOLE_DIGITS or _places(number) > _PLACES):
        raise invalid_params(where, f"At most {_WHOLE_DIGITS} digits before the point and {_PLACES} behind it.")
    return number or Decimal(0)


def above_zero(value: object, where: str) -> object:
    """A number that something can be counted by."""
    number = decimal(value, where)
    if isinstance(number, Decimal) and number <= 0:
        raise invalid_params(where, "It must be above zero.")
    return number


def currency(value: object, where: str) -> object:
    """An ISO 4217 code, in any case."""
    code = text(value, where)
    if not isinstance(code, str):
        return code
    if not is_currency(code.upper()):
        raise invalid_params(where, "It must be a currency's ISO 4217 code, such as EUR.")
    return code.upper()


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def integer(value: object, where: str) -> object:
    """A whole number, or a string of one."""
    number = decimal(value, where)
    if not isinstance(number, Decimal):
        return number
    if number != number.to_integral_value():
        raise invalid_params(where, "It must be a whole number.")
    return int(number)


def boolean(value: object, where: str) -> object:
    """true or false."""
    if value is None or value == "":
        return ABSENT
    if not isinstance(value, bool):
        raise invalid_params(where, "It must be true or false.")
    return value


def time(value: object, where: str) -> object:
    """ISO 8601 with date and time, UTC where no zone is given; a date alone is its midnight."""
    if value is None or value == "":
        return ABSENT
    if not isinstance(value, str):
        raise invalid_params(where, "It must be an ISO 8601 time such as 2024-01-22T05:07:31.465Z.")
    return moment(value, where)


def moment(value: str, where: str) -> datetime:
    """The aware UTC time of an ISO 8601 text. A space before the offset is a plus that a URL lost."""
    try:
        at = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", value.strip()))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid_params(where, "It must be an ISO 8601 time such as 2024-01-22T05:07:31.465Z.") from error


def choice(accepted: Mapping[str, str]) -> Take:
    """One of the public words (any case) of ``accepted``, which names the model's value for each in lower case."""
    words = ", ".join(sorted(accepted))

    def take(value: object, where: str) -> object:
        if value is None or value == "":
            return ABSENT
        if not isinstance(value, str) or value.lower() not in accepted:
            raise invalid_params(where, f"It must be one of: {words}.")
        return accepted[value.lower()]

    return take
