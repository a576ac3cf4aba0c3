"""v4 inventories: integers, reserved and available apart, a state, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.api import takes
from entrepot.api.layout import Shown
from entrepot.api.parts import many
from entrepot.api.shapes import BOOLEAN, INTEGER, REFERENCE, TEXT, TIME, lower
from entrepot.api.v4.address import ADDRESS
from entrepot.api.view import Given, View


def _take_location(value: object, where: str) -> Mapping[str, object]:
    taken = takes.text(value, where)
    return {} if taken is takes.ABSENT else {"warehouse_location": taken}


INVENTORY = View(
    noun="inventory", path="inventories", name="Inventory",
    about="The stock of one variant at one location.",
    fields=(
        Shown("item_id", REFERENCE, about="platform_id of the item."),
        Shown("variant_id", REFERENCE, about="platform_id of its variant."),
        Shown("sku", TEXT, about="Stock keeping unit."),
        Shown("quantity", INTEGER, about="Units on the shelf."),
        Shown("reserved_quantity", INTEGER, about="Of these, promised to open orders."),
        Shown("available_quantity", INTEGER, about="What can still be sold."),
        Shown("status", lower, about="The state that follows from it."),
        Shown("is_trackable", BOOLEAN, about="Whether the platform counts it."),
        Shown("reorder_level", INTEGER, about="Below this it is low."),
        Shown("reorder_quantity", INTEGER, about="How many to order then."),
        Shown("addresses", many(ADDRESS), about="Where it lies."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("updated_at", TIME, about="Last change on the platform."),
    ),
    given=(Given("warehouse_location", _take_location, str, "Name of the location.", ("warehouse_location",)),),
    writes=("update",),
)
