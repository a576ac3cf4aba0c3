"""Customers, guests of orders among them: Medusa keeps both in one list and tells them apart by ``has_account``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast, get_args

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.address import to_address
from entrepot.connectors.medusa.payload import Customer as Theirs
from entrepot.connectors.medusa.payload import Place
from entrepot.kit.convert import blank_to_none, joined
from entrepot.kit.json import decode
from entrepot.kit.spec import Family, Mapped
from entrepot.model.base import Address
from entrepot.model.ecommerce.customer import Customer, CustomerStatus, CustomerType

KEPT = (
    "name", "currency_id", "type", "status", "tax_number", "note", "tags", "accepts_marketing", "created_at",
    "updated_at",
)
"""Fields of the model that Medusa has none for."""


def to_customer(row: bytes, settings: Mapping[str, str]) -> Family:
    """One customer with all addresses."""
    theirs = decode(row, Theirs)
    ours = kept.kept(theirs.metadata)
    record = Customer(
        platform_unique_id=theirs.id,
        name=_name(theirs, ours),
        first_name=blank_to_none(theirs.first_name),
        last_name=blank_to_none(theirs.last_name),
        company_name=blank_to_none(theirs.company_name),
        email=blank_to_none(theirs.email),
        phone=blank_to_none(theirs.phone),
        currency_id=kept.text(ours, "currency_id"),
        type=cast("CustomerType", _word(ours, "type", CustomerType, "customer")),
        status=cast("CustomerStatus", _word(ours, "status", CustomerStatus, "active")),
        is_guest=not theirs.has_account,
        tax_number=kept.text(ours, "tax_number"),
        note=kept.text(ours, "note"),
        tags=kept.texts(ours, "tags"),
        accepts_marketing=kept.flag(ours, "accepts_marketing"),
        addresses=_addresses(theirs.addresses or ()),
        created_at=kept.made(ours, theirs.created_at),
        updated_at=kept.changed(ours, theirs.created_at, theirs.updated_at),
    )
    return Family(Mapped(record, row))


def _name(theirs: Theirs, ours: kept.Kept) -> str | None:
    parts = joined(theirs.first_name, theirs.last_name)
    sent = kept.text(ours, "name")
    # A kept name is the parts with other spaces; once somebody renames the customer in the shop, the parts count.
    if sent is not None and parts is not None and sent.split() == parts.split():
        return sent
    return parts or blank_to_none(theirs.company_name)


def _word(ours: kept.Kept, name: str, words: object, otherwise: str) -> str:
    value = kept.text(ours, name)
    return value if value is not None and value in get_args(words) else otherwise


def _addresses(places: Sequence[Place]) -> list[Address]:
    ordered = sorted(places, key=lambda place: (not (place.is_default_shipping or place.is_default_billing),
                                                place.id or ""))
    return [to_address(place, _use(place)) for place in ordered]


def _use(place: Place) -> Literal["billing", "shipping"] | None:
    if place.is_default_billing:
        return "billing"
    return "shipping" if place.is_default_shipping else None
