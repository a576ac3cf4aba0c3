"""How decimals are written: plain JSON numbers, or strings with the currency's minor digits.

JSON allows exponents, yet many readers of money do not expect them, and NaN is no JSON at all; so neither ever leaves.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import msgspec
from babel.numbers import get_currency_precision

_ENCODER = msgspec.json.Encoder(decimal_format="number")

# msgspec writes str(decimal): an exponent for 1E+2 and 0E-8, and NaN as it is. Looking for that in the finished bytes
# costs a tenth of looking at every decimal. A text may match too ("E-5"): that is only slower, never different. Each
# pattern begins with one letter, which is looked for by memchr: a third of a microsecond per kilobyte.
_EXPONENT = re.compile(rb"E[+-][0-9]").search
_NOT_A_NUMBER = re.compile(rb"N(?=aN)").search
_INFINITE = re.compile(rb"I(?=nfinity)").search

_MAX_PLACES = 30


def encode(value: object, *, plain: bool = False) -> bytes:
    """UTF-8 JSON of structs, lists and mappings; decimals digit by digit, null where they are not finite. ``plain``:
    there are no others, so nobody looks for them."""
    text = _ENCODER.encode(value)
    if plain:
        return text
    if _EXPONENT(text) or _NOT_A_NUMBER(text) or _INFINITE(text):
        return _ENCODER.encode(_plain(value))
    return text


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return msgspec.Raw(format(value, "f").encode()) if value.is_finite() else None
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def amount_text(value: Decimal, currency: str | None) -> str:
    """An amount in major units with at least the currency's minor digits: ``"100.00"``, JPY ``"100"``."""
    if not value.is_finite():
        return ""
    text = format(value, "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction[:_MAX_PLACES].rstrip("0").ljust(minor_digits(currency), "0")
    return f"{whole}.{fraction}" if fraction else whole


@lru_cache(maxsize=512)
def minor_digits(currency: str | None) -> int:
    """Decimal places of a currency's smallest unit: 2 for EUR and for what is no currency, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency.upper()) if currency else 2
