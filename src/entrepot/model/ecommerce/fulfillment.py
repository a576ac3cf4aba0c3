"""Fulfillment: a parcel of an order on its way."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from entrepot.model.base import Address, Embedded, Query, ReadOnly, Record, Ref

FulfillmentState = Literal["pending", "in_transit", "delivered", "canceled", "failed", "returned"]
ShipmentStatus = Literal[
    "pending", "label_printed", "in_transit", "out_for_delivery", "delivered", "failed", "returned", "canceled",
    "unknown",
]


class FulfillmentLine(Embedded, kw_only=True, omit_defaults=True):
    """How many of an order's line are in the parcel."""

    line_item_id: Annotated[str | None, Ref("order", part="line_items")] = None
    """The order line's own platform id."""
    quantity: Decimal | None = None


class Fulfillment(Record, kw_only=True, omit_defaults=True):
    """A parcel. Belongs to its order: re-reading the order yields all of its parcels."""

    order_id: Annotated[str | None, Query(indexed=True), Ref("order")] = None
    name: str | None = None
    status: Annotated[FulfillmentState, Query()] = "pending"
    shipment_status: Annotated[ShipmentStatus, Query(), ReadOnly()] = "unknown"
    carrier_name: str | None = None
    delivery_service: str | None = None
    tracking_number: Annotated[str | None, Query()] = None
    tracking_link: str | None = None
    estimated_delivery_date: datetime | None = None
    shipped_at: Annotated[datetime | None, ReadOnly()] = None
    actual_delivery_date: Annotated[datetime | None, ReadOnly()] = None
    canceled_at: Annotated[datetime | None, ReadOnly()] = None
    location_id: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    line_items: list[FulfillmentLine] = []
    addresses: Annotated[list[Address], ReadOnly()] = []
    """Origin (``warehouse``) and destination (``shipping``) where known."""
