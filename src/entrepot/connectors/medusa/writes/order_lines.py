"""The lines of an order that is made: which variant each one is, at the price that was agreed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.connectors.medusa.mapping.kept import NAME
from entrepot.connectors.medusa.reads.listing import Identified, inside
from entrepot.connectors.medusa.writes.refuse import denied, invalid, missing, none_of
from entrepot.errors import Missing
from entrepot.kit.convert import blank_to_none
from entrepot.kit.spec import Shop
from entrepot.kit.urls import path_of
from entrepot.model.ecommerce.order import LineItem


class _Sold(msgspec.Struct, kw_only=True):
    id: str
    status: str | None = None
    variants: list[Identified] | None = None


def check_lines(lines: Sequence[LineItem]) -> None:
    """What can be said without asking Medusa."""
    if not lines:
        raise missing("line_items", "Send at least one line with item_id, quantity and unit_amount.")
    for position, line in enumerate(lines):
        path = f"line_items[{position}]"
        if not line.item_id and not line.variant_id:
            raise missing(f"{path}.item_id", "Send the item's platform_id.")
        if line.quantity is None:
            raise missing(f"{path}.quantity", "Send how many.")
        if line.quantity <= 0 or line.quantity != line.quantity.to_integral_value():
            raise invalid(f"{path}.quantity", "Medusa sells whole pieces, one or more.")
        if line.unit_amount is None:
            raise missing(f"{path}.unit_amount", "Send the price of one.")
        if line.unit_amount < 0:
            raise invalid(f"{path}.unit_amount", "A price is not negative.")
        none_of(line, ("discount_amount",), path, "takes discounts only as promotions")
        none_of(line, ("tax_amount", "taxes"), path, "works the tax out itself")


async def draft_lines(shop: Shop, lines: Sequence[LineItem]) -> list[dict[str, object]]:
    """The ``items`` of a draft. The unit amount goes in as a custom price: Medusa's own may be another by now."""
    sold: dict[str, _Sold] = {}
    items = []
    for position, line in enumerate(lines):
        if line.item_id and line.item_id not in sold:
            sold[line.item_id] = await _product(shop, line.item_id, f"line_items[{position}].item_id")
        variant = _variant(line, sold.get(line.item_id or ""), f"line_items[{position}]")
        said = blank_to_none(line.description)
        ours = {"position": position, **({"description": said} if said else {})}
        items.append({"variant_id": variant, "quantity": int(line.quantity or 0), "unit_price": line.unit_amount,
                      "metadata": {NAME: ours}})
    return items


async def _product(shop: Shop, ident: str, field: str) -> _Sold:
    try:
        answer = await shop.get(path_of("admin", "products", ident), {"fields": "id,status,variants.id"})
    except Missing as gone:
        raise invalid(field, "Medusa has no such product (any more).") from gone
    product = inside(answer, "product", _Sold)
    if product.status != "published":
        raise denied(field, "Medusa sells only products that are published.")
    return product


def _variant(line: LineItem, product: _Sold | None, path: str) -> str:
    ids = sorted(one.id for one in product.variants or ()) if product else []
    if line.variant_id:
        if product is not None and line.variant_id not in ids:
            raise invalid(f"{path}.variant_id", "That variant does not belong to the line's item.")
        return line.variant_id
    if not ids:
        raise denied(f"{path}.item_id", "The product has no variants, so nothing of it can be sold.")
    if len(ids) > 1:
        raise missing(f"{path}.variant_id", f"The item has {len(ids)} variants: send the variant's platform_id.")
    return ids[0]
