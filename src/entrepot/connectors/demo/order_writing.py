"""Orders to the demo shop. It works out all sums itself."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.connectors.demo.amounts import written
from entrepot.connectors.demo.order_mapping import GUEST
from entrepot.connectors.demo.order_payload import OrderRow
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
from entrepot.errors import NotSupported, Rejected
from entrepot.kit.json import decode
from entrepot.kit.spec import Action, Change, Shop
from entrepot.model.ecommerce.order import LineItem, Order

PATH = "/orders"
_PLAIN = {
    "customer_id": "buyer_id", "order_number": "number", "order_name": "label", "reference": "reference",
    "description": "remark", "channel": "channel", "tags": "tags",
}
_NAMES = {theirs: ours for ours, theirs in _PLAIN.items()} | {
    "state": "status", "currency": "currency_id", "placed_at": "order_date", "lines": "line_items",
    "article_id": "item_id", "variant_id": "variant_id", "qty": "quantity", "unit_price": "unit_amount",
    "discount": "discount_amount", "tax": "tax_amount", "contact": "email", "created_at": "created_at",
    "updated_at": "updated_at", "bill_to": "addresses", "ship_to": "addresses",
}
_KNOWN = frozenset(_PLAIN) | {
    "status", "currency_id", "order_date", "email", "phone", "line_items", "addresses", "created_at", "updated_at",
}
_STATES = {"pending": "open", "processing": "packing", "shipped": "sent", "delivered": "arrived",
           "canceled": "cancelled"}
_COMPUTED = ("sub_total", "total_amount", "fulfilled_quantity", "refunded_quantity")


def check(change: Change, settings: Mapping[str, str]) -> None:
    """Refuses currencies that the shop does not sell in, states that it does not have, and sums other than its own."""
    record = change.record
    assert isinstance(record, Order)  # noqa: S101
    refuse_others(change, "orders", _KNOWN)
    if "customer_id" in change.given and (record.customer_id or "").startswith(GUEST):
        raise NotSupported("A guest has no account to place orders with: name a customer, or create one.",
                           field="customer_id")
    if "status" in change.given and record.status not in _STATES:
        raise NotSupported(f"An order of the demo shop is one of {', '.join(_STATES)}.", field="status")
    _check_currency(change, record, settings)
    for number, line in enumerate(record.line_items):
        _check_line(line, f"line_items[{number}]")
    kinds = [one.type or "shipping" for one in record.addresses]
    if set(kinds) - {"billing", "shipping"} or len(kinds) != len(set(kinds)):
        raise NotSupported("An order has one billing and one shipping address.", field="addresses")


def _check_line(line: LineItem, where: str) -> None:
    for name in _COMPUTED:
        if getattr(line, name) is not None:
            raise NotSupported("The demo shop works this out itself.", field=f"{where}.{name}")
    if line.unit_amount is None:
        raise Rejected("A line needs its price.", code="missing-params", field=f"{where}.unit_amount")
    for name in ("unit_amount", "discount_amount", "tax_amount"):
        if (getattr(line, name) or 0) < 0:
            raise Rejected("It must not be below zero.", code="invalid-params", field=f"{where}.{name}")


def _check_currency(change: Change, record: Order, settings: Mapping[str, str]) -> None:
    if "currency_id" not in change.given or not record.currency_id:
        return
    currency = record.currency_id.upper()
    if settings.get("sells_in") and currency not in settings["sells_in"].split(","):
        raise NotSupported(f"The demo shop does not sell in {record.currency_id}.", field="currency_id")
    if change.current and decode(change.current, OrderRow).currency != currency:
        raise NotSupported("The currency of an order cannot be changed.", field="currency_id")


def _body(change: Change) -> Body:
    record = change.record
    assert isinstance(record, Order)  # noqa: S101
    body: Body = {}
    plain(change, _PLAIN, body)
    dates(change, body)
    if "order_date" in change.given and record.order_date is not None:
        body["placed_at"] = record.order_date.isoformat()
    if "status" in change.given:
        body["state"] = _STATES[record.status]
    if "currency_id" in change.given and record.currency_id:
        body["currency"] = record.currency_id.upper()
    contact: Body = {}
    plain(change, {"email": "email", "phone": "phone"}, contact)
    if contact:
        body["contact"] = contact
    if "addresses" in change.given:
        for one in record.addresses:
            body["bill_to" if one.type == "billing" else "ship_to"] = address(one)
    if "line_items" in change.given:
        body["lines"] = [_line(one) for one in record.line_items]
    return extras(change, body)


def _line(line: LineItem) -> Body:
    fields = {
        "article_id": line.item_id, "variant_id": line.variant_id, "title": line.name, "text": line.description,
        "sku": line.sku,
    }
    numbers = {
        "qty": line.quantity, "unit_price": line.unit_amount, "discount": line.discount_amount, "tax": line.tax_amount,
    }
    texts: Body = {name: value for name, value in fields.items() if value}
    return texts | {name: written(value) for name, value in numbers.items() if value is not None}


async def _create(shop: Shop, change: Change) -> str:
    return ident_of(await send(shop, "POST", PATH, {**_body(change), "client_reference": change.marker}, _NAMES))


async def _update(shop: Shop, change: Change) -> str:
    return ident_of(await send(shop, "PATCH", below(PATH, change.target), _body(change), _NAMES))


_PERFORM, _FIND = creating(PATH, _create)
ACTIONS = (
    Action("order", "create", "orders", _PERFORM, _FIND, check),
    Action("order", "update", "orders", _update, None, check),
)
