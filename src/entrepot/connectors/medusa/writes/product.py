"""Products: made in one call with variants and prices; changed in one call, and one more for variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.product import KEPT
from entrepot.connectors.medusa.payload import Product as Theirs
from entrepot.connectors.medusa.payload import Variant as TheirVariant
from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.listing import Identified, inside
from entrepot.connectors.medusa.writes.keep import again, new
from entrepot.connectors.medusa.writes.marker import first_made_with
from entrepot.connectors.medusa.writes.refuse import as_taken, denied, missing, only
from entrepot.connectors.medusa.writes.shop_facts import (
    Currencies,
    currencies,
    sales_channel,
    shipping_profile,
    store,
    tags,
)
from entrepot.connectors.medusa.writes.variants import for_new, for_update, merged_prices
from entrepot.errors import Rejected
from entrepot.kit.spec import Action, Change, Shop
from entrepot.kit.urls import path_of
from entrepot.model.ecommerce.product import Product, Variant

_KEPT = tuple(name for name in KEPT if name not in ("sku", "tags"))
_TAKEN = (*KEPT, "name", "description", "status", "handle", "price", "currency_id", "image_urls", "options", "variants")
_STATUSES = {"active": "published", "draft": "draft", "archived": "draft", "unknown": "published"}


def _check(change: Change, settings: object) -> None:
    only(change, _TAKEN, "has no place for")
    if change.action == "create" and not _record(change).name:
        raise missing("name", "A product needs a name.")


async def _create(shop: Shop, change: Change) -> str:
    record = _record(change)
    facts = await store(shop)
    options, variants = for_new(record, currencies(facts))
    channel, profile = await sales_channel(shop, facts), await shipping_profile(shop)
    body: dict[str, object] = {
        **_basics(record, change.given), "status": _STATUSES[record.status], "options": options, "variants": variants,
        "metadata": new(change, _KEPT, _archived(record)),
        **({"tags": await tags(shop, record.tags)} if record.tags else {}),
        **({"sales_channels": [{"id": channel}]} if channel else {}),
        **({"shipping_profile_id": profile} if profile else {}),
    }
    try:
        answer = await shop.send("POST", "/admin/products", body, {"fields": "id"})
    except Rejected as refusal:
        raise _named(refusal) from refusal
    return inside(answer, "product", Identified).id


async def _find(shop: Shop, change: Change, since: str) -> str | None:
    return await first_made_with(shop, "/admin/products", change.marker, since)


async def _update(shop: Shop, change: Change) -> str:
    ident, record = change.target or "", _record(change)
    path = path_of("admin", "products", ident)
    read = await shop.get(path, {"fields": fields.PRODUCT})
    current = inside(read, "product", Theirs)
    lines = await _lines(shop, change, record, current)
    body = _basics(record, change.given)
    if "status" in change.given:
        body["status"] = _STATUSES[record.status]
    if "tags" in change.given:
        body["tags"] = await tags(shop, record.tags)
    metadata = again(change, _KEPT, kept.kept(current.metadata), read, _archived(record),
                     without=("status",) if "status" in change.given else ())
    if metadata is not None:
        body["metadata"] = metadata
    try:
        if body:
            await shop.send("POST", path, body, {"fields": "id"})
        if any(lines.values()):
            await shop.send("POST", f"{path}/variants/batch", lines, {"fields": "id"})
    except Rejected as refusal:
        raise _named(refusal) from refusal
    return ident


def _record(change: Change) -> Product:
    return cast("Product", change.record)


def _basics(record: Product, given: frozenset[str]) -> dict[str, object]:
    body: dict[str, object] = {}
    if "name" in given and record.name:
        body["title"] = record.name
    if "description" in given:
        body["description"] = record.description or None
    if "handle" in given and record.handle:
        body["handle"] = record.handle
    if "image_urls" in given:
        body["images"] = [{"url": url} for url in record.image_urls]
        body["thumbnail"] = record.image_urls[0] if record.image_urls else None
    return body


def _archived(record: Product) -> dict[str, object]:
    return {"status": "archived"} if record.status == "archived" else {}


async def _lines(
    shop: Shop, change: Change, record: Product, current: Theirs,
) -> dict[str, list[dict[str, object]]]:
    """The body of ``/variants/batch``."""
    theirs = sorted(current.variants or (), key=lambda one: one.id)
    sold = currencies(await store(shop))
    if "options" in change.given and not _same_options(record, current):
        raise denied("options", "Medusa changes a product's options by calls of their own, which are not made.")
    if "variants" in change.given and record.variants:
        return _given_lines(record.variants, theirs, sold)
    if not change.given.intersection(("price", "sku")):
        return {"update": []}
    return {"update": _only_line(change, record, theirs, sold)}


def _given_lines(
    variants: Sequence[Variant], theirs: Sequence[TheirVariant], sold: Currencies,
) -> dict[str, list[dict[str, object]]]:
    """Each variant changes the one with its id, else its SKU, else the only one; the others are made."""
    lines: dict[str, list[dict[str, object]]] = {"create": [], "update": []}
    for position, variant in enumerate(variants):
        known = _known(variant, theirs, len(variants))
        body = for_update(variant, known, sold, position)
        lines["update" if known else "create"].append(body)
    return lines


def _known(variant: Variant, theirs: Sequence[TheirVariant], count: int) -> TheirVariant | None:
    for one in theirs:
        if variant.platform_unique_id == one.id or (variant.sku and variant.sku == one.sku):
            return one
    return theirs[0] if count == 1 and len(theirs) == 1 and not variant.options else None


def _only_line(
    change: Change, record: Product, theirs: Sequence[TheirVariant], sold: Currencies,
) -> list[dict[str, object]]:
    """A price or SKU that was sent for the product itself: that of its only variant."""
    if len(theirs) != 1:
        field = "price" if "price" in change.given else "sku"
        if field == "sku" and any(one.sku == record.sku for one in theirs):
            return []
        raise denied(field, f"The product has {len(theirs)} variants, each with its own {field}: send variants.")
    body: dict[str, object] = {"id": theirs[0].id}
    if "sku" in change.given:
        body["sku"] = record.sku or None
    if "price" in change.given and record.price is not None:
        body["prices"] = merged_prices(theirs[0], {sold.code(record.currency_id, "currency_id"): record.price})
    return [body]


def _same_options(record: Product, current: Theirs) -> bool:
    now = {one.title: {value.value for value in one.values or ()} for one in current.options or ()}
    return all(set(one.values) <= now.get(one.name, set()) for one in record.options)


def _named(refusal: Rejected) -> Rejected:
    """Medusa names no field: its sentence tells which one it means."""
    said = f"{refusal.message} {refusal.platform_error or ''}".lower()
    field = next((name for name in ("sku", "barcode", "handle") if name in said), "variants")
    return as_taken(refusal, f"variants.{field}" if field == "barcode" else field)


ACTIONS = (
    Action("product", "create", "products", _create, find=_find, check=_check),
    Action("product", "update", "products", _update, check=_check),
)
