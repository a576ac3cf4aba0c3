"""Orders that are placed, changed, paid and refunded through the API. Once touched, an order is in the hands of
whoever touched it: the shop's clock leaves it alone."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from msgspec import UNSET

from entrepot_simulators.demo import money
from entrepot_simulators.demo.documents import Address, Article
from entrepot_simulators.demo.http import Refusal
from entrepot_simulators.demo.inputs import LineInput, OrderInput, PaymentInput, apply
from entrepot_simulators.demo.moments import written
from entrepot_simulators.demo.order_documents import Contact, Line, Order, Payment, Sums
from entrepot_simulators.demo.shop import Shop

NOUN = "order"
STATES = ("open", "paid", "packing", "partly_sent", "sent", "arrived", "returned", "cancelled")
_APART = ("lines", "contact", "state", "number", "bill_to", "ship_to", "currency", "client_reference")


def create(shop: Shop, given: OrderInput, now: int) -> bytes:
    """A new order. Inside a transaction of the ledger."""
    if given.currency is UNSET or given.lines is UNSET or not given.lines:
        raise Refusal(422, "missing", "An order needs a currency and lines.",
                      "currency" if given.currency is UNSET else "lines")
    if given.currency not in money.DIGITS:
        raise Refusal(422, "currency", f"The shop does not sell in {given.currency}.", "currency")
    seq, at = shop.ledger.next_seq(), written(now)
    zero = money.written(0, given.currency)
    order = Order(
        id=f"ord_m{seq}", number=given.number or f"W{1000 + seq}", state="open", money="unpaid", dispatch="none",
        contact=Contact(), currency=given.currency, placed_at=at, created_at=at, updated_at=at, changed_at=at,
        sums=Sums(goods=zero, discount=zero, shipping=zero, tax=zero, total=zero, paid=zero, refunded=zero, due=zero),
        channel="api",
    )
    if isinstance(given.client_reference, str):
        order.client_reference = given.client_reference
    return _keep(shop, order, given, None, now)


def change(shop: Shop, ident: str, given: OrderInput, now: int) -> bytes:
    """Change what was sent. Inside a transaction of the ledger."""
    order, base = shop.document(NOUN, ident, Order, now)
    if given.currency not in (UNSET, order.currency):
        raise Refusal(422, "fixed", "The currency of an order cannot be changed.", "currency")
    if given.lines is not UNSET and (order.payments or order.parcels):
        raise Refusal(422, "fixed", "The lines of an order that was paid or packed cannot be changed.", "lines")
    order.updated_at = written(now)
    return _keep(shop, order, given, base, now)


def _keep(shop: Shop, order: Order, given: OrderInput, base: int | None, now: int) -> bytes:
    _check_number(shop, order, given, now)
    if isinstance(given.buyer_id, str) and not shop.has("buyer", given.buyer_id, now):
        raise Refusal(422, "unknown", f"There is no buyer {given.buyer_id}.", "buyer_id")
    apply(given, order, *_APART)
    order.label = order.label or f"#{order.number}"
    if given.contact is not UNSET:
        apply(given.contact, order.contact)
    owner = order.id.removeprefix("ord_")
    if given.bill_to is not UNSET:
        order.bill_to = _addressed(given.bill_to, "billing", owner)
    if given.ship_to is not UNSET:
        order.ship_to = _addressed(given.ship_to, "shipping", owner)
    if given.lines is not UNSET:
        order.lines = [_line(shop, order, place, one, now) for place, one in enumerate(given.lines)]
    if given.state is not UNSET:
        _move(order, given.state, now)
    return keep(shop, order, base, now)


def keep(shop: Shop, order: Order, base: int | None, now: int) -> bytes:
    """Work out the sums and store the order."""
    _sum_up(order)
    order.changed_at = written(now)
    return shop.keep(NOUN, order.id, base, order, now, order.number)


def _check_number(shop: Shop, order: Order, given: OrderInput, now: int) -> None:
    if not isinstance(given.number, str) or not given.number:
        return
    index = shop.orders.of_number(given.number, now)
    holder = shop.orders.id_of(index) if index is not None else shop.ledger.of_natural(NOUN, given.number)
    if holder not in (None, order.id) and shop.has(NOUN, str(holder), now):
        raise Refusal(409, "taken", f"Another order has the number {given.number}.", "number")
    if order.label == f"#{order.number}":
        order.label = f"#{given.number}"
    order.number = given.number


def _addressed(address: Address | None, role: str, owner: str) -> Address | None:
    if address is not None:
        address.role = role
        address.id = address.id or f"adr_{owner}_{role[0]}"
    return address


def amount(text: str, at: str) -> Decimal:
    """A decimal from a caller; refuses what is not one."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= 10**15:
        raise Refusal(422, "invalid", "This is not a usable number.", at)
    return number


def _line(shop: Shop, order: Order, place: int, given: LineInput, now: int) -> Line:
    at = f"lines[{place}]"
    title, sku = given.title, given.sku
    if given.article_id is not None:
        if not shop.has("article", given.article_id, now):
            raise Refusal(422, "unknown", f"There is no article {given.article_id}.", f"{at}.article_id")
        article, _ = shop.document("article", given.article_id, Article, now)
        variant = next((one for one in article.variants if one.id == given.variant_id), None)
        if given.variant_id is not None and variant is None:
            raise Refusal(422, "unknown", f"The article has no variant {given.variant_id}.", f"{at}.variant_id")
        title, sku = title or article.title, sku or (variant.sku if variant else None)
    qty, unit = amount(given.qty, f"{at}.qty"), amount(given.unit_price, f"{at}.unit_price")
    off, tax = amount(given.discount, f"{at}.discount"), amount(given.tax, f"{at}.tax")
    net = money.rounded(qty * unit, order.currency) - off
    if qty <= 0:
        raise Refusal(422, "invalid", "A quantity is above zero.", f"{at}.qty")
    for name, number in (("unit_price", unit), ("discount", off), ("tax", tax)):
        if number < 0:
            raise Refusal(422, "invalid", "It is not below zero.", f"{at}.{name}")
    if net < 0:
        raise Refusal(422, "invalid", "The discount is more than the line costs.", f"{at}.discount")
    return Line(
        id=f"lin_{order.id.removeprefix('ord_')}_{place + 1}", article_id=given.article_id, variant_id=given.variant_id,
        title=title, text=given.text, sku=sku, qty=f"{qty:f}", unit_price=_plain(unit, order.currency),
        unit_net=_plain(unit, order.currency), discount=_plain(off, order.currency), tax=_plain(tax, order.currency),
        net=_plain(net, order.currency), total=_plain(net + tax, order.currency),
    )


def _plain(number: Decimal, currency: str) -> str:
    """With at least the currency's digits."""
    rounded = money.rounded(number, currency)
    return f"{rounded if rounded == number else number.normalize():f}"


def _total(amounts: Iterable[str]) -> Decimal:
    return sum(map(Decimal, amounts), Decimal(0))


def _sum_up(order: Order) -> None:
    sums, currency = order.sums, order.currency
    if all(line.tax_rate is None for line in order.lines) and not order.deliveries:
        goods, tax = _total(line.net for line in order.lines), _total(line.tax for line in order.lines)
        sums.goods, sums.tax = _plain(goods, currency), _plain(tax, currency)
        sums.discount = _plain(_total(line.discount for line in order.lines), currency)
        sums.total = _plain(money.rounded(goods + tax + Decimal(sums.shipping), currency), currency)
    settled = [payment for payment in order.payments if payment.state == "settled"]
    paid = _total(payment.amount for payment in settled if payment.kind in ("charge", "capture"))
    back = _total(payment.amount for payment in settled if payment.kind == "refund")
    due = Decimal(0) if order.cancelled_at else max(Decimal(sums.total) - paid, Decimal(0))
    sums.paid, sums.refunded, sums.due = _plain(paid, currency), _plain(back, currency), _plain(due, currency)
    if back > 0:
        order.money = "refunded" if back >= paid else "partly_refunded"
    elif paid > 0:
        order.money = "partly_paid" if due > 0 else "paid"


def _move(order: Order, state: str, now: int) -> None:
    if state not in STATES:
        raise Refusal(422, "state", f"An order is one of {', '.join(STATES)}.", "state")
    order.state = state
    if state in ("sent", "arrived"):
        order.dispatch = "all"
        for line in order.lines:
            line.shipped_qty = line.qty
    order.closed_at = (order.closed_at or written(now)) if state == "arrived" else None
    order.cancelled_at = (order.cancelled_at or written(now)) if state == "cancelled" else None
    order.cancel_reason = (order.cancel_reason or "desk") if state == "cancelled" else None


def pay(shop: Shop, ident: str, given: PaymentInput, now: int) -> bytes:
    """Take money for an order. Inside a transaction of the ledger."""
    order, base = shop.document(NOUN, ident, Order, now)
    value = amount(given.amount or order.sums.due, "amount")
    if not 0 < value <= Decimal(order.sums.due):
        raise Refusal(422, "invalid", f"Between nothing and {order.sums.due} is due.", "amount")
    _book(order, "charge", value, given, now)
    if order.state == "open" and value == Decimal(order.sums.due):
        order.state = "paid"
    return keep(shop, order, base, now)


def refund(shop: Shop, ident: str, given: PaymentInput, now: int) -> bytes:
    """Give money back. Inside a transaction of the ledger."""
    order, base = shop.document(NOUN, ident, Order, now)
    left = Decimal(order.sums.paid) - Decimal(order.sums.refunded)
    value = amount(given.amount, "amount") if given.amount else left
    if not 0 < value <= left:
        raise Refusal(422, "invalid", f"Between nothing and {left} can be given back.", "amount")
    _book(order, "refund", value, given, now)
    return keep(shop, order, base, now)


def _book(order: Order, kind: str, value: Decimal, given: PaymentInput, now: int) -> None:
    first = next((one for one in order.payments if one.kind in ("charge", "capture")), None)
    order.payments.append(Payment(
        id=f"pay_{order.id.removeprefix('ord_')}_{len(order.payments) + 1}", kind=kind, state="settled",
        amount=_plain(value, order.currency), method=given.method or (first.method if first else "manual"),
        processor=first.processor if first else None, parent_id=first.id if first and kind == "refund" else None,
        note=given.note, reason=given.reason, created_at=written(now), updated_at=written(now),
    ))
    order.updated_at = written(now)
