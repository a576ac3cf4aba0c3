"""Stock: one record a level, which is one inventory item at one location."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.address import to_address
from entrepot.connectors.medusa.payload import LevelRow
from entrepot.kit.convert import blank_to_none
from entrepot.kit.json import decode
from entrepot.kit.spec import Family, Mapped
from entrepot.model.ecommerce.inventory import Inventory, InventoryStatus

KEPT = ("description", "reorder_level", "reorder_quantity", "created_at", "updated_at")
"""Fields of the model that Medusa has none for; kept in the item's metadata under the level's id."""


def to_inventory(row: bytes, settings: Mapping[str, str]) -> Family:
    """An item that several variants share is told of the first of them, by id."""
    theirs = decode(row, LevelRow)
    level, item = theirs.level, theirs.item
    ours = kept.part(kept.kept(item.metadata), level.id)
    variant = min(item.variants or (), key=lambda one: one.id, default=None)
    place = theirs.location
    available = _units(level.available_quantity)
    record = Inventory(
        platform_unique_id=level.id,
        item_id=variant.product_id if variant else None,
        variant_id=variant.id if variant else None,
        sku=blank_to_none(item.sku),
        description=kept.text(ours, "description") or blank_to_none(item.description) or blank_to_none(item.title),
        location_id=level.location_id,
        warehouse_location=blank_to_none(place.name) if place else None,
        quantity=_units(level.stocked_quantity),
        reserved_quantity=_units(level.reserved_quantity),
        available_quantity=available,
        incoming_quantity=_units(level.incoming_quantity),
        status=_status(available, kept.whole(ours, "reorder_level")),
        is_trackable=True if variant is None or variant.manage_inventory is None else variant.manage_inventory,
        reorder_level=kept.whole(ours, "reorder_level"),
        reorder_quantity=kept.whole(ours, "reorder_quantity"),
        addresses=[to_address(place.address, "warehouse")] if place and place.address else [],
        created_at=kept.made(ours, level.created_at),
        updated_at=kept.changed(ours, level.created_at, level.updated_at),
    )
    return Family(Mapped(record, row))


def _units(quantity: Decimal | None) -> int | None:
    return None if quantity is None else int(quantity)


def _status(available: int | None, reorder_level: int | None) -> InventoryStatus | None:
    if available is None:
        return None
    if available <= 0:
        return "out_of_stock"
    return "low_stock" if reorder_level is not None and available <= reorder_level else "in_stock"
