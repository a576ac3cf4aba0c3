"""v3 products: no price, no variants; a create answers one object where all others answer a list."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import TEXT, TIME, base_status
from entrepot.api.view import View

PRODUCT = View(
    noun="product", path="products", name="Product",
    about="What a shop sells.",
    fields=(
        Shown("name", TEXT, about="Title."),
        Shown("description", TEXT, about="Text."),
        Shown("sku", TEXT, about="Stock keeping unit; the only or first variant's."),
        Shown("status", base_status, about="ACTIVE, ARCHIVED, or UNKNOWN (a draft, say)."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("updated_at", TIME, about="Last change on the platform."),
    ),
    writes=("create",),
    single=True,
    by_id=False,
    stored="older",
)
