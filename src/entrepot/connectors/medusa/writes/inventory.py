"""Stock levels: how many lie at a location is set; what is promised to buyers is Medusa's own sum."""

from __future__ import annotations

from typing import cast

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.inventory import KEPT, to_inventory
from entrepot.connectors.medusa.payload import LevelRow, Metadata
from entrepot.connectors.medusa.reads import whole
from entrepot.connectors.medusa.reads.listing import Identified, inside
from entrepot.connectors.medusa.writes.keep import again
from entrepot.connectors.medusa.writes.refuse import denied, invalid
from entrepot.kit.json import decode
from entrepot.kit.spec import Action, Change, Shop
from entrepot.kit.urls import path_of
from entrepot.model.ecommerce.inventory import Inventory

_SAME = ("item_id", "variant_id", "sku", "location_id", "warehouse_location", "reserved_quantity", "is_trackable")
"""May be sent back as they are."""


class _Item(Identified, kw_only=True):
    metadata: Metadata | None = None


def _check(change: Change, settings: object) -> None:
    record = _record(change)
    if "quantity" in change.given and record.quantity is not None and record.quantity < 0:
        raise invalid("quantity", "Medusa's stock is zero or more.")
    if change.current is not None:
        _compare(change, cast("Inventory", to_inventory(change.current, {}).parent.record))


async def _update(shop: Shop, change: Change) -> str:
    record = _record(change)
    row = decode(change.current or await whole.inventory_level(shop, change.target or ""), LevelRow)
    item, place = row.item.id, row.level.location_id or ""
    if "quantity" in change.given and record.quantity is not None:
        await shop.send("POST", path_of("admin", "inventory-items", item, "location-levels", place),
                        {"stocked_quantity": record.quantity}, {"fields": "id"})
    await _keep(shop, change, item, row.level.id)
    return f"{item}/{row.level.id}"


async def _keep(shop: Shop, change: Change, item: str, level: str) -> None:
    """A level has no metadata that can be written: its item's takes what is kept, under the level's id."""
    if not change.given.intersection(KEPT):
        return
    path = path_of("admin", "inventory-items", item)
    read = await shop.get(path, {"fields": "id,metadata"})
    ours = kept.kept(inside(read, "inventory_item", _Item).metadata)
    metadata = again(change, KEPT, kept.part(ours, level), read)
    if metadata is not None:
        await shop.send("POST", path, {"metadata": {kept.NAME: {**ours, level: metadata[kept.NAME] or {}}}},
                        {"fields": "id"})


def _compare(change: Change, current: Inventory) -> None:
    for name in _SAME:
        sent = getattr(change.record, name)
        if name in change.given and sent not in (None, "") and sent != getattr(current, name):
            raise denied(name, f"Medusa does not let a stock level's {name} change.")


def _record(change: Change) -> Inventory:
    return cast("Inventory", change.record)


ACTIONS = (Action("inventory", "update", "inventory", _update, check=_check),)
