"""The streams that every sync reads whole: store, customers, products, inventory.

Why whole (each tried on Medusa 2.18.0):

* a customer's address changed, added or removed moves nothing on the customer, and a removed one leaves no trace;
* deleted customers, variants and stock levels cannot be listed: ``with_deleted`` is taken with 200 and obeyed only
  for products;
* a price set through the product, tags, pictures, categories, and renamed options do not move the product, and a
  variant's last price can vanish without a trace;
* stock levels have no list of their own, and the inventory items' list refuses ``updated_at`` with 400.

Rows are small (a customer 0.6 KB, a product of two variants 1.4 KB, a stock level 0.4 KB), a fifteenth of an order and
less; what did not change is recognised by its hash, and what a whole read did not see is gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from entrepot.connectors.medusa.payload import Location
from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.created import created_since, obeyed
from entrepot.connectors.medusa.reads.listing import Identified, by_anchor, by_keyset, every, listed, one
from entrepot.errors import Missing
from entrepot.kit.json import ENCODER, decode_answer
from entrepot.kit.spec import Page, Shop, Start
from entrepot.kit.urls import path_of

CUSTOMERS_A_PAGE = 200
PRODUCTS_A_PAGE = 100
ITEMS_A_PAGE = 100


async def stores(shop: Shop, start: Start) -> AsyncIterator[Page]:
    """The one store."""
    rows, count, _ = await listed(shop, "/admin/stores", {"fields": fields.STORE, "limit": 50})
    yield Page(rows=rows, bookmark=None, announced=count)


async def store(shop: Shop, ident: str) -> bytes:
    """The store by its id."""
    return await one(shop, path_of("admin", "stores", ident), "store", fields.STORE)


async def customers(shop: Shop, start: Start) -> AsyncIterator[Page]:
    """All customers, guests of orders too: Medusa keeps them in one list."""
    after: str | None = (start.bookmark or {}).get("after", "")
    announced: int | None = None
    asked = {"fields": fields.CUSTOMER, **created_since(start.sync_from)}
    while after is not None:
        batch = await by_keyset(shop, "/admin/customers", asked, CUSTOMERS_A_PAGE, after)
        announced = batch.count if not after else announced
        after = batch.onward["after"] if batch.onward else None
        yield Page(rows=obeyed(batch.rows, start.sync_from), bookmark=batch.onward, announced=announced)


async def customer(shop: Shop, ident: str) -> bytes:
    """A customer by id."""
    return await one(shop, path_of("admin", "customers", ident), "customer", fields.CUSTOMER)


async def products(shop: Shop, start: Start) -> AsyncIterator[Page]:
    """All products with their variants and prices."""
    bookmark = start.bookmark or {}
    asked = {"fields": fields.PRODUCT, **created_since(start.sync_from)}
    while True:
        batch = await by_anchor(shop, "/admin/products", asked, PRODUCTS_A_PAGE, bookmark)
        yield Page(rows=obeyed(batch.rows, start.sync_from), bookmark=batch.onward, announced=batch.count)
        if batch.onward is None:
            return
        bookmark = batch.onward


async def product(shop: Shop, ident: str) -> bytes:
    """A product by id."""
    return await one(shop, path_of("admin", "products", ident), "product", fields.PRODUCT)


class _Shelf(msgspec.Struct):
    """An inventory item of which only the levels are taken apart."""

    id: str
    location_levels: list[msgspec.Raw] | None = None


class _At(msgspec.Struct):
    id: str
    location_id: str | None = None


async def inventory(shop: Shop, start: Start) -> AsyncIterator[Page]:
    """All stock levels, a row each; the bookmark is that of the items' list."""
    places = await _locations(shop)
    bookmark = start.bookmark or {}
    while True:
        batch = await by_anchor(shop, "/admin/inventory-items", {"fields": fields.INVENTORY_ITEM}, ITEMS_A_PAGE,
                                bookmark)
        rows = [row for item in batch.rows for row in level_rows(item, places)]
        yield Page(rows=rows, bookmark=batch.onward)
        if batch.onward is None:
            return
        bookmark = batch.onward


async def inventory_level(shop: Shop, ident: str) -> bytes:
    """A stock level by ``<item id>/<level id>``, or by the level's id alone: then all items are looked through,
    because Medusa has no address for a level by its own id."""
    item_id, _, level_id = ident.rpartition("/")
    places = await _locations(shop)
    if item_id:
        path = path_of("admin", "inventory-items", item_id)
        rows = level_rows(await one(shop, path, "inventory_item", fields.INVENTORY_ITEM), places)
    else:
        rows = [row async for item in every(shop, "/admin/inventory-items", {"fields": fields.INVENTORY_ITEM})
                for row in level_rows(item, places)]
    for row in rows:
        if decode_answer(row, _LevelOnly).level.id == level_id:
            return row
    raise Missing(f"Medusa has no stock level {level_id}")


class _LevelOnly(msgspec.Struct):
    level: Identified


def level_rows(item: bytes, places: dict[str, bytes]) -> list[bytes]:
    """One row a level: the level, its location, and the item without its levels."""
    shelf = decode_answer(item, _Shelf)
    bare = decode_answer(item, dict[str, msgspec.Raw])
    bare.pop("location_levels", None)
    rows = []
    for level in shelf.location_levels or ():
        place = places.get(decode_answer(bytes(level), _At).location_id or "")
        rows.append(ENCODER.encode({"level": level, "item": bare, "location": msgspec.Raw(place or b"null")}))
    return rows


async def _locations(shop: Shop) -> dict[str, bytes]:
    found = {}
    async for row in every(shop, "/admin/stock-locations", {"fields": fields.LOCATION}):
        found[decode_answer(row, Location).id] = row
    return found
