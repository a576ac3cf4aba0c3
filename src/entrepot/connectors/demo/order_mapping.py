"""An order of the demo shop to its records: order, fulfillments, transactions, and the guest who placed it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b

from entrepot.connectors.demo.amounts import AMOUNTS, optional
from entrepot.connectors.demo.mapping import address
from entrepot.connectors.demo.order_payload import DeliveryRow, LineRow, OrderRow, ParcelRow, PaymentRow
from entrepot.kit.json import decoder
from entrepot.kit.spec import Family, Mapped
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment, FulfillmentLine, FulfillmentState, ShipmentStatus
from entrepot.model.ecommerce.order import (
    Discount,
    FulfillmentStatus,
    LineItem,
    Order,
    OrderStatus,
    PaymentStatus,
    ShippingLine,
    TaxLine,
)
from entrepot.model.ecommerce.transaction import PaymentMethodType, Transaction, TransactionStatus, TransactionType

ORDER_STATUS: Mapping[str, OrderStatus] = {
    "open": "pending", "paid": "processing", "packing": "processing", "partly_sent": "processing", "sent": "shipped",
    "arrived": "delivered", "returned": "completed", "cancelled": "canceled",
}
_MONEY: Mapping[str | None, PaymentStatus] = {
    "unpaid": "pending", "declined": "failed", "reserved": "authorized", "partly_paid": "partially_paid",
    "paid": "paid", "partly_refunded": "partially_refunded", "refunded": "refunded", "void": "voided",
}
_DISPATCH: Mapping[str | None, FulfillmentStatus] = {
    "none": "unfulfilled", "packing": "in_progress", "part": "partial", "all": "fulfilled", "cancelled": "canceled",
}
_KIND: Mapping[str, TransactionType] = {
    "charge": "payment", "authorisation": "authorization", "capture": "capture", "refund": "refund", "void": "void",
}
_SETTLEMENT: Mapping[str, TransactionStatus] = {
    "settled": "paid", "reserved": "authorized", "awaited": "pending", "declined": "failed", "released": "canceled",
}
_METHOD: Mapping[str, PaymentMethodType] = {
    "card": "card", "wallet": "wallet", "bank": "bank_transfer", "cash": "cash", "voucher": "gift_card",
    "manual": "manual",
}
_PARCEL: Mapping[str, FulfillmentState] = {
    "packing": "pending", "labelled": "pending", "underway": "in_transit", "out_for_delivery": "in_transit",
    "arrived": "delivered", "stopped": "canceled", "failed": "failed", "returned": "returned",
}
_SHIPMENT: Mapping[str, ShipmentStatus] = {
    "packing": "pending", "labelled": "label_printed", "underway": "in_transit",
    "out_for_delivery": "out_for_delivery", "arrived": "delivered", "stopped": "canceled", "failed": "failed",
    "returned": "returned",
}
GUEST = "guest_"
"""Begins the ids of those who ordered without an account."""
_DECODER = decoder(OrderRow)


def order(raw: bytes, settings: Mapping[str, str]) -> Family:
    """The whole family of one order row."""
    row = _DECODER.decode(raw)
    guest = _guest(row) if row.buyer_id is None else None
    customer_id = guest.platform_unique_id if guest else row.buyer_id
    children = [Mapped(_fulfillment(row, one)) for one in row.parcels]
    children += [Mapped(_transaction(row, one, customer_id)) for one in row.payments]
    return Family(Mapped(_order(row, customer_id), raw), children, [Mapped(guest)] if guest else ())


def _order(row: OrderRow, customer_id: str | None) -> Order:
    sums, contact = row.sums, row.contact
    addresses = [address(row.bill_to, "billing")] if row.bill_to else []
    if row.ship_to:
        addresses.append(address(row.ship_to, "shipping"))
    return Order(
        platform_unique_id=row.id, customer_id=customer_id, order_number=row.number, order_name=row.label,
        reference=row.reference, description=row.remark, status=ORDER_STATUS.get(row.state, "unknown"),
        payment_status=_MONEY.get(row.money, "unknown"), fulfillment_status=_DISPATCH.get(row.dispatch, "unknown"),
        platform_status=row.state, currency_id=row.currency, sub_total=AMOUNTS[sums.goods],
        total_discount=AMOUNTS[sums.discount], total_tax=AMOUNTS[sums.tax], shipping_amount=AMOUNTS[sums.shipping],
        total_amount=AMOUNTS[sums.total], refunded_amount=AMOUNTS[sums.refunded], amount_paid=AMOUNTS[sums.paid],
        amount_due=AMOUNTS[sums.due], taxes_included=row.prices_include_tax, order_date=row.placed_at,
        closed_at=row.closed_at, canceled_at=row.cancelled_at, cancel_reason=row.cancel_reason,
        email=contact.email if contact else None, phone=contact.phone if contact else None, channel=row.channel,
        tags=row.tags, is_test=row.test, line_items=[_line(one) for one in row.lines], addresses=addresses,
        shipping_lines=[_shipping(one) for one in row.deliveries],
        discounts=[Discount(code=one.code, name=one.title, amount=AMOUNTS[one.amount]) for one in row.coupons],
        taxes=_taxes(row), created_at=row.created_at, updated_at=row.updated_at,
    )


def _line(row: LineRow) -> LineItem:
    return LineItem(
        platform_unique_id=row.id, item_id=row.article_id, variant_id=row.variant_id, name=row.title,
        description=row.text, sku=row.sku, quantity=AMOUNTS[row.qty], unit_amount=AMOUNTS[row.unit_net],
        discount_amount=AMOUNTS[row.discount], tax_amount=AMOUNTS[row.tax], sub_total=AMOUNTS[row.net],
        total_amount=AMOUNTS[row.total], fulfilled_quantity=AMOUNTS[row.shipped_qty],
        refunded_quantity=AMOUNTS[row.returned_qty],
        taxes=[TaxLine(name=row.tax_name, rate=optional(row.tax_rate), amount=AMOUNTS[row.tax])]
        if row.tax_name else [],
    )


def _shipping(row: DeliveryRow) -> ShippingLine:
    return ShippingLine(
        platform_unique_id=row.id, name=row.title, code=row.code, amount=AMOUNTS[row.price],
        tax_amount=AMOUNTS[row.tax],
        taxes=[TaxLine(name=row.tax_name, rate=optional(row.tax_rate), amount=AMOUNTS[row.tax])]
        if row.tax_name else [],
    )


def _taxes(row: OrderRow) -> list[TaxLine]:
    """One entry a tax. Nearly always all lines have the same, whose amount is then the order's."""
    taxed: list[LineRow | DeliveryRow] = [*row.lines, *row.deliveries]
    first = row.lines[0] if row.lines else None
    if first and first.tax_name and all(one.tax_rate == first.tax_rate for one in taxed):
        return [TaxLine(name=first.tax_name, rate=optional(first.tax_rate), amount=AMOUNTS[row.sums.tax])]
    found: dict[tuple[str | None, str | None], Decimal] = {}
    for one in taxed:
        if one.tax_name:
            key = (one.tax_name, one.tax_rate)
            found[key] = found.get(key, Decimal(0)) + AMOUNTS[one.tax]
    return [TaxLine(name=name, rate=optional(rate), amount=amount) for (name, rate), amount in found.items()]


def _fulfillment(order: OrderRow, row: ParcelRow) -> Fulfillment:
    return Fulfillment(
        platform_unique_id=row.id, order_id=order.id, name=row.label, status=_PARCEL.get(row.state, "pending"),
        shipment_status=_SHIPMENT.get(row.state, "unknown"), carrier_name=row.carrier, delivery_service=row.service,
        tracking_number=row.tracking_code, tracking_link=row.tracking_url, estimated_delivery_date=row.expected_at,
        shipped_at=row.sent_at, actual_delivery_date=row.arrived_at, canceled_at=row.stopped_at,
        location_id=row.location_id, weight=None if row.grams is None else Decimal(row.grams),
        weight_unit=None if row.grams is None else "g",
        line_items=[FulfillmentLine(line_item_id=one.line_id, quantity=AMOUNTS[one.qty]) for one in row.lines],
        addresses=[address(order.ship_to, "shipping")] if order.ship_to else [],
        created_at=row.created_at, updated_at=row.updated_at,
    )


def _transaction(order: OrderRow, row: PaymentRow, customer_id: str | None) -> Transaction:
    return Transaction(
        platform_unique_id=row.id, type=_KIND.get(row.kind, "unknown"), order_id=order.id, contact_id=customer_id,
        currency_id=order.currency, amount=AMOUNTS[row.amount], fee=optional(row.fee),
        status=_SETTLEMENT.get(row.state, "unknown"),
        payment_method_type=_METHOD.get(row.method, "other") if row.method else None, payment_method=row.method,
        gateway=row.processor, gateway_transaction_id=row.processor_ref, original_transaction_id=row.parent_id,
        description=row.note, reason=row.reason, created_at=row.created_at, updated_at=row.updated_at,
    )


def _guest(row: OrderRow) -> Customer | None:
    """Who ordered without an account. The id is made of what is told of the guest, and nothing that another order of
    the same guest could contradict is kept: reading two such orders in turn changes nothing."""
    email = row.contact.email if row.contact else None
    if not email:
        return None
    name = row.bill_to.name if row.bill_to else None
    digest = blake2b(f"{email.lower()}\n{name or ''}".encode(), digest_size=10).hexdigest()
    return Customer(platform_unique_id=GUEST + digest, name=name, email=email.lower(), is_guest=True)
