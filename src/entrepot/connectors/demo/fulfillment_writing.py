"""Fulfillments to the demo shop's parcels. The order is what is read again: it carries its parcels."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from entrepot.connectors.demo.amounts import written
from entrepot.connectors.demo.weights import grams
from entrepot.connectors.demo.writing import Body, below, dates, extras, plain, refuse_others, send
from entrepot.errors import NotSupported, Rejected
from entrepot.kit.json import decode_answer
from entrepot.kit.spec import Action, Change, Family, Shop
from entrepot.model.ecommerce.fulfillment import Fulfillment

PATH = "/parcels"
_PLAIN = {
    "name": "label", "carrier_name": "carrier", "delivery_service": "service", "tracking_number": "tracking_code",
    "tracking_link": "tracking_url", "estimated_delivery_date": "expected_at", "location_id": "location_id",
}
_NAMES = {theirs: ours for ours, theirs in _PLAIN.items()} | {
    "state": "status", "lines": "line_items", "line_id": "line_item_id", "qty": "quantity", "grams": "weight",
    "created_at": "created_at", "updated_at": "updated_at",
}
_KNOWN = frozenset(_PLAIN) | {
    "order_id", "status", "weight", "weight_unit", "line_items", "created_at", "updated_at",
}
_STATES = {"pending": "packing", "in_transit": "underway", "delivered": "arrived", "canceled": "stopped",
           "failed": "failed", "returned": "returned"}


class _Parcel(msgspec.Struct):
    id: str
    order_id: str = ""
    client_reference: str | None = None


class _Found(msgspec.Struct):
    results: list[_Parcel]


class _WithParcels(msgspec.Struct):
    parcels: list[_Parcel] = []


def check(change: Change, settings: Mapping[str, str]) -> None:
    """Refuses units that the shop cannot weigh in, and parcels without an order."""
    record = change.record
    assert isinstance(record, Fulfillment)  # noqa: S101
    refuse_others(change, "fulfillments", _KNOWN)
    if change.action == "create" and not record.order_id:
        raise Rejected("A fulfillment belongs to an order.", code="missing-params", field="order_id")
    if record.weight is not None:
        grams(record.weight, record.weight_unit, "weight_unit")
    elif "weight_unit" in change.given and record.weight_unit:
        raise NotSupported("A unit is changed with its weight.", field="weight_unit")


def _body(change: Change) -> Body:
    record = change.record
    assert isinstance(record, Fulfillment)  # noqa: S101
    body: Body = {}
    plain(change, _PLAIN, body)
    dates(change, body)
    if "status" in change.given:
        body["state"] = _STATES[record.status]
    if record.weight is not None:
        body["grams"] = grams(record.weight, record.weight_unit, "weight_unit")
    if "line_items" in change.given and record.line_items:
        body["lines"] = [
            {"line_id": one.line_item_id, "qty": written(one.quantity) if one.quantity is not None else "1"}
            for one in record.line_items
        ]
    return extras(change, body)


async def _create(shop: Shop, change: Change) -> str:
    record = change.record
    assert isinstance(record, Fulfillment)  # noqa: S101
    body = {**_body(change), "client_reference": change.marker}
    made = await send(shop, "POST", below("/orders", record.order_id) + PATH, body, _NAMES)
    return decode_answer(made, _Parcel).order_id


async def _update(shop: Shop, change: Change) -> str:
    record = change.record
    assert isinstance(record, Fulfillment)  # noqa: S101
    path = below(PATH, change.target)
    if "order_id" in change.given and record.order_id:
        now = decode_answer((await shop.get(path)).body, _Parcel)
        if now.order_id != record.order_id:
            raise NotSupported("A fulfillment cannot be moved to another order.", field="order_id")
    return decode_answer(await send(shop, "PATCH", path, _body(change), _NAMES), _Parcel).order_id


async def _find(shop: Shop, change: Change, since: str) -> str | None:
    answer = await shop.get(PATH, {"client_reference": change.marker})
    found = decode_answer(answer.body, _Found).results
    return found[0].order_id if found else None


def result(family: Family, change: Change) -> str:
    """Which of the order's parcels is the written one: by its marker, an updated one by its id."""
    if change.target is not None:
        return change.target
    parcels = msgspec.json.decode(family.parent.raw or b"{}", type=_WithParcels).parcels
    return next(one.id for one in parcels if one.client_reference == change.marker)


ACTIONS = (
    Action("fulfillment", "create", "orders", _create, _find, check, result),
    Action("fulfillment", "update", "orders", _update, None, check, result),
)
