"""What the API does on POST, PATCH and DELETE: one short transaction each, once for each client reference."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from entrepot_simulators.demo import articles_desk, buyers_desk, orders_desk, parcels_desk
from entrepot_simulators.demo.http import Refusal, Reply
from entrepot_simulators.demo.inputs import (
    ArticleInput,
    BuyerInput,
    OrderInput,
    ParcelInput,
    PaymentInput,
    StockInput,
    taken,
)
from entrepot_simulators.demo.reading import parcel
from entrepot_simulators.demo.shop import Shop


class _Id(msgspec.Struct):
    id: str


def create(shop: Shop, noun: str, body: bytes) -> Reply:
    """201 and the new object; 200 and the old one when the client reference was used before."""
    given: BuyerInput | ArticleInput | OrderInput
    if noun == "buyer":
        buyer = given = taken(body, BuyerInput)
        return _once(shop, noun, given.client_reference, lambda now: buyers_desk.create(shop, buyer, now))
    if noun == "article":
        article = given = taken(body, ArticleInput)
        return _once(shop, noun, given.client_reference, lambda now: articles_desk.create(shop, article, now))
    if noun == "order":
        order = given = taken(body, OrderInput)
        return _once(shop, noun, given.client_reference, lambda now: orders_desk.create(shop, order, now))
    raise Refusal(405, "method", "Nothing can be created here.")


def change(shop: Shop, noun: str, ident: str, body: bytes) -> Reply:
    """200 and the object as it is now."""
    with shop.ledger.writing():
        now = shop.now()
        if noun == "buyer":
            return Reply(200, buyers_desk.change(shop, ident, taken(body, BuyerInput), now))
        if noun == "article":
            return Reply(200, articles_desk.change(shop, ident, taken(body, ArticleInput), now))
        if noun == "order":
            return Reply(200, orders_desk.change(shop, ident, taken(body, OrderInput), now))
        if noun == "stock":
            return Reply(200, articles_desk.change_stock(shop, ident, taken(body, StockInput), now))
        parcels_desk.change(shop, ident, taken(body, ParcelInput), now)
        return Reply(200, parcel(shop, ident, now))


def remove(shop: Shop, noun: str, ident: str) -> Reply:
    """200 and when; the object is listed under ``deleted_since`` from now on."""
    with shop.ledger.writing():
        now = shop.now()
        if noun == "article":
            return Reply(200, articles_desk.remove(shop, ident, now))
        if noun in ("buyer", "order"):
            return Reply(200, shop.remove(noun, ident, now))
    raise Refusal(405, "method", "This cannot be deleted.")


def create_parcel(shop: Shop, order: str, body: bytes) -> Reply:
    """201 and the parcel; 200 when the client reference was used before."""
    given = taken(body, ParcelInput)

    def make(now: int) -> bytes:
        ident, _ = parcels_desk.create(shop, order, given, now)
        return parcel(shop, ident, now)

    return _once(shop, "parcel", given.client_reference, make)


def book(shop: Shop, order: str, body: bytes, what: str) -> Reply:
    """201 and the order, after money was taken (``payments``) or given back (``refunds``)."""
    given = taken(body or b"{}", PaymentInput)
    desk = orders_desk.pay if what == "payments" else orders_desk.refund
    return _once(shop, what, given.client_reference, lambda now: desk(shop, order, given, now))


def _once(shop: Shop, noun: str, reference: object, make: Callable[[int], bytes]) -> Reply:
    with shop.ledger.writing():
        now = shop.now()
        if not isinstance(reference, str) or not reference:
            return Reply(201, make(now))
        known = shop.ledger.marked(noun, reference)
        if known is None:
            body = make(now)
            shop.ledger.mark(noun, reference, msgspec.json.decode(body, type=_Id).id)
            return Reply(201, body)
        if noun == "parcel":
            return Reply(200, parcel(shop, known, now))
        kind = noun if noun not in ("payments", "refunds") else "order"
        if not shop.has(kind, known, now):
            raise Refusal(409, "reference_used", "What was made with it has been deleted.", "client_reference")
        return Reply(200, shop.shown(kind, known, now)[0])


