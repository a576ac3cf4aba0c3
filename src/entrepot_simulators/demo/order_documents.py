"""An order as the shop's API shows it, with its payments and parcels nested."""

from __future__ import annotations

from msgspec import Struct

from entrepot_simulators.demo.documents import Address


class Snapshot(Struct, kw_only=True):
    """The article as it was when it was ordered."""

    handle: str | None = None
    maker: str | None = None
    category: str | None = None
    page: str | None = None
    image: str | None = None
    choices: dict[str, str] = {}


class Shown(Struct, kw_only=True):
    """A line's amounts as the buyer read them."""

    line: str
    unit_price: str
    discount: str
    tax: str
    total: str


class Line(Struct, kw_only=True):
    """One line. ``unit_price`` as the buyer sees it, ``unit_net`` without tax; ``net``, ``total`` after discount."""

    id: str
    article_id: str | None = None
    variant_id: str | None = None
    title: str | None = None
    text: str | None = None
    sku: str | None = None
    qty: str
    unit_price: str
    unit_net: str
    discount: str
    tax: str
    tax_name: str | None = None
    tax_rate: str | None = None
    net: str
    total: str
    shipped_qty: str = "0"
    returned_qty: str = "0"
    shown: Shown | None = None
    article: Snapshot | None = None


class Delivery(Struct, kw_only=True):
    """A way of shipping that was chosen, its price without tax."""

    id: str
    title: str | None = None
    code: str | None = None
    price: str
    tax: str
    tax_name: str | None = None
    tax_rate: str | None = None


class Coupon(Struct, kw_only=True):
    """A reduction of the whole order."""

    code: str
    title: str | None = None
    amount: str


class Sums(Struct, kw_only=True):
    """``goods`` and ``shipping`` without tax, ``discount`` already taken off; ``total`` with everything."""

    goods: str
    discount: str
    shipping: str
    tax: str
    total: str
    paid: str
    refunded: str
    due: str


class Card(Struct, kw_only=True):
    """What a receipt says about a card."""

    brand: str
    last_digits: str
    expires: str
    country: str


class Payment(Struct, kw_only=True):
    """A movement of money: authorisation, charge, capture, refund, void."""

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
    card: Card | None = None
    receipt: str | None = None
    created_at: str
    updated_at: str


class ParcelLine(Struct, kw_only=True):
    """How many of an order's line are in a parcel."""

    line_id: str
    qty: str


class Scan(Struct, kw_only=True):
    """The carrier saw the parcel."""

    at: str
    place: str
    what: str


class Parcel(Struct, kw_only=True):
    """A parcel: packing, labelled, underway, arrived, stopped, failed, returned."""

    id: str
    order_id: str
    client_reference: str | None = None
    label: str | None = None
    state: str = "packing"
    carrier: str | None = None
    service: str | None = None
    tracking_code: str | None = None
    tracking_url: str | None = None
    expected_at: str | None = None
    sent_at: str | None = None
    arrived_at: str | None = None
    stopped_at: str | None = None
    location_id: str | None = None
    grams: int | None = None
    lines: list[ParcelLine] = []
    scans: list[Scan] = []
    created_at: str
    updated_at: str


class Contact(Struct, kw_only=True):
    """How to reach whoever ordered, with an account or without."""

    email: str | None = None
    phone: str | None = None


class Account(Struct, kw_only=True):
    """The buyer's account when the order was placed."""

    id: str
    full_name: str
    email: str
    language: str
    page: str


class Event(Struct, kw_only=True):
    """One entry of the order's history."""

    at: str
    by: str
    what: str


class Visit(Struct, kw_only=True):
    """What led to the order."""

    landing_page: str
    campaign: str
    device: str
    agent: str


class Links(Struct, kw_only=True):
    """Where people find the order."""

    desk: str
    invoice: str
    status_page: str


class Order(Struct, kw_only=True):
    """An order. ``buyer_id`` is null for a guest."""

    id: str
    client_reference: str | None = None
    number: str
    label: str | None = None
    reference: str | None = None
    remark: str | None = None
    state: str
    money: str
    dispatch: str
    buyer_id: str | None = None
    buyer: Account | None = None
    contact: Contact
    currency: str
    prices_include_tax: bool = False
    sums: Sums
    bill_to: Address | None = None
    ship_to: Address | None = None
    lines: list[Line] = []
    deliveries: list[Delivery] = []
    coupons: list[Coupon] = []
    payments: list[Payment] = []
    parcels: list[Parcel] = []
    channel: str | None = None
    tags: list[str] = []
    test: bool = False
    placed_at: str
    closed_at: str | None = None
    cancelled_at: str | None = None
    cancel_reason: str | None = None
    visit: Visit | None = None
    links: Links | None = None
    history: list[Event] = []
    created_at: str
    updated_at: str
    changed_at: str
