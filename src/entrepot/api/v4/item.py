"""v4 items: products with their variants and prices."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.parts import Part, many
from entrepot.api.shapes import CURRENCY, NUMBER, TEXT, TIME, lower
from entrepot.api.view import View
from entrepot.model.ecommerce.product import Variant

VARIANT = Part("Variant", Variant, (
    Shown("name", TEXT, about="What tells it from the others."),
    Shown("sku", TEXT, about="Stock keeping unit."),
    Shown("price", NUMBER, about="Price in currency_id."),
    Shown("compare_at_price", NUMBER, about="Price before the reduction."),
    Shown("currency_id", CURRENCY, about="ISO 4217."),
    Shown("status", lower, about="Its state."),
))

ITEM = View(
    noun="product", path="items", name="Item",
    about="What a shop sells, with its variants.",
    fields=(
        Shown("name", TEXT, about="Title."),
        Shown("description", TEXT, about="Text."),
        Shown("sku", TEXT, about="Stock keeping unit; the only or first variant's."),
        Shown("type", lower, about="What kind of thing it is."),
        Shown("status", lower, about="Its state."),
        Shown("price", NUMBER, about="The lowest price of its variants."),
        Shown("currency_id", CURRENCY, about="The currency of price, ISO 4217."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("updated_at", TIME, about="Last change on the platform."),
        Shown("variants", many(VARIANT), about="Its variants."),
    ),
    writes=("create", "update"),
    required=("name",),
)
