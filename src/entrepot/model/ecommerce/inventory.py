"""Inventory: how many of a variant lie at a location."""

from __future__ import annotations

from typing import Annotated, Literal

from entrepot.model.base import Address, Query, ReadOnly, Record, Ref

InventoryStatus = Literal["in_stock", "low_stock", "out_of_stock", "discontinued"]


class Inventory(Record, kw_only=True, omit_defaults=True):
    """The stock level of one variant at one location."""

    item_id: Annotated[str | None, Query(indexed=True), Ref("product")] = None
    variant_id: Annotated[str | None, Query(), Ref("product", part="variants")] = None
    sku: Annotated[str | None, Query()] = None
    description: str | None = None
    location_id: Annotated[str | None, Query()] = None
    warehouse_location: str | None = None
    """The location's name."""
    quantity: Annotated[int | None, Query()] = None
    """Physical units on the shelf."""
    reserved_quantity: Annotated[int | None, Query()] = None
    available_quantity: Annotated[int | None, Query(), ReadOnly()] = None
    """``quantity - reserved_quantity`` unless the platform says otherwise."""
    incoming_quantity: Annotated[int | None, ReadOnly()] = None
    status: Annotated[InventoryStatus | None, Query(), ReadOnly()] = None
    is_trackable: bool | None = None
    reorder_level: int | None = None
    reorder_quantity: int | None = None
    addresses: Annotated[list[Address], ReadOnly()] = []
    """The location's, type ``warehouse``."""
