"""Orders. Medusa makes an order for somebody else only by way of a draft: the draft is made, then converted."""

from __future__ import annotations

from typing import cast

import msgspec

from entrepot.connectors.medusa.mapping.countries import two_letters
from entrepot.connectors.medusa.mapping.order import KEPT, STATUSES
from entrepot.connectors.medusa.reads.listing import Identified, every, inside
from entrepot.connectors.medusa.writes.keep import new
from entrepot.connectors.medusa.writes.marker import first_made_with, made_with
from entrepot.connectors.medusa.writes.order_lines import check_lines, draft_lines
from entrepot.connectors.medusa.writes.places import check_places, new_places, of_kind
from entrepot.connectors.medusa.writes.refuse import as_taken, denied, invalid, missing, only
from entrepot.connectors.medusa.writes.shop_facts import sales_channel, store
from entrepot.errors import Missing, Rejected
from entrepot.kit.convert import blank_to_none
from entrepot.kit.json import decode_answer
from entrepot.kit.spec import Change, Shop
from entrepot.kit.urls import path_of
from entrepot.model.ecommerce.order import Order

_TAKEN = (*KEPT, "customer_id", "currency_id", "email", "line_items", "addresses")
STARTS = ("pending", "processing", "canceled", "completed")
"""Statuses that an order can be made with; shipped and delivered need a parcel."""


class _Country(msgspec.Struct):
    iso_2: str


class _Region(msgspec.Struct, kw_only=True):
    id: str
    currency_code: str
    countries: list[_Country] | None = None


class _State(msgspec.Struct):
    id: str
    status: str


def check_create(change: Change, settings: object) -> None:
    """Refuse what cannot become a Medusa order."""
    record = _record(change)
    only(change, _TAKEN, "works out by itself, or has no place for,")
    if not record.customer_id and not record.email:
        raise missing("customer_id", "Send the contact's platform_id.")
    if not record.currency_id:
        raise missing("currency_id", "Send an ISO 4217 code such as EUR.")
    if "status" in change.given and record.status not in (*STARTS, "unknown"):
        raise denied("status", f"A Medusa order cannot start as {record.status}. Make it pending, then create a "
                     "fulfillment.")
    check_lines(record.line_items)
    check_places(record)


async def create(shop: Shop, change: Change) -> str:
    """Make a draft, turn it into an order, and bring it to the status that was asked for."""
    record = _record(change)
    draft = await _draft(shop, change, record)
    await _convert(shop, draft)
    await _settle(shop, draft, record)
    return draft


async def find(shop: Shop, change: Change, since: str) -> str | None:
    """A draft of ours is finished, or removed when Medusa will not have it; an order of ours is the answer."""
    record = _record(change)
    async for draft in made_with(shop, "/admin/draft-orders", change.marker, since):
        try:
            await _convert(shop, draft)
        except Rejected:
            if (await _state(shop, draft)) is None:
                return None  # taken away, so that it can be made anew and its refusal be heard
    order = await first_made_with(shop, "/admin/orders", change.marker, since)
    if order is not None:
        await _settle(shop, order, record)
    return order


async def _draft(shop: Shop, change: Change, record: Order) -> str:
    region = await _region(shop, record)
    items = await draft_lines(shop, record.line_items)
    body: dict[str, object] = {
        "region_id": region.id, "items": items, "metadata": new(change, KEPT), **new_places(record),
        **({"customer_id": record.customer_id} if record.customer_id else {}),
        **({"email": record.email} if blank_to_none(record.email) else {}),
    }
    channel = await sales_channel(shop, await store(shop))
    if channel is not None:
        body["sales_channel_id"] = channel
    try:
        answer = await shop.send("POST", "/admin/draft-orders", body, {"fields": "id"})
    except Rejected as refusal:
        raise _said_of_lines(refusal) from refusal
    return inside(answer, "draft_order", Identified).id


async def _convert(shop: Shop, draft: str) -> None:
    try:
        await shop.send("POST", path_of("admin", "draft-orders", draft, "convert-to-order"), {}, {"fields": "id"})
    except Rejected as refusal:
        if await _state(shop, draft) in ("draft", None):
            await _remove(shop, draft)
            raise _said_of_lines(refusal) from refusal


async def _remove(shop: Shop, draft: str) -> None:
    try:
        await shop.send("DELETE", path_of("admin", "draft-orders", draft))
    except Missing:
        return


async def _state(shop: Shop, ident: str) -> str | None:
    """The status of an order or draft; None when it is not there."""
    try:
        answer = await shop.get(path_of("admin", "orders", ident), {"fields": "id,status"})
    except Missing:
        return None
    return inside(answer, "order", _State).status


async def _settle(shop: Shop, ident: str, record: Order) -> None:
    """Cancel or complete an order that was asked for in that status; doing it twice is passed over."""
    word = {"canceled": "cancel", "completed": "complete"}.get(record.status)
    if word is None or STATUSES.read(await _state(shop, ident)) == record.status:
        return
    await shop.send("POST", path_of("admin", "orders", ident, word), {}, {"fields": "id"})


async def _region(shop: Shop, record: Order) -> _Region:
    """The region of the currency; of several the one that the parcel goes to."""
    code = (record.currency_id or "").lower()
    asked = {"fields": "id,currency_code,countries.iso_2"}
    regions = [decode_answer(row, _Region) async for row in every(shop, "/admin/regions", asked)]
    fitting = [one for one in regions if one.currency_code.lower() == code]
    if not fitting:
        sold = ", ".join(sorted({one.currency_code.upper() for one in regions})) or "nothing yet"
        raise denied("currency_id", f"The shop has no region that sells in {code.upper()}; it sells in {sold}.")
    shipping = of_kind(record, "shipping") or of_kind(record, "billing")
    country = two_letters(shipping.country) if shipping is not None and shipping.country else None
    return next((one for one in fitting if country in [at.iso_2 for at in one.countries or ()]), fitting[0])


def _said_of_lines(refusal: Rejected) -> Rejected:
    said = f"{refusal.message} {refusal.platform_error or ''}"
    if "inventory" in said or "stock" in said or "do not exist or belong" in said:
        return denied("line_items", refusal.message, refusal.platform_error)
    if "mail" in said:
        return invalid("email", refusal.message)
    return as_taken(refusal, "customer_id" if "Customer" in said else "line_items")


def _record(change: Change) -> Order:
    return cast("Order", change.record)
