"""An order as the demo shop sends it, as far as it is used."""

from __future__ import annotations

from msgspec import Struct

from entrepot.connectors.demo.payload import AddressRow, Moment


class LineRow(Struct, gc=False):
    """A line; ``unit_net`` is without tax, ``net`` and ``total`` are after discount."""

    id: str
    qty: str
    unit_net: str
    discount: str
    tax: str
    net: str
    total: str
    article_id: str | None = None
    variant_id: str | None = None
    title: str | None = None
    text: str | None = None
    sku: str | None = None
    tax_name: str | None = None
    tax_rate: str | None = None
    shipped_qty: str = "0"
    returned_qty: str = "0"


class DeliveryRow(Struct, gc=False):
    """A way of shipping that was chosen."""

    id: str
    price: str
    tax: str
    title: str | None = None
    code: str | None = None
    tax_name: str | None = None
    tax_rate: str | None = None


class CouponRow(Struct, gc=False):
    """A reduction of the whole order."""

    code: str
    amount: str
    title: str | None = None


class SumsRow(Struct, gc=False):
    """The order's amounts; ``goods`` and ``shipping`` are without tax, discount taken off."""

    goods: str
    discount: str
    shipping: str
    tax: str
    total: str
    paid: str
    refunded: str
    due: str


class PaymentRow(Struct, gc=False):
    """A movement of money."""

    id: str
    kind: str
    state: str
    amount: str
    fee: str | None = None
    method: str | None = None
    processor: str | None = None
    processor_ref: str | None = None
    parent_id: str | None = None
    note: str | None = None
    reason: str | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None


class ParcelLineRow(Struct, gc=False):
    """How many of a line are in a parcel."""

    line_id: str
    qty: str


class ParcelRow(Struct):
    """A parcel."""

    id: str
    state: str
    client_reference: str | None = None
    label: str | None = None
    carrier: str | None = None
    service: str | None = None
    tracking_code: str | None = None
    tracking_url: str | None = None
    expected_at: Moment | None = None
    sent_at: Moment | None = None
    arrived_at: Moment | None = None
    stopped_at: Moment | None = None
    location_id: str | None = None
    grams: int | None = None
    lines: list[ParcelLineRow] = []
    created_at: Moment | None = None
    updated_at: Moment | None = None


class ContactRow(Struct, gc=False):
    """How to reach whoever ordered."""

    email: str | None = None
    phone: str | None = None


class OrderRow(Struct):
    """An order; ``buyer_id`` is null for a guest."""

    id: str
    number: str
    state: str
    currency: str
    sums: SumsRow
    label: str | None = None
    reference: str | None = None
    remark: str | None = None
    money: str | None = None
    dispatch: str | None = None
    buyer_id: str | None = None
    contact: ContactRow | None = None
    prices_include_tax: bool | None = None
    bill_to: AddressRow | None = None
    ship_to: AddressRow | None = None
    lines: list[LineRow] = []
    deliveries: list[DeliveryRow] = []
    coupons: list[CouponRow] = []
    payments: list[PaymentRow] = []
    parcels: list[ParcelRow] = []
    channel: str | None = None
    tags: list[str] = []
    test: bool = False
    placed_at: Moment | None = None
    closed_at: Moment | None = None
    cancelled_at: Moment | None = None
    cancel_reason: str | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
