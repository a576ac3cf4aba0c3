"""What people put into their carts: priced once per seed, written once as JSON, used by many orders.

``~`` stands for the order's number part in ids; it is put in when an order is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from entrepot_simulators.demo import money, words
from entrepot_simulators.demo.catalogue import Catalogue
from entrepot_simulators.demo.chance import Draws
from entrepot_simulators.demo.documents import Article, Variant
from entrepot_simulators.demo.order_documents import Coupon, Delivery, Line, ParcelLine, Shown, Snapshot

COUNT = 509
WITH_DELETED = 29
"""The last so many hold an article that has left the catalogue; only the older half of the orders has them."""
FREE_EVERY = 64
_CURRENCIES = ("EUR",) * 9 + ("USD",) * 4 + ("GBP",) * 2 + ("JPY",) * 2 + ("KWD", "SEK")
_TAX = {  # name, rate in hundred-thousandths, whether prices include it
    "EUR": ("VAT 19%", 19000, True), "GBP": ("VAT 20%", 20000, True), "SEK": ("Moms 25%", 25000, True),
    "JPY": ("消費税 10%", 10000, True), "USD": ("Sales tax", 8875, False), "KWD": ("", 0, True),
}


@dataclass(frozen=True)
class Basket:
    """``values`` are what the order template asks for; ``lines`` counts the lines; ``free``: nothing to pay."""

    values: dict[str, bytes]
    lines: int
    free: bool


def split(amount: int, rate: int, *, included: bool) -> tuple[int, int]:
    """An amount in minor units as (net, tax)."""
    if not included:
        return amount, (amount * rate + 50000) // 100000
    tax = (amount * rate * 2 + 100000 + rate) // (2 * (100000 + rate))
    return amount - tax, tax


def basket(seed: int, index: int, catalogue: Catalogue) -> Basket:
    """The basket of that index."""
    draws = Draws(seed ^ 0xBA5CE7, index)
    currency = draws.pick(_CURRENCIES)
    included = _TAX[currency][2]
    free = index % FREE_EVERY == FREE_EVERY - 1
    percent = 100 if free else draws.pick((10, 15, 20)) if draws.odds(15) else 0
    count = draws.pick((1, 1, 1, 2, 2, 3, 4, 6))
    lines, cents = [], [0, 0, 0, 0]
    for number in range(1, count + 1):
        article = catalogue.articles[draws.below(catalogue.size)] if catalogue.size else None
        gone = article is None or (index >= COUNT - WITH_DELETED and number == 1)
        variant = article.variants[draws.below(len(article.variants))] if article else None
        line, sums = _line(number, draws, currency, percent, article, variant)
        if gone:
            line.article_id, line.variant_id, line.article = f"art_9{index:04d}", None, None
        lines.append(line)
        cents = [old + new for old, new in zip(cents, sums, strict=True)]
    delivery, ship_net, ship_tax = _delivery(draws, currency, free=free)
    coupons = [Coupon(code=f"WELCOME{percent}", title=f"{percent} % off", amount=_text(cents[0], currency))]
    total = cents[3] + ship_net + ship_tax
    return Basket({
        "cur": currency.encode(), "incl": b"true" if included else b"false", "zero": _amount(0, currency),
        "goods": _amount(cents[1], currency), "discount": _amount(cents[0], currency),
        "shipping": _amount(ship_net, currency), "tax": _amount(cents[2] + ship_tax, currency),
        "total": _amount(total, currency), "part": lines[0].total.encode(),
        "fee": _amount(total * 14 // 1000, currency),
        "deliveries": _json([delivery]), "coupons": _json(coupons if percent else []), **_fragments(lines),
    }, count, total == 0)


def _line(
    number: int, draws: Draws, currency: str, percent: int, article: Article | None, variant: Variant | None,
) -> tuple[Line, tuple[int, int, int, int]]:
    name, rate, included = _TAX[currency]
    listed = next((one.amount for one in variant.prices if one.currency == currency), None) if variant else None
    unit = int(listed.replace(".", "")) if listed else money.priced(1990, currency)
    qty = draws.pick((1, 1, 1, 1, 2, 2, 3, 12))
    off = unit * qty * percent // 100
    net, tax = split(unit * qty - off, rate, included=included)
    title = article.title if article else "Forgotten Thing"
    return Line(
        id=f"lin_~_{number}", article_id=article.id if article else None, variant_id=variant.id if variant else None,
        title=title, text=variant.title if variant else None, sku=variant.sku if variant else None, qty=str(qty),
        unit_price=_text(unit, currency), unit_net=_text(split(unit, rate, included=included)[0], currency),
        discount=_text(off, currency), tax=_text(tax, currency), tax_name=name or None,
        tax_rate=f"{rate / 100000:g}" if rate else None, net=_text(net, currency), total=_text(net + tax, currency),
        shown=Shown(line=f"{qty} × {title}", unit_price=f"{currency} {_text(unit, currency)}",
                    discount=f"{currency} {_text(off, currency)}", tax=f"{currency} {_text(tax, currency)}",
                    total=f"{currency} {_text(net + tax, currency)}"),
        article=Snapshot(
            handle=article.handle, maker=article.maker, category=article.category, page=article.page,
            image=article.images[0], choices=variant.choices,
        ) if article and variant else None,
    ), (off, net, tax, net + tax)


def _delivery(draws: Draws, currency: str, *, free: bool) -> tuple[Delivery, int, int]:
    name, rate, included = _TAX[currency]
    carrier, code, service = draws.pick(words.CARRIERS)
    cents = 0 if free or draws.odds(30) else draws.pick((490, 690, 1490))
    net, tax = split(money.priced(cents, currency) if cents else 0, rate, included=included)
    return Delivery(
        id="del_~_1", title=f"{carrier} {service}", code=code, price=_text(net, currency), tax=_text(tax, currency),
        tax_name=name or None, tax_rate=f"{rate / 100000:g}" if rate else None,
    ), net, tax


def _fragments(lines: list[Line]) -> dict[str, bytes]:
    """The lines as they look while nothing, the first, or all of them are shipped or returned; and parcels' lines."""

    def seen(shipped: int, returned: int) -> bytes:
        return _json([msgspec.structs.replace(
            line, shipped_qty=line.qty if number < shipped else "0",
            returned_qty=line.qty if number < returned else "0",
        ) for number, line in enumerate(lines)])

    everything = [ParcelLine(line_id=line.id, qty=line.qty) for line in lines]
    size = len(lines)
    return {
        "lines_none": seen(0, 0), "lines_first": seen(1, 0), "lines_all": seen(size, 0),
        "lines_part_back": seen(size, 1), "lines_all_back": seen(size, size),
        "parcel_all": _json(everything), "parcel_first": _json(everything[:1]), "parcel_rest": _json(everything[1:]),
    }


def _text(minor: int, currency: str) -> str:
    return money.written(minor, currency)


def _amount(minor: int, currency: str) -> bytes:
    return money.written(minor, currency).encode()


_json = msgspec.json.encode
