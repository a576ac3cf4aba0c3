"""v3 addresses: `pincode` and `locality`. An order's say what they are for, a customer's do not."""

from __future__ import annotations

from typing import Literal

from entrepot.api.frame import Frame
from entrepot.api.layout import Shown
from entrepot.api.parts import Part
from entrepot.api.shapes import TEXT, Shape
from entrepot.api.takes import choice
from entrepot.model.base import Address

_LINES = (
    Shown("street", TEXT, about="Street, with the second line after a comma."),
    Shown("locality", TEXT, about="Part of the city."),
    Shown("city", TEXT, about="City."),
    Shown("state", TEXT, about="State or province."),
    Shown("pincode", TEXT, source="postal_code", about="Postal code."),
    Shown("country", TEXT, about="ISO 3166-1 alpha-2 code, or what the platform says."),
)


def _type(value: str, frame: Frame) -> str | None:
    return value.upper() if value in ("billing", "shipping") else None


# The client knows these two words only; a warehouse is no address to it.
_TYPE = Shape(Literal["BILLING", "SHIPPING"], _type, choice({"billing": "billing", "shipping": "shipping"}))

ADDRESS = Part("Address", Address, _LINES)
TYPED_ADDRESS = Part("TypedAddress", Address, (Shown("type", _TYPE, about="BILLING or SHIPPING."), *_LINES))
