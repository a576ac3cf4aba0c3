"""Products with their variants and prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast, get_args

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.payload import Price as TheirPrice
from entrepot.connectors.medusa.payload import Product as Theirs
from entrepot.connectors.medusa.payload import Variant as TheirVariant
from entrepot.kit.convert import Statuses, blank_to_none, currency, decimal, money
from entrepot.kit.json import decode
from entrepot.kit.spec import Family, Mapped
from entrepot.model.ecommerce.product import (
    Option,
    Price,
    Product,
    ProductStatus,
    ProductType,
    Variant,
    VariantStatus,
)

STATUSES = Statuses(
    {"published": "active", "draft": "draft", "proposed": "draft", "rejected": "draft"}, other="unknown",
)
KEPT = ("sku", "type", "vendor", "url", "category", "tags", "created_at", "updated_at")
"""Fields of the model that Medusa has none for, or has elsewhere (tags and categories by id)."""
KEPT_OF_VARIANT = ("compare_at_price", "cost", "weight_unit", "status")


def to_product(row: bytes, settings: Mapping[str, str]) -> Family:
    """One product; prices without conditions only (Medusa's price lists and quantity steps are no list prices)."""
    theirs = decode(row, Theirs)
    ours = kept.kept(theirs.metadata)
    main = currency(settings.get("currency"))
    variants = [_variant(one, main) for one in sorted(theirs.variants or (), key=lambda one: one.id)]
    price, code = _lowest(variants, main)
    record = Product(
        platform_unique_id=theirs.id,
        name=blank_to_none(theirs.title),
        description=blank_to_none(theirs.description),
        sku=kept.text(ours, "sku") or (variants[0].sku if variants else None),
        type=_type(ours, theirs.variants or ()),
        status=_status(ours, theirs.status),
        vendor=kept.text(ours, "vendor"),
        category=_category(theirs) or kept.text(ours, "category"),
        handle=blank_to_none(theirs.handle),
        url=kept.text(ours, "url"),
        price=price,
        currency_id=code,
        tags=sorted({tag.value for tag in theirs.tags or () if tag.value} | set(kept.texts(ours, "tags"))),
        image_urls=_pictures(theirs),
        options=[Option(name=one.title, values=[value.value for value in one.values or ()])
                 for one in theirs.options or ()],
        variants=variants,
        created_at=kept.made(ours, theirs.created_at),
        updated_at=kept.changed(ours, theirs.created_at, theirs.updated_at),
    )
    return Family(Mapped(record, row))


def _variant(theirs: TheirVariant, main: str | None) -> Variant:
    ours = kept.kept(theirs.metadata)
    prices = [Price(currency_id=code, amount=decimal(one.amount)) for one in theirs.prices or ()
              if _plain(one) and (code := currency(one.currency_code))]
    prices.sort(key=lambda one: (one.currency_id != main, one.currency_id))
    status = kept.text(ours, "status")
    return Variant(
        platform_unique_id=theirs.id,
        name=blank_to_none(theirs.title),
        sku=blank_to_none(theirs.sku),
        barcode=blank_to_none(theirs.barcode),
        price=prices[0].amount if prices else None,
        compare_at_price=kept.amount(ours, "compare_at_price"),
        currency_id=prices[0].currency_id if prices else None,
        prices=prices,
        cost=kept.amount(ours, "cost"),
        status=cast("VariantStatus", status if status in get_args(VariantStatus) else "active"),
        options={one.option.title: one.value for one in theirs.options or () if one.option and one.option.title},
        is_trackable=theirs.manage_inventory,
        weight=money(theirs.weight),
        weight_unit=kept.text(ours, "weight_unit"),
    )


def _plain(price: TheirPrice) -> bool:
    return not price.rules and price.min_quantity is None and price.max_quantity is None


def _lowest(variants: Sequence[Variant], main: str | None) -> tuple[Decimal | None, str | None]:
    """The lowest price in the shop's own currency; without one there, the first variant's currency."""
    priced = [one for one in variants if one.price is not None]
    if not priced:
        return None, main
    code = main if any(one.currency_id == main for one in priced) else priced[0].currency_id
    return min(one.price for one in priced if one.price is not None and one.currency_id == code), code


def _type(ours: kept.Kept, variants: Sequence[TheirVariant]) -> ProductType:
    sent = kept.text(ours, "type")
    if sent is not None and sent in get_args(ProductType):
        return cast("ProductType", sent)
    if not variants:
        return "unknown"
    return "inventory" if any(one.manage_inventory for one in variants) else "non_inventory"


def _status(ours: kept.Kept, theirs: str | None) -> ProductStatus:
    # Archived is held as a draft: out of sale, and kept apart from what was never published.
    status = STATUSES.read(theirs) or "unknown"
    return "archived" if status == "draft" and ours.get("status") == "archived" else cast("ProductStatus", status)


def _category(theirs: Theirs) -> str | None:
    words = [one.name for one in theirs.categories or () if one.name]
    words += [theirs.collection.title] if theirs.collection and theirs.collection.title else []
    return words[0] if words else (theirs.type.value if theirs.type else None)


def _pictures(theirs: Theirs) -> list[str]:
    urls = [theirs.thumbnail] if theirs.thumbnail else []
    return list(dict.fromkeys([*urls, *(image.url for image in theirs.images or ())]))
