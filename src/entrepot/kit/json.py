"""JSON as platforms and the contract want it: decimals are plain numbers, and a broken text is told from a strange one.

>>> ENCODER.encode({"amount": Decimal("1E+2")})
b'{"amount":100}'
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeVar, cast

import msgspec

from entrepot.errors import Transient

T = TypeVar("T")

TRUSTED_ENCODER = msgspec.json.Encoder(decimal_format="number")
"""The same output at a third of the cost, for values whose decimals are known to be plain. msgspec writes
``str(decimal)``: that has an exponent for ``0E-8`` and below a millionth, and is no JSON at all for NaN. Decimals
that came through :mod:`entrepot.kit.convert` are finite, and plain from a millionth up."""

# Where a value may start and what no JSON number may be. Inside a text this can match by chance: the slow way is only
# slower, never different.
_ODD_NUMBER = re.compile(rb"(?:^|[:,\[])-?(?:[0-9.]+E[+-]|s?NaN|Infinity)")
_HINTS = (b"E+", b"E-", b"NaN", b"Inf")


class Encoder:
    """Encodes structs, mappings and lists; decimals as JSON numbers without an exponent."""

    def encode(self, value: object) -> bytes:
        """UTF-8 JSON. ValueError when a decimal is NaN or infinite; TypeError when msgspec does not know a type."""
        text = TRUSTED_ENCODER.encode(value)
        for hint in _HINTS:
            if hint in text and _ODD_NUMBER.search(text):
                return TRUSTED_ENCODER.encode(_plain(msgspec.to_builtins(value, builtin_types=(Decimal,))))
        return text


ENCODER = Encoder()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("JSON has no NaN and no infinity")
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


_DECODERS: dict[object, object] = {}


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """The one decoder of a type. Numbers in untyped parts come as int or Decimal, never as float."""
    found = _DECODERS.get(kind)
    if found is None:
        found = _DECODERS[kind] = msgspec.json.Decoder(kind, float_hook=Decimal)
    return cast("msgspec.json.Decoder[T]", found)


def decode(text: bytes, kind: type[T]) -> T:
    """Decode a row or part of it: raises msgspec.ValidationError or msgspec.DecodeError, which set a row aside."""
    return decoder(kind).decode(text)


def decode_answer(text: bytes, kind: type[T]) -> T:
    """Decode the body of an :class:`~entrepot.kit.spec.Answer`; Transient when its shape is not the expected one.

    Keep rows as ``list[msgspec.Raw]`` in the type: they are cut out without being parsed (``bytes(raw)``).
    """
    try:
        return decoder(kind).decode(text)
    except msgspec.ValidationError as error:
        problem = str(error) if _MISMATCH.fullmatch(str(error)) else "a value does not fit"
    except (msgspec.DecodeError, RecursionError):
        problem = "it is not whole JSON"
    raise Transient(f"The platform's answer has an unexpected shape: {problem}")


# msgspec quotes values only in messages of other forms ("Invalid enum value 'x'"), which are therefore not repeated.
_MISMATCH = re.compile(r"(?:Expected `[^`]+`, got `[^`]+`|Object missing required field `[^`]+`)(?: - at `[^`]+`)?")

_SYNTAX = msgspec.json.Decoder(msgspec.Raw)


def is_whole(text: bytes) -> bool:
    """Whether the text is one complete JSON value; skips through it at about 1 GB/s."""
    try:
        _SYNTAX.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
