"""v3 inventories: `product_id` and a quantity that is a string."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import INTEGER_TEXT, REFERENCE_OR_BLANK, TEXT_OR_BLANK, TIME_OR_BLANK
from entrepot.api.view import View

INVENTORY = View(
    noun="inventory", path="inventories", name="Inventory",
    about="The stock of one variant at one location.",
    fields=(
        Shown("product_id", REFERENCE_OR_BLANK, source="item_id", about="platform_id of the product."),
        Shown("description", TEXT_OR_BLANK, about="What it is."),
        Shown("sku", TEXT_OR_BLANK, about="Stock keeping unit."),
        Shown("quantity", INTEGER_TEXT, about="Units on the shelf."),
        Shown("created_at", TIME_OR_BLANK, about="Creation on the platform."),
        Shown("updated_at", TIME_OR_BLANK, about="Last change on the platform."),
    ),
    by_id=False,
    stored="older",
)
