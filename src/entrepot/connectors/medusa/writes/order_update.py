"""Changes of an order: addresses, e-mail, what is kept beside it, and its end (canceled or completed)."""

from __future__ import annotations

from typing import cast

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.order import KEPT, STATUSES
from entrepot.connectors.medusa.payload_order import Order as Theirs
from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.listing import inside
from entrepot.connectors.medusa.writes import order
from entrepot.connectors.medusa.writes.keep import again
from entrepot.connectors.medusa.writes.places import KINDS, changed_place, check_places, of_kind
from entrepot.connectors.medusa.writes.refuse import as_taken, denied, invalid, only
from entrepot.errors import Rejected
from entrepot.kit.convert import blank_to_none
from entrepot.kit.spec import Action, Answer, Change, Shop
from entrepot.kit.urls import path_of
from entrepot.model.ecommerce.order import Order

_TAKEN = (*KEPT, "email", "addresses", "customer_id", "currency_id")
_ENDS = {"canceled": "cancel", "completed": "complete"}


def _check(change: Change, settings: object) -> None:
    only(change, _TAKEN, "does not let an order's")
    record = _record(change)
    if "status" in change.given and record.status in ("shipped", "delivered"):
        raise denied("status", f"An order becomes {record.status} by its parcels: create or update a fulfillment.")
    if "status" in change.given and record.status not in (*order.STARTS, "unknown"):
        raise denied("status", f"Medusa has no order status {record.status}.")
    if "email" in change.given and not blank_to_none(record.email):
        raise invalid("email", "Medusa does not let an order lose its e-mail address.")
    check_places(record)


async def _update(shop: Shop, change: Change) -> str:
    ident, record = change.target or "", _record(change)
    answer = await shop.get(path_of("admin", "orders", ident), {"fields": fields.ORDER})
    current = inside(answer, "order", Theirs)
    _compare(change, record, current)
    ends = _ENDS.get(record.status) if "status" in change.given else None
    body = _body(change, record, current, answer)
    path = path_of("admin", "orders", ident)
    try:
        if body:
            await shop.send("POST", path, body, {"fields": "id"})
        if ends is not None and not _is(current, record.status):
            await shop.send("POST", f"{path}/{ends}", {}, {"fields": "id"})
    except Rejected as refusal:
        raise _named(refusal, body, ends) from refusal
    return ident


def _compare(change: Change, record: Order, current: Theirs) -> None:
    """What is sent back as it was is no change; another buyer or currency is refused."""
    if "customer_id" in change.given and record.customer_id not in (None, "", current.customer_id):
        raise denied("customer_id", "Medusa hands an order to another customer only when that customer accepts it.")
    same = (record.currency_id or "").lower() in ("", (current.currency_code or "").lower())
    if "currency_id" in change.given and not same:
        raise denied("currency_id", "Medusa does not let an order's currency change.")
    if "status" in change.given and record.status in ("pending", "processing") and current.status != "pending":
        raise denied("status", f"The order is {current.status} in Medusa and cannot be {record.status} again.")


def _body(change: Change, record: Order, current: Theirs, answer: Answer) -> dict[str, object]:
    body: dict[str, object] = {}
    if "email" in change.given and record.email != current.email:
        body["email"] = record.email
    if "addresses" in change.given:
        places = {"shipping": current.shipping_address, "billing": current.billing_address}
        for kind in KINDS:
            address = of_kind(record, kind)
            if address is not None:
                body[f"{kind}_address"] = changed_place(address, kind, places[kind])
    metadata = again(change, KEPT, kept.kept(current.metadata), answer)
    if metadata is not None:
        body["metadata"] = metadata
    return body


def _is(current: Theirs, status: str) -> bool:
    return STATUSES.read(current.status) == status


def _named(refusal: Rejected, body: dict[str, object], ends: str | None) -> Rejected:
    if ends is not None and f"/{ends}" in refusal.message:
        return denied("status", refusal.message, refusal.platform_error)
    return as_taken(refusal, "email" if "email" in body else "addresses")


def _record(change: Change) -> Order:
    return cast("Order", change.record)


ACTIONS = (
    Action("order", "create", "orders", order.create, find=order.find, check=order.check_create),
    Action("order", "update", "orders", _update, check=_check),
)
