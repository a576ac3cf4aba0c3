"""Bodies of the core's calls: typed structs, their errors told in the contract's words."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

import msgspec

from entrepot.errors import ApiError, invalid_params, missing_params

T = TypeVar("T")
Ident = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
"""An id in a body: larger ones are never given, and no column could hold the largest."""

_QUOTED = re.compile(r"`([^`]+)`")
_NUL = b"\\u0000"
_PLACE = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")


def read(body: bytes, kind: type[T]) -> T:
    """The body as a struct (which forbids unknown fields), or a dict. ApiError naming the field that is wrong or
    missing."""
    if _NUL in body:
        raise ApiError(400, "invalid-params", "The body holds the character NUL, which no text can hold.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _told(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(400, "invalid-params", f"The body is no valid JSON: {error}") from error


def _told(message: str) -> ApiError:
    place = _PLACE.search(message)
    path = place[1].replace("[...]", "") if place else ""  # msgspec does not say which entry
    text = message[: place.start()] if place else message
    quoted = _QUOTED.search(text)
    name = quoted[1] if quoted else ""
    if text.startswith("Object missing required field"):
        return missing_params(_join(path, name), "The call cannot do without it.")
    if text.startswith("Object contains unknown field"):
        return invalid_params(_join(path, name), "It is not known here.")
    if not path:
        return ApiError(400, "invalid-params", f"The body does not fit: {text}.")
    return invalid_params(path, f"{text.replace('`', '')}.")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
