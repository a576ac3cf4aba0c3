"""What Medusa sends of an order and what hangs on it: lines, shipping, parcels, payments."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from entrepot.connectors.medusa.payload import Metadata, Named, Place


class TaxLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One tax on a line or a shipping method; ``rate`` is in percent."""

    rate: Decimal | None = None
    code: str | None = None
    description: str | None = None
    total: Decimal | None = None


class Adjustment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a promotion took off a line or a shipping method."""

    code: str | None = None
    amount: Decimal | None = None


class Detail(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How far a line has come, in the order's newest version."""

    fulfilled_quantity: Decimal | None = None
    return_received_quantity: Decimal | None = None


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A line of an order."""

    id: str
    title: str | None = None
    subtitle: str | None = None
    product_id: str | None = None
    product_title: str | None = None
    variant_id: str | None = None
    variant_sku: str | None = None
    is_tax_inclusive: bool = False
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    subtotal: Decimal | None = None
    discount_subtotal: Decimal | None = None
    discount_total: Decimal | None = None
    tax_total: Decimal | None = None
    total: Decimal | None = None
    metadata: Metadata | None = None
    detail: Detail | None = None
    tax_lines: list[TaxLine] | None = None
    adjustments: list[Adjustment] | None = None


class ShippingMethod(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A way of shipping that was paid for."""

    id: str
    name: str | None = None
    amount: Decimal | None = None
    shipping_option_id: str | None = None
    is_tax_inclusive: bool = False
    discount_total: Decimal | None = None
    tax_total: Decimal | None = None
    tax_lines: list[TaxLine] | None = None
    adjustments: list[Adjustment] | None = None


class Capture(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Money taken from an authorised payment."""

    id: str
    amount: Decimal | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Refund(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Money given back."""

    id: str
    amount: Decimal | None = None
    note: str | None = None
    refund_reason: Named | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Payment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A payment that was authorised."""

    id: str
    amount: Decimal | None = None
    currency_code: str | None = None
    provider_id: str | None = None
    captured_at: str | None = None
    canceled_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    captures: list[Capture] | None = None
    refunds: list[Refund] | None = None


class PaymentCollection(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Payments that belong together; an order may have several."""

    payments: list[Payment] | None = None


class Label(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A parcel's label."""

    tracking_number: str | None = None
    tracking_url: str | None = None


class ParcelLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What lies in a parcel."""

    id: str
    line_item_id: str | None = None
    quantity: Decimal | None = None


class Parcel(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A fulfillment."""

    id: str
    location_id: str | None = None
    provider_id: str | None = None
    shipping_option: Named | None = None
    delivery_address: Place | None = None
    metadata: Metadata | None = None
    items: list[ParcelLine] | None = None
    labels: list[Label] | None = None
    packed_at: str | None = None
    shipped_at: str | None = None
    delivered_at: str | None = None
    canceled_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Summary(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What was paid, what was given back, what is open."""

    paid_total: Decimal | None = None
    refunded_total: Decimal | None = None
    pending_difference: Decimal | None = None


class Order(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An order (or a draft of one)."""

    id: str
    display_id: int | None = None
    custom_display_id: str | None = None
    status: str | None = None
    payment_status: str | None = None
    fulfillment_status: str | None = None
    email: str | None = None
    currency_code: str | None = None
    customer_id: str | None = None
    metadata: Metadata | None = None
    total: Decimal | None = None
    item_subtotal: Decimal | None = None
    shipping_total: Decimal | None = None
    discount_total: Decimal | None = None
    tax_total: Decimal | None = None
    summary: Summary | None = None
    sales_channel: Named | None = None
    shipping_address: Place | None = None
    billing_address: Place | None = None
    items: list[Line] | None = None
    shipping_methods: list[ShippingMethod] | None = None
    payment_collections: list[PaymentCollection] | None = None
    fulfillments: list[Parcel] | None = None
    canceled_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
