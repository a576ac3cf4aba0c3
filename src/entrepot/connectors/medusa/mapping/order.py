"""Orders, with their parcels and payments as children."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.address import to_address
from entrepot.connectors.medusa.mapping.fulfillment import to_fulfillments
from entrepot.connectors.medusa.mapping.line import discounts_of, in_order, shipping_line, taxes_of, to_line
from entrepot.connectors.medusa.mapping.transaction import to_transactions
from entrepot.connectors.medusa.payload_order import Order as Theirs
from entrepot.connectors.medusa.payload_order import Summary
from entrepot.kit.convert import Statuses, blank_to_none, currency, money, time
from entrepot.kit.json import decode
from entrepot.kit.spec import Family, Mapped
from entrepot.model.base import Address
from entrepot.model.ecommerce.order import FulfillmentStatus, Order, OrderStatus, PaymentStatus

KEPT = (
    "order_number", "order_name", "reference", "description", "status", "order_date", "phone", "channel", "tags",
    "created_at", "updated_at",
)
"""Fields of the model that Medusa has none for, or numbers itself."""

STATUSES = Statuses(
    {"pending": "pending", "draft": "pending", "completed": "completed", "archived": "completed",
     "canceled": "canceled", "requires_action": "on_hold"}, other="unknown",
)
PAYMENT = Statuses(
    {"not_paid": "pending", "awaiting": "pending", "requires_action": "pending", "authorized": "authorized",
     "partially_authorized": "authorized", "partially_captured": "partially_paid", "captured": "paid",
     "partially_refunded": "partially_refunded", "refunded": "refunded", "canceled": "voided"}, other="unknown",
)
FULFILLMENT = Statuses(
    {"not_fulfilled": "unfulfilled", "partially_fulfilled": "partial", "partially_shipped": "partial",
     "partially_delivered": "partial", "fulfilled": "fulfilled", "shipped": "fulfilled", "delivered": "fulfilled",
     "canceled": "canceled"}, other="unknown",
)
# Medusa leaves a shipped order pending until somebody completes it; how far its parcels are says more.
_BY_PARCELS = {"shipped": "shipped", "partially_delivered": "shipped", "delivered": "delivered",
               "fulfilled": "processing", "partially_fulfilled": "processing", "partially_shipped": "processing"}


def to_order(row: bytes, settings: Mapping[str, str]) -> Family:
    """One order, its parcels and its payments."""
    theirs = decode(row, Theirs)
    return Family(
        Mapped(_order(theirs), row),
        children=[*to_fulfillments(theirs), *to_transactions(theirs)],
    )


def _order(theirs: Theirs) -> Order:
    ours = kept.kept(theirs.metadata)
    summary = theirs.summary or Summary()
    number = kept.text(ours, "order_number") or (None if theirs.display_id is None else str(theirs.display_id))
    methods = theirs.shipping_methods or []
    return Order(
        platform_unique_id=theirs.id,
        customer_id=theirs.customer_id,
        order_number=number,
        order_name=kept.text(ours, "order_name") or theirs.custom_display_id or _decorated(number),
        reference=kept.text(ours, "reference"),
        description=kept.text(ours, "description"),
        status=_status(theirs, ours),
        payment_status=cast("PaymentStatus", PAYMENT.read(theirs.payment_status) or "unknown"),
        fulfillment_status=cast("FulfillmentStatus", FULFILLMENT.read(theirs.fulfillment_status) or "unknown"),
        platform_status=theirs.status,
        currency_id=currency(theirs.currency_code),
        sub_total=money(theirs.item_subtotal),
        total_discount=money(theirs.discount_total),
        total_tax=money(theirs.tax_total),
        shipping_amount=money(theirs.shipping_total),
        total_amount=money(theirs.total),
        refunded_amount=money(summary.refunded_total),
        amount_paid=money(summary.paid_total),
        amount_due=_due(theirs, summary),
        taxes_included=any(one.is_tax_inclusive for one in (*(theirs.items or ()), *methods)),
        order_date=kept.moment(ours, "order_date") or time(theirs.created_at),
        canceled_at=time(theirs.canceled_at),
        email=blank_to_none(theirs.email),
        phone=kept.text(ours, "phone"),
        channel=kept.text(ours, "channel") or (theirs.sales_channel.name if theirs.sales_channel else None),
        tags=kept.texts(ours, "tags"),
        line_items=[to_line(one) for one in in_order(theirs.items or ())],
        addresses=_addresses(theirs),
        shipping_lines=[shipping_line(one) for one in sorted(methods, key=lambda one: one.id)],
        discounts=discounts_of(theirs),
        taxes=taxes_of(theirs),
        created_at=kept.made(ours, theirs.created_at),
        updated_at=kept.changed(ours, theirs.created_at, theirs.updated_at),
    )


def _decorated(number: str | None) -> str | None:
    return None if number is None else f"#{number.removeprefix('#')}"


def _status(theirs: Theirs, ours: kept.Kept) -> OrderStatus:
    status = STATUSES.read(theirs.status) or "unknown"
    if status == "pending":
        status = _BY_PARCELS.get(theirs.fulfillment_status or "", "pending")
    if status == "pending" and ours.get("status") == "processing":
        status = "processing"
    return cast("OrderStatus", status)


def _due(theirs: Theirs, summary: Summary) -> Decimal | None:
    # Medusa's difference is negative when money must go back, and stays open on a canceled order.
    if theirs.status == "canceled":
        return Decimal(0)
    due = money(summary.pending_difference)
    return None if due is None else max(due, Decimal(0))


def _addresses(theirs: Theirs) -> list[Address]:
    places = (("billing", theirs.billing_address), ("shipping", theirs.shipping_address))
    return [to_address(place, kind) for kind, place in places if place is not None]
