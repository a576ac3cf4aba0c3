"""Parcels."""

from __future__ import annotations

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.address import to_address
from entrepot.connectors.medusa.payload_order import Order, Parcel
from entrepot.kit.convert import blank_to_none, money, time
from entrepot.kit.json import ENCODER
from entrepot.kit.spec import Mapped
from entrepot.model.ecommerce.fulfillment import Fulfillment, FulfillmentLine, FulfillmentState, ShipmentStatus

KEPT = (
    "name", "carrier_name", "delivery_service", "estimated_delivery_date", "weight", "weight_unit", "created_at",
    "updated_at",
)
"""Fields of the model that Medusa has none for."""
PARCELS = "fulfillments"
"""A parcel's metadata can be written only when it is made; what is kept later lies in the order's, by parcel id."""


def to_fulfillments(order: Order) -> list[Mapped]:
    """All parcels of an order, canceled ones too, oldest first. The raw part names the order, which a write needs."""
    parcels = sorted(order.fulfillments or (), key=lambda one: (one.created_at or "", one.id))
    later = kept.part(kept.kept(order.metadata), PARCELS)
    return [
        Mapped(
            _parcel(order, parcel, {**kept.kept(parcel.metadata), **kept.part(later, parcel.id)},
                    f"#{order.display_id}.{n}"),
            ENCODER.encode({"order_id": order.id, "fulfillment": parcel}),
        )
        for n, parcel in enumerate(parcels, 1)
    ]


def _parcel(order: Order, parcel: Parcel, ours: kept.Kept, name: str) -> Fulfillment:
    label = parcel.labels[0] if parcel.labels else None
    link = blank_to_none(label.tracking_url) if label else None
    option = parcel.shipping_option
    return Fulfillment(
        platform_unique_id=parcel.id,
        order_id=order.id,
        name=kept.text(ours, "name") or name,
        status=state(parcel),
        shipment_status=_shipment(parcel),
        carrier_name=kept.text(ours, "carrier_name"),
        delivery_service=kept.text(ours, "delivery_service") or (blank_to_none(option.name) if option else None),
        tracking_number=blank_to_none(label.tracking_number) if label else None,
        tracking_link=None if link == "#" else link,  # Medusa's own sign for no link
        estimated_delivery_date=kept.moment(ours, "estimated_delivery_date"),
        shipped_at=time(parcel.shipped_at),
        actual_delivery_date=time(parcel.delivered_at),
        canceled_at=time(parcel.canceled_at),
        location_id=parcel.location_id,
        weight=kept.amount(ours, "weight"),
        weight_unit=kept.text(ours, "weight_unit"),
        line_items=[
            FulfillmentLine(platform_unique_id=one.id, line_item_id=one.line_item_id, quantity=money(one.quantity))
            for one in sorted(parcel.items or (), key=lambda one: one.id)
        ],
        addresses=[to_address(parcel.delivery_address, "shipping")] if parcel.delivery_address else [],
        created_at=kept.made(ours, parcel.created_at),
        updated_at=kept.changed(ours, parcel.created_at, parcel.updated_at),
    )


def state(parcel: Parcel) -> FulfillmentState:
    """Medusa has no status here: the latest of its times tells."""
    if parcel.canceled_at:
        return "canceled"
    if parcel.delivered_at:
        return "delivered"
    return "in_transit" if parcel.shipped_at else "pending"


def _shipment(parcel: Parcel) -> ShipmentStatus:
    now = state(parcel)
    if now == "canceled":
        return "canceled"
    if now == "delivered":
        return "delivered"
    return "in_transit" if now == "in_transit" else "pending"
