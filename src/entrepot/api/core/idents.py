"""Ids in the paths of the core's calls."""

from __future__ import annotations

from entrepot.api.endpoint import Call, Parameter
from entrepot.errors import invalid_params, not_found

DIGITS = 16
COMPANY = Parameter("company_id", "The company's rootfi_id.", {"type": "integer"}, "path", required=True, example=42)
CONNECTION = Parameter("connection_id", "The connection's rootfi_id.", {"type": "integer"}, "path", required=True,
                       example=43)


def ident(call: Call, name: str) -> int:
    """The number that ``{name}`` stands for; 404 for what can be none (``company_id``: no company)."""
    text = call.path[name]
    if not _is_number(text):
        raise not_found(name.removesuffix("_id"), text[:100])
    return int(text)


def number(text: str, name: str) -> int | None:
    """A query parameter that is an id; None when it was not sent."""
    if not text:
        return None
    if not _is_number(text):
        raise invalid_params(name, "It must be a positive whole number.")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < DIGITS
