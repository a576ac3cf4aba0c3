"""Order: what was bought, by whom, for how much, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from entrepot.model.base import Address, Embedded, Personal, Query, ReadOnly, Record, Ref

OrderStatus = Literal["pending", "processing", "shipped", "delivered", "completed", "canceled", "on_hold", "unknown"]
PaymentStatus = Literal[
    "pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided", "failed", "unknown"
]
FulfillmentStatus = Literal["unfulfilled", "in_progress", "partial", "fulfilled", "canceled", "unknown"]


class TaxLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One tax on a line, a shipping line or the whole order."""

    name: str | None = None
    rate: Decimal | None = None
    """A fraction: 0.19 is nineteen percent."""
    amount: Decimal | None = None


class Discount(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One reduction on the whole order."""

    code: str | None = None
    name: str | None = None
    amount: Decimal | None = None


class LineItem(Embedded, kw_only=True, omit_defaults=True):
    """One line of an order."""

    item_id: Annotated[str | None, Ref("product")] = None
    variant_id: Annotated[str | None, Ref("product", part="variants")] = None
    name: str | None = None
    description: str | None = None
    sku: str | None = None
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    """Price of one, before discount and tax."""
    discount_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    sub_total: Decimal | None = None
    """Before tax, after discount."""
    total_amount: Decimal | None = None
    """What the line costs: after discount, with tax."""
    fulfilled_quantity: Decimal | None = None
    refunded_quantity: Decimal | None = None
    taxes: list[TaxLine] = []


class ShippingLine(Embedded, kw_only=True, omit_defaults=True):
    """One way of shipping that was paid for."""

    name: str | None = None
    code: str | None = None
    amount: Decimal | None = None
    discount_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    taxes: list[TaxLine] = []


class Presentment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The same order in the buyer's currency, where the platform keeps both."""

    currency_id: str
    sub_total: Decimal | None = None
    total_discount: Decimal | None = None
    total_tax: Decimal | None = None
    shipping_amount: Decimal | None = None
    total_amount: Decimal | None = None
    refunded_amount: Decimal | None = None


class Order(Record, kw_only=True, omit_defaults=True):
    """An order. Amounts are in ``currency_id``, the shop's currency where a platform has two."""

    customer_id: Annotated[str | None, Query(indexed=True), Ref("customer")] = None
    order_number: Annotated[str | None, Query(indexed=True)] = None
    """The number that people read, as the shop shows it without decoration (``1001``)."""
    order_name: str | None = None
    """The number with the shop's decoration (``#1001``)."""
    reference: Annotated[str | None, Query()] = None
    description: str | None = None
    status: Annotated[OrderStatus, Query()] = "unknown"
    payment_status: Annotated[PaymentStatus, Query(), ReadOnly()] = "unknown"
    fulfillment_status: Annotated[FulfillmentStatus, Query(), ReadOnly()] = "unknown"
    platform_status: Annotated[str | None, ReadOnly()] = None
    """The platform's own word for the status, verbatim."""
    currency_id: Annotated[str | None, Query()] = None
    sub_total: Annotated[Decimal | None, Query(), ReadOnly()] = None
    """Lines before tax and shipping."""
    total_discount: Annotated[Decimal | None, Query(), ReadOnly()] = None
    total_tax: Annotated[Decimal | None, Query(), ReadOnly()] = None
    shipping_amount: Annotated[Decimal | None, Query(), ReadOnly()] = None
    total_amount: Annotated[Decimal | None, Query(), ReadOnly()] = None
    refunded_amount: Annotated[Decimal | None, Query(), ReadOnly()] = None
    amount_paid: Annotated[Decimal | None, ReadOnly()] = None
    amount_due: Annotated[Decimal | None, Query(), ReadOnly()] = None
    taxes_included: Annotated[bool | None, ReadOnly()] = None
    presentment: Annotated[Presentment | None, ReadOnly()] = None
    order_date: Annotated[datetime | None, Query()] = None
    """When the buyer placed it (``created_at`` is when the record was made)."""
    closed_at: Annotated[datetime | None, ReadOnly()] = None
    canceled_at: Annotated[datetime | None, ReadOnly()] = None
    cancel_reason: Annotated[str | None, ReadOnly()] = None
    email: Annotated[str | None, Query(), Personal()] = None
    phone: Annotated[str | None, Personal()] = None
    channel: str | None = None
    tags: list[str] = []
    is_test: Annotated[bool, ReadOnly()] = False
    line_items: list[LineItem] = []
    addresses: list[Address] = []
    """At most one ``billing`` and one ``shipping``."""
    shipping_lines: Annotated[list[ShippingLine], ReadOnly()] = []
    discounts: Annotated[list[Discount], ReadOnly()] = []
    taxes: Annotated[list[TaxLine], ReadOnly()] = []
