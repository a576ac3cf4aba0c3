"""v4 addresses: `postal_code`, a lower-case `type`, no locality; what a shop can ship with more may be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from entrepot.api import takes
from entrepot.api.layout import Shown
from entrepot.api.parts import Part
from entrepot.api.shapes import TEXT, Shape
from entrepot.api.view import Given
from entrepot.model.base import Address

_WORDS = ("billing", "shipping", "warehouse")
_TYPE = Shape(Literal["billing", "shipping", "warehouse"], take=takes.choice({word: word for word in _WORDS}))

ADDRESS = Part(
    "Address", Address,
    (
        Shown("type", _TYPE, about="What it is for."),
        Shown("street", TEXT, about="Street, with the second line after a comma."),
        Shown("city", TEXT, about="City."),
        Shown("state", TEXT, about="State or province."),
        Shown("postal_code", TEXT, about="Postal code."),
        Shown("country", TEXT, about="ISO 3166-1 alpha-2 code, or what the platform says."),
    ),
    # The documents call a sent address only "object": what a parcel needs is taken, and v3's word for the postal code.
    unshown=(
        Shown("name", TEXT), Shown("first_name", TEXT), Shown("last_name", TEXT), Shown("company", TEXT),
        Shown("phone", TEXT), Shown("locality", TEXT), Shown("pincode", TEXT, source="postal_code"),
    ),
)


def given_address(name: str, about: str, kind: str | None = None) -> Given:
    """A single address that is sent under its own name and joins the record's addresses as that kind."""
    fixed = {} if kind is None else {"type": kind}

    def take(value: object, where: str) -> Mapping[str, object]:
        row = ADDRESS.take(value, where, **fixed)
        return {} if row is takes.ABSENT else {"addresses": [row]}

    return Given(name, take, ADDRESS.input_type, about, ("addresses",))
