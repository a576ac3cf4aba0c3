"""What the API answers to GET."""

from __future__ import annotations

import msgspec

from entrepot_simulators.demo import money, words
from entrepot_simulators.demo.http import Refusal, Reply, Request
from entrepot_simulators.demo.listing import DEFAULT_SIZE, LARGEST, Cursor
from entrepot_simulators.demo.moments import DAY, HOUR, read, written
from entrepot_simulators.demo.order_documents import Order
from entrepot_simulators.demo.parcels_desk import find, owner
from entrepot_simulators.demo.shop import Shop
from entrepot_simulators.demo.stock import LOCATIONS

NOUNS = {"buyers": "buyer", "articles": "article", "orders": "order", "stock": "stock"}
_LIST = frozenset(("cursor", "size", "updated_since", "created_since", "deleted_since", "client_reference"))


def listed(shop: Shop, request: Request, noun: str) -> Reply:
    """A page of a noun; refuses parameters that it does not know."""
    query = request.query
    for name in query:
        if name not in _LIST:
            raise Refusal(400, "unknown_parameter", f"There is no parameter {name}.", name)
    now = shop.now()
    if "client_reference" in query:
        return _referred(shop, noun, query["client_reference"], now)
    size = query.get("size", str(DEFAULT_SIZE))
    if not size.isdecimal() or not 1 <= int(size) <= LARGEST:
        raise Refusal(400, "invalid", f"size is 1 to {LARGEST}.", "size")
    listing = shop.listings[noun]
    if query.get("cursor"):
        cursor = Cursor.read(query["cursor"])
    elif "deleted_since" in query:
        cursor = listing.start(now, _since(query["deleted_since"], "deleted_since"), deleted=True)
    else:
        since = _since(query["updated_since"], "updated_since") if "updated_since" in query else None
        created = _since(query["created_since"], "created_since") if "created_since" in query else None
        cursor = listing.start(now, since, deleted=False, created=created)
    return Reply(200, listing.page(cursor, int(size), now))


def _since(text: str, name: str) -> int:
    try:
        return read(text.replace(" ", "+"))
    except ValueError:
        raise Refusal(400, "invalid", f"{name} is an ISO 8601 time.", name) from None


def _referred(shop: Shop, noun: str, reference: str, now: int) -> Reply:
    """At most one object: the one that was made with that reference and still lives."""
    ident = shop.ledger.marked(noun, reference)
    rows = [shop.shown(noun, ident, now)[0]] if ident and shop.has(noun, ident, now) else []
    return Reply(200, b'{"results":[%s],"paging":{"next":null,"size":%d,"total":%d},"as_of":"%s"}' % (
        b",".join(rows), len(rows), len(rows), written(now).encode()))


def parcel_referred(shop: Shop, reference: str) -> Reply:
    """The same for a parcel."""
    ident, now = shop.ledger.marked("parcel", reference), shop.now()
    rows = [parcel(shop, ident, now)] if ident else []
    return Reply(200, b'{"results":[%s],"paging":{"next":null,"size":%d,"total":%d},"as_of":"%s"}' % (
        b",".join(rows), len(rows), len(rows), written(now).encode()))


def parcel(shop: Shop, ident: str, now: int) -> bytes:
    """One parcel, as it stands in its order."""
    order, _ = shop.document("order", owner(shop, ident, now), Order, now)
    return msgspec.json.encode(find(order, ident))


def shop_info(shop: Shop) -> Reply:
    """Who the shop is."""
    now = shop.now()
    opened = written(shop.timeline.placed(0) - 90 * DAY)
    return Reply(200, msgspec.json.encode({
        "id": f"shop_{shop.settings.shop}_{shop.seed}", "name": words.SHOP_NAME, "legal_name": words.LEGAL_NAME,
        "website": "https://harbour.example.com", "email": "hello@harbour.example.com", "phone": "+49 40 9990000",
        "currency": money.HOME_CURRENCY, "sells_in": list(money.DIGITS), "timezone": "Europe/Berlin", "country": "DE",
        "address": LOCATIONS[0].address,
        "api_version": "1", "orders_so_far": shop.timeline.count(now), "created_at": opened, "updated_at": opened,
        "now": written(now),
    }))


def wallets(shop: Shop) -> Reply:
    """What the shop's own payment service holds, per currency. A function of the hour: nobody adds up all orders."""
    now = shop.now()
    hour = now // HOUR * HOUR
    recent = shop.timeline.count(hour) - shop.timeline.first_since(hour - 2 * DAY, hour)
    since_payout = shop.timeline.count(hour) - shop.timeline.first_since(hour // (7 * DAY) * 7 * DAY, hour)
    rows = []
    for number, currency in enumerate(("EUR", "USD", "GBP", "SEK", "JPY", "KWD")):
        each = money.priced(6400 + 310 * number, currency)
        share = (9, 4, 2, 1, 2, 1)[number]
        rows.append({
            "id": f"wal_{currency}", "currency": currency, "service": "Nimbus Pay",
            "available": money.written(since_payout * each * share // 19, currency),
            "pending": money.written(recent * each * share // 19, currency),
            "last_payout_at": written(hour // (7 * DAY) * 7 * DAY), "created_at": written(shop.timeline.placed(0)),
            "updated_at": written(hour),
        })
    return Reply(200, msgspec.json.encode({
        "results": rows, "paging": {"next": None, "size": len(rows), "total": len(rows)}, "as_of": written(now)}))


def one(shop: Shop, noun: str, ident: str) -> Reply:
    """One object."""
    now = shop.now()
    return Reply(200, parcel(shop, ident, now) if noun == "parcel" else shop.shown(noun, ident, now)[0])
