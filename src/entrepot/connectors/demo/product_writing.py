"""Products to the demo shop's articles, stock levels to its stock rows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from entrepot.connectors.demo.amounts import written
from entrepot.connectors.demo.mapping import PRODUCT_STATUS, PRODUCT_TYPE, VARIANT_STATUS, main_price
from entrepot.connectors.demo.payload import ArticleRow, StockRow, VariantRow
from entrepot.connectors.demo.weights import grams
from entrepot.connectors.demo.writing import Body, below, creating, dates, extras, ident_of, plain, refuse_others, send
from entrepot.errors import NotSupported, Rejected
from entrepot.kit.json import decode
from entrepot.kit.spec import Action, Change, Shop
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.product import Price, Product, Variant

PATH = "/articles"
_PLAIN = {
    "name": "title", "description": "text", "vendor": "maker", "category": "category", "handle": "handle",
    "tags": "tags", "image_urls": "images",
}
_NAMES = {theirs: ours for ours, theirs in _PLAIN.items()} | {
    "state": "status", "kind": "type", "choices": "options", "variants": "variants", "prices": "prices",
    "id": "platform_unique_id", "created_at": "created_at", "updated_at": "updated_at",
}
_KNOWN = frozenset(_PLAIN) | {
    "status", "type", "options", "variants", "sku", "price", "currency_id", "created_at", "updated_at",
}
_STATES = {ours: theirs for theirs, ours in PRODUCT_STATUS.items()}
_VARIANT_STATES = {ours: theirs for theirs, ours in VARIANT_STATUS.items()}
_KINDS = {ours: theirs for theirs, ours in PRODUCT_TYPE.items()}


def check(change: Change, settings: Mapping[str, str]) -> None:
    """Refuses currencies that the shop does not sell in, and one price or number for several variants."""
    record = change.record
    assert isinstance(record, Product)  # noqa: S101
    refuse_others(change, "products", _KNOWN)
    sold = settings.get("sells_in", "").split(",")
    for field, currency in _currencies(record):
        if settings.get("sells_in") and currency not in sold:
            raise NotSupported(f"The demo shop does not sell in {currency}.", field=field)
    for number, variant in enumerate(record.variants):
        if variant.weight is not None:
            grams(variant.weight, variant.weight_unit, f"variants[{number}].weight_unit")
    alone = {"sku", "price"} & change.given
    if alone and len(_variants_after(change, record)) > 1:
        raise NotSupported("The product has several variants: give each its own.", field=min(alone))
    if "currency_id" in change.given and record.currency_id and record.price is None and change.action == "update":
        raise NotSupported("A currency is changed with its price.", field="currency_id")


def _currencies(record: Product) -> list[tuple[str, str]]:
    found = [("currency_id", record.currency_id)]
    for number, variant in enumerate(record.variants):
        found.append((f"variants[{number}].currency_id", variant.currency_id))
        found += [(f"variants[{number}].prices[{place}].currency_id", one.currency_id)
                  for place, one in enumerate(variant.prices)]
    return [(field, currency) for field, currency in found if currency]


def _variants_after(change: Change, record: Product) -> list[Variant] | list[VariantRow]:
    if "variants" in change.given and record.variants:
        return record.variants
    return decode(change.current, ArticleRow).variants if change.current else []


def _body(change: Change, home: str) -> Body:
    record = change.record
    assert isinstance(record, Product)  # noqa: S101
    body: Body = {}
    plain(change, _PLAIN, body)
    dates(change, body)
    if "status" in change.given and record.status in _STATES:
        body["state"] = _STATES[record.status]
    if "type" in change.given and record.type in _KINDS:
        body["kind"] = _KINDS[record.type]
    if "options" in change.given:
        body["choices"] = [{"name": one.name, "values": one.values} for one in record.options]
    variants = _variants(change, record, home)
    if variants:
        body["variants"] = variants
    return extras(change, body)


def _variants(change: Change, record: Product, home: str) -> list[Body]:
    """The variants to send; none when nothing about them was given. A lone price or number goes to the only one."""
    lone = {"sku", "price"} & change.given
    if "variants" in change.given and record.variants:
        made = [_variant(one, home) for one in record.variants]
    elif lone:
        row = decode(change.current, ArticleRow).variants[0] if change.current else None
        made = [_as_it_is(row)] if row else [{}]
    else:
        return []
    if "sku" in lone and record.sku:
        made[0].setdefault("sku", record.sku)
        made[0]["sku"] = record.sku
    if "price" in lone and record.price is not None:
        currency = record.currency_id or _current_currency(change, home)
        others = [one for one in _listed(made[0]) if one["currency"] != currency]
        made[0]["prices"] = [{"currency": currency, "amount": written(record.price)}, *others]
    return made


def _listed(variant: Body) -> list[Body]:
    prices = variant.get("prices", [])
    return [one for one in prices if isinstance(one, dict)] if isinstance(prices, list) else []


def _current_currency(change: Change, home: str) -> str:
    rows = decode(change.current, ArticleRow).variants if change.current else []
    main = main_price(rows[0].prices, home) if rows else None
    return main.currency if main else home


def _as_it_is(row: VariantRow) -> Body:
    return {
        "id": row.id, "title": row.title, "sku": row.sku, "ean": row.ean, "state": row.state or "live",
        "prices": [{"currency": one.currency, "amount": one.amount, "was": one.was} for one in row.prices],
        "cost": row.cost, "choices": row.choices, "tracked": row.tracked, "grams": row.grams,
    }


def _variant(one: Variant, home: str) -> Body:
    prices = list(one.prices)
    if one.price is not None:
        currency = one.currency_id or home
        prices = [Price(currency_id=currency, amount=one.price, compare_at_amount=one.compare_at_price),
                  *(price for price in prices if price.currency_id != currency)]
    body: Body = {
        "id": one.platform_unique_id, "title": one.name, "sku": one.sku, "ean": one.barcode,
        "state": _VARIANT_STATES.get(one.status, "live"), "prices": [_price(price) for price in prices],
        "cost": _text(one.cost), "choices": one.options, "tracked": one.is_trackable,
        "grams": None if one.weight is None else grams(one.weight, one.weight_unit, "variants.weight_unit"),
    }
    return {name: value for name, value in body.items() if value is not None}


def _price(price: Price) -> Body:
    return {"currency": price.currency_id, "amount": written(price.amount), "was": _text(price.compare_at_amount)}


def _text(number: Decimal | None) -> str | None:
    return None if number is None else written(number)


async def _create(shop: Shop, change: Change) -> str:
    body = {**_body(change, shop.settings.get("currency", "EUR")), "client_reference": change.marker}
    return ident_of(await send(shop, "POST", PATH, body, _NAMES))


async def _update(shop: Shop, change: Change) -> str:
    body = _body(change, shop.settings.get("currency", "EUR"))
    return ident_of(await send(shop, "PATCH", below(PATH, change.target), body, _NAMES))


_STOCK = {
    "quantity": "on_hand", "reserved_quantity": "reserved", "incoming_quantity": "incoming",
    "is_trackable": "tracked", "reorder_level": "reorder_at", "reorder_quantity": "reorder_amount",
    "warehouse_location": "shelf", "description": "title",
}
_FIXED = {"item_id": "article_id", "variant_id": "variant_id", "sku": "sku"}
_STOCK_NAMES = {theirs: ours for ours, theirs in _STOCK.items()} | {"created_at": "created_at"}


def check_stock(change: Change, settings: Mapping[str, str]) -> None:
    """Refuses to make a row belong to something else."""
    record = change.record
    assert isinstance(record, Inventory)  # noqa: S101
    known = frozenset(_STOCK) | frozenset(_FIXED) | {"location_id", "created_at", "updated_at"}
    refuse_others(change, "inventories", known)
    row = decode(change.current, StockRow) if change.current else None
    now = {ours: getattr(row, theirs) for ours, theirs in _FIXED.items()} if row else {}
    if row and row.location:
        now["location_id"] = row.location.id
    for name, value in now.items():
        if name in change.given and getattr(record, name) not in (None, "", value):
            raise NotSupported(f"The {name} of a stock level cannot be changed.", field=name)
    for name in ("quantity", "reserved_quantity"):
        if name in change.given and (getattr(record, name) or 0) < 0:
            raise Rejected("A stock level is not below zero.", code="invalid-params", field=name)


async def _update_stock(shop: Shop, change: Change) -> str:
    body: Body = {}
    plain(change, _STOCK, body)
    dates(change, body)
    for name in ("on_hand", "reserved", "incoming", "tracked"):  # these are never unknown in the shop
        if body.get(name, 0) is None:
            del body[name]
    return ident_of(await send(shop, "PATCH", below("/stock", change.target), extras(change, body), _STOCK_NAMES))


_PERFORM, _FIND = creating(PATH, _create)
ACTIONS = (
    Action("product", "create", "products", _PERFORM, _FIND, check),
    Action("product", "update", "products", _update, None, check),
    Action("inventory", "update", "inventory", _update_stock, None, check_stock),
)
