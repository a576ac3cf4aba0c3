"""Parcels: packed from an order's lines, then shipped, delivered or canceled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.fulfillment import KEPT, PARCELS, state
from entrepot.connectors.medusa.payload_order import Order as TheirOrder
from entrepot.connectors.medusa.payload_order import Parcel
from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.listing import inside
from entrepot.connectors.medusa.writes.keep import again, new
from entrepot.connectors.medusa.writes.refuse import as_taken, denied, invalid, missing, only
from entrepot.errors import Rejected
from entrepot.kit.convert import blank_to_none
from entrepot.kit.json import decode
from entrepot.kit.spec import Action, Answer, Change, Family, Shop
from entrepot.kit.urls import path_of
from entrepot.model.ecommerce.fulfillment import Fulfillment, FulfillmentLine

_TAKEN = (*KEPT, "order_id", "status", "tracking_number", "tracking_link", "location_id", "line_items")
_SHIPPED = ("in_transit", "delivered")


def _check(change: Change, settings: object) -> None:
    only(change, _TAKEN, "works out by itself, or has no place for,")
    record = _record(change)
    if change.action == "create" and not record.order_id:
        raise missing("order_id", "Send the order's platform_id.")
    refused = ("failed", "returned") if change.action == "update" else ("failed", "returned", "canceled")
    if "status" in change.given and record.status in refused:
        raise denied("status", f"A Medusa parcel cannot be made {record.status}.")
    for position, line in enumerate(record.line_items):
        if not line.line_item_id:
            raise missing(f"line_items[{position}].line_item_id", "Send the order line's platform_id.")
        if line.quantity is not None and (line.quantity <= 0 or line.quantity != line.quantity.to_integral_value()):
            raise invalid(f"line_items[{position}].quantity", "Medusa ships whole pieces, one or more.")
    link = blank_to_none(record.tracking_link)
    if link and not link.lower().startswith(("http://", "https://")):
        raise invalid("tracking_link", "Send an address that begins with https://.")


async def _create(shop: Shop, change: Change) -> str:
    record = _record(change)
    order, _ = await _order(shop, record.order_id or "")
    body: dict[str, object] = {
        "items": _items(order, record.line_items), "metadata": new(change, KEPT),
        **({"location_id": record.location_id} if record.location_id else {}),
    }
    try:
        await shop.send("POST", path_of("admin", "orders", order.id, "fulfillments"), body, {"fields": "id"})
    except Rejected as refusal:
        raise as_taken(refusal, "location_id" if "StockLocation" in refusal.message else "line_items") from refusal
    order, _ = await _order(shop, order.id)
    parcel = _marked(order, change.marker)
    if parcel is not None:
        try:
            await _advance(shop, order, parcel, change)
        except Rejected:
            await _step(shop, order, parcel, "cancel")
            raise
    return order.id


async def _find(shop: Shop, change: Change, since: str) -> str | None:
    """A parcel that was packed and not yet shipped as asked is shipped now."""
    order, _ = await _order(shop, _record(change).order_id or "")
    parcel = _marked(order, change.marker)
    if parcel is None:
        return None
    await _advance(shop, order, parcel, change)
    return order.id


async def _update(shop: Shop, change: Change) -> str:
    record = _record(change)
    ident = record.order_id or _order_of(change)
    order, read = await _order(shop, ident)
    parcel = next((one for one in order.fulfillments or () if one.id == change.target), None)
    if parcel is None:
        raise invalid("order_id", f"The order has no parcel {change.target}.")
    _compare(change, record, parcel)
    await _advance(shop, order, parcel, change)
    await _keep(shop, change, order, parcel, read)
    return order.id


async def _advance(shop: Shop, order: TheirOrder, parcel: Parcel, change: Change) -> None:
    """Bring a parcel from where it is to where it was asked to be; what is done already is passed over."""
    record, now = _record(change), state(parcel)
    wanted = record.status if "status" in change.given else now
    number = blank_to_none(record.tracking_number)
    link = blank_to_none(record.tracking_link)
    tracked = bool((number or link) and change.given.intersection(("tracking_number", "tracking_link")))
    if wanted == "canceled":
        if now != "canceled":
            await _step(shop, order, parcel, "cancel")
        return
    if (tracked or wanted in _SHIPPED) and not parcel.shipped_at:
        label = {"tracking_number": number or "", "tracking_url": link or "#", "label_url": "#"}
        lines = [{"id": one.line_item_id, "quantity": int(one.quantity or 0)} for one in parcel.items or ()]
        await _step(shop, order, parcel, "shipments", {"items": lines, **({"labels": [label]} if tracked else {})})
    if wanted == "delivered" and now != "delivered":
        await _step(shop, order, parcel, "mark-as-delivered")


async def _step(
    shop: Shop, order: TheirOrder, parcel: Parcel, step: str, body: dict[str, object] | None = None,
) -> None:
    try:
        await shop.send("POST", path_of("admin", "orders", order.id, "fulfillments", parcel.id, step), body or {},
                        {"fields": "id"})
    except Rejected as refusal:
        field = "tracking_number" if step == "shipments" and "labels" in (body or {}) else "status"
        raise denied(field, refusal.message, refusal.platform_error) from refusal


async def _order(shop: Shop, ident: str) -> tuple[TheirOrder, Answer]:
    answer = await shop.get(path_of("admin", "orders", ident), {"fields": fields.ORDER})
    return inside(answer, "order", TheirOrder), answer


def _items(order: TheirOrder, lines: Sequence[FulfillmentLine]) -> list[dict[str, object]]:
    """The lines that were named, whole where no quantity was; without any, all that is not yet in a parcel."""
    left = {one.id: int((one.quantity or 0) - ((one.detail.fulfilled_quantity if one.detail else None) or 0))
            for one in order.items or ()}
    if not lines:
        items: list[dict[str, object]] = [{"id": ident, "quantity": n} for ident, n in left.items() if n > 0]
        if not items:
            raise denied("line_items", "Everything of this order is in parcels already.")
        return items
    for position, line in enumerate(lines):
        if line.line_item_id not in left:
            raise invalid(f"line_items[{position}].line_item_id", "The order has no such line.")
    return [{"id": line.line_item_id, "quantity": int(left[line.line_item_id or ""] if line.quantity is None
                                                      else line.quantity)} for line in lines]


def _compare(change: Change, record: Fulfillment, parcel: Parcel) -> None:
    """What a packed parcel holds and where it lies stays; a label that is on it stays too."""
    if "location_id" in change.given and record.location_id not in (None, "", parcel.location_id):
        raise denied("location_id", "Medusa does not let a parcel move to another location.")
    packed = {(one.line_item_id, int(one.quantity or 0)) for one in parcel.items or ()}
    sent = {(one.line_item_id, int(one.quantity or 0)) for one in record.line_items}
    if "line_items" in change.given and sent and sent != packed:
        raise denied("line_items", "Medusa does not let a packed parcel change: cancel it and make another.")
    if "status" in change.given and record.status == "pending" and state(parcel) != "pending":
        raise denied("status", f"The parcel is {state(parcel)} in Medusa and cannot be pending again.")
    label = parcel.labels[0] if parcel.labels else None
    for name, now in (("tracking_number", label and label.tracking_number),
                      ("tracking_link", label and label.tracking_url)):
        value = blank_to_none(getattr(record, name))
        if name in change.given and value and parcel.shipped_at and value != now:
            raise denied(name, "Medusa does not let a shipped parcel's label change.")


async def _keep(shop: Shop, change: Change, order: TheirOrder, parcel: Parcel, read: Answer) -> None:
    """A parcel's own metadata cannot be written again; the order's can."""
    ours = kept.kept(order.metadata)
    parcels = kept.part(ours, PARCELS)
    metadata = again(change, KEPT, kept.part(parcels, parcel.id), read)
    if metadata is not None:
        later = {**parcels, parcel.id: metadata[kept.NAME] or {}}
        await shop.send("POST", path_of("admin", "orders", order.id),
                        {"metadata": {kept.NAME: {**ours, PARCELS: later}}}, {"fields": "id"})


def _marked(order: TheirOrder, marker: str) -> Parcel | None:
    parcels = order.fulfillments or ()
    return next((one for one in parcels if kept.kept(one.metadata).get(kept.OPERATION) == marker), None)


def _order_of(change: Change) -> str:
    """The order of a stored parcel, whose raw payload names it."""
    if change.current is None:
        raise missing("order_id", "Send the order's platform_id: this parcel has not been read yet.")
    raw: object = decode(change.current, dict[str, object]).get("order_id")
    return raw if isinstance(raw, str) else ""


def _result(family: Family, change: Change) -> str:
    """The parcel that was made or changed, among the order's children."""
    if change.target is not None:
        return change.target
    parcel = _marked(decode(family.parent.raw or b"{}", TheirOrder), change.marker)
    if parcel is None:
        raise Rejected("Medusa made the parcel without its metadata, so it cannot be told from the others",
                       code="unknown-error")
    return parcel.id


def _record(change: Change) -> Fulfillment:
    return cast("Fulfillment", change.record)


ACTIONS = (
    Action("fulfillment", "create", "orders", _create, find=_find, check=_check, result=_result),
    Action("fulfillment", "update", "orders", _update, check=_check, result=_result),
)
