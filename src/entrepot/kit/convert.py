"""From what platforms write to what the model holds. Pure; what cannot be read raises RowUnmappable.

Messages say what kind of value was met, never the value: rows hold personal data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from functools import lru_cache

from entrepot.errors import RowUnmappable

WHOLE_DIGITS = 18
FRACTION_DIGITS = 8
_LIMIT = Decimal(10) ** WHOLE_DIGITS
_STEP = Decimal(1).scaleb(-FRACTION_DIGITS)
_CODE = re.compile(r"[A-Z]{3}")


def decimal(value: str | int | float | Decimal) -> Decimal:
    """A finite number of at most 18 + 8 digits, never a multiple by exponent; finer digits are rounded half even.

    A float is read as its shortest text (``0.1`` is 0.1).
    """
    if isinstance(value, bool):
        raise RowUnmappable("A number was expected and a boolean came")
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        raise RowUnmappable("A number was expected and a text came") from None
    if not number.is_finite() or abs(number) >= _LIMIT:
        raise RowUnmappable(f"A number is not finite or has more than {WHOLE_DIGITS} digits before the point")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -6 <= exponent <= 0:
        return number
    return _plain(number)


def _plain(number: Decimal) -> Decimal:
    rounded = number.quantize(_STEP) if number.as_tuple().exponent != 0 else number
    shorter = rounded.normalize()
    exponent = shorter.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        return shorter.quantize(Decimal(1))
    return shorter


def money(value: str | int | float | Decimal | None) -> Decimal | None:
    """An amount in major units; None for None and for a blank text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return decimal(value)


def money_of_minor(value: str | int | None, currency: str | None) -> Decimal | None:
    """An amount from the currency's smallest unit (1999 USD is 19.99, 1999 JPY is 1999, 1999 KWD is 1.999)."""
    amount = money(value)
    return None if amount is None else decimal(amount.scaleb(-minor_digits(currency)))


def minor_of_money(amount: Decimal, currency: str | None) -> int:
    """The other way; RowUnmappable when the amount is finer than the currency."""
    scaled = amount.scaleb(minor_digits(currency))
    if scaled != scaled.to_integral_value():
        raise RowUnmappable("An amount is finer than its currency")
    return int(scaled)


@lru_cache(maxsize=512)
def minor_digits(currency: str | None) -> int:
    """Digits after the point of an ISO 4217 currency; 2 for an unknown one."""
    from babel.numbers import get_currency_precision  # slow to import, and only platforms with minor units need it

    return get_currency_precision(currency.upper()) if currency else 2


def time(value: str | int | float | None, zone: tzinfo | None = None) -> datetime | None:
    """An aware UTC time from ISO 8601, RFC 2822 or seconds since 1970; None for None and blank.

    A text without an offset is read in ``zone``; without a zone it is refused, never guessed.
    """
    if value is None or value == "":
        return None
    try:
        at = _parsed(value)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        raise RowUnmappable("A time cannot be read") from None
    if at is None:
        return None
    if at.tzinfo is None:
        if zone is None:
            raise RowUnmappable("A time has no offset, and the platform's zone is not known")
        at = at.replace(tzinfo=zone)
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _parsed(value: str | int | float) -> datetime | None:
    if not isinstance(value, str):
        return datetime.fromtimestamp(value, UTC)
    text = value.strip()
    if not text or text.startswith("0000-00-00"):  # MySQL's way of writing no time
        return None
    if text[0].isdigit() and not text.isdigit():
        return datetime.fromisoformat(text)
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else parsedate_to_datetime(text)


def blank_to_none(value: str | None) -> str | None:
    """The text stripped; None when nothing is left."""
    return (value.strip() or None) if value is not None else None


def text_of(value: str | int | None) -> str | None:
    """An id as text, whatever the platform writes; None for None and blank."""
    return None if value is None else blank_to_none(str(value))


def currency(value: str | None) -> str | None:
    """An ISO 4217 code in upper case; None for blank; RowUnmappable for what is no code."""
    code = blank_to_none(value)
    if code is None:
        return None
    code = code.upper()
    if not _CODE.fullmatch(code):
        raise RowUnmappable("A currency is not a code of three letters")
    return code


def joined(*parts: str | None, by: str = " ") -> str | None:
    """The parts that are not blank, joined; None when all are."""
    return by.join(part.strip() for part in parts if part and part.strip()) or None


class Statuses:
    """A table from a platform's words to the model's, with a word for those that nobody has heard of yet."""

    def __init__(self, table: Mapping[str, str], *, other: str) -> None:
        self._table = {word.lower(): ours for word, ours in table.items()}
        self._other = other

    def read(self, word: str | int | None) -> str | None:
        """Ours for the platform's word, whatever its case; None for None and blank."""
        text = text_of(word)
        return None if text is None else self._table.get(text.lower(), self._other)
