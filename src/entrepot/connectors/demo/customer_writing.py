"""Customers to the demo shop's buyers. Currency, status and dates are kept as they are sent."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.connectors.demo.mapping import CUSTOMER_STATUS
from entrepot.connectors.demo.order_mapping import GUEST
from entrepot.connectors.demo.writing import (
    Body,
    address,
    below,
    creating,
    dates,
    extras,
    ident_of,
    plain,
    refuse_others,
    send,
)
from entrepot.errors import NotSupported
from entrepot.kit.spec import Action, Change, Shop
from entrepot.model.ecommerce.customer import Customer

PATH = "/buyers"
_PLAIN = {
    "name": "full_name", "first_name": "given_name", "last_name": "family_name", "company_name": "company",
    "email": "email", "phone": "phone", "currency_id": "currency", "tax_number": "tax_number", "note": "note",
    "tags": "tags", "accepts_marketing": "newsletter",
}
_NAMES = {theirs: ours for ours, theirs in _PLAIN.items()} | {
    "state": "status", "addresses": "addresses", "created_at": "created_at", "updated_at": "updated_at",
}
_KNOWN = frozenset(_PLAIN) | {"status", "type", "addresses", "created_at", "updated_at"}
_STATES = {ours: theirs for theirs, ours in CUSTOMER_STATUS.items()}


def check(change: Change, settings: Mapping[str, str]) -> None:
    """Refuses vendors: the shop has buyers only. And the guests, who are made of their orders."""
    record = change.record
    assert isinstance(record, Customer)  # noqa: S101
    refuse_others(change, "customers", _KNOWN)
    if "type" in change.given and record.type not in ("customer", "unknown"):
        raise NotSupported("The demo shop has customers only, no vendors.", field="type")
    if change.target is not None and change.target.startswith(GUEST):
        raise NotSupported("A guest has no account that could be changed; change the order instead.")


def _body(change: Change) -> Body:
    record = change.record
    assert isinstance(record, Customer)  # noqa: S101
    body: Body = {}
    plain(change, _PLAIN, body)
    dates(change, body)
    if "status" in change.given and record.status in _STATES:
        body["state"] = _STATES[record.status]
    if "addresses" in change.given:
        body["addresses"] = [address(one) for one in record.addresses]
    return extras(change, body)


async def _create(shop: Shop, change: Change) -> str:
    return ident_of(await send(shop, "POST", PATH, {**_body(change), "client_reference": change.marker}, _NAMES))


async def _update(shop: Shop, change: Change) -> str:
    return ident_of(await send(shop, "PATCH", below(PATH, change.target), _body(change), _NAMES))


_PERFORM, _FIND = creating(PATH, _create)
ACTIONS = (
    Action("customer", "create", "customers", _PERFORM, _FIND, check),
    Action("customer", "update", "customers", _update, None, check),
)
