"""What an order is made of: lines, shipping lines, taxes and discounts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.payload_order import Adjustment, Line, ShippingMethod
from entrepot.connectors.medusa.payload_order import Order as Theirs
from entrepot.connectors.medusa.payload_order import TaxLine as TheirTax
from entrepot.kit.convert import blank_to_none, decimal, joined, money
from entrepot.model.ecommerce.order import Discount, LineItem, ShippingLine, TaxLine

_PERCENT = Decimal("0.01")


def in_order(lines: Iterable[Line]) -> list[Line]:
    """As they were sent when we made the order, else by id: Medusa gives them in no order."""
    return sorted(lines, key=lambda one: (kept.whole(kept.kept(one.metadata), "position") or 0, one.id))


def to_line(line: Line) -> LineItem:
    """A line as it stands in the order's newest version."""
    ours = kept.kept(line.metadata)
    subtotal, discount = money(line.subtotal), money(line.discount_subtotal)
    return LineItem(
        platform_unique_id=line.id,
        item_id=line.product_id,
        variant_id=line.variant_id,
        name=blank_to_none(line.product_title) or blank_to_none(line.title),
        description=kept.text(ours, "description") or joined(line.title, line.subtitle, by=" - "),
        sku=blank_to_none(line.variant_sku),
        quantity=money(line.quantity),
        unit_amount=money(line.unit_price),
        discount_amount=money(line.discount_total),
        tax_amount=money(line.tax_total),
        sub_total=None if subtotal is None else decimal(subtotal - (discount or 0)),
        total_amount=money(line.total),
        fulfilled_quantity=money(line.detail.fulfilled_quantity) if line.detail else None,
        refunded_quantity=money(line.detail.return_received_quantity) if line.detail else None,
        taxes=[_tax(one) for one in line.tax_lines or ()],
    )


def shipping_line(method: ShippingMethod) -> ShippingLine:
    """A shipping line; the amount is before tax and discount."""
    return ShippingLine(
        platform_unique_id=method.id,
        name=blank_to_none(method.name),
        code=method.shipping_option_id,
        amount=money(method.amount),
        discount_amount=money(method.discount_total),
        tax_amount=money(method.tax_total),
        taxes=[_tax(one) for one in method.tax_lines or ()],
    )


def _tax(tax: TheirTax) -> TaxLine:
    return TaxLine(
        name=blank_to_none(tax.description) or blank_to_none(tax.code),
        rate=None if tax.rate is None else decimal(tax.rate * _PERCENT),
        amount=money(tax.total),
    )


def taxes_of(order: Theirs) -> list[TaxLine]:
    """The taxes of the whole order, one a name and rate."""
    sums: dict[tuple[str | None, Decimal | None], Decimal] = {}
    for part in (*(order.items or ()), *(order.shipping_methods or ())):
        for theirs in part.tax_lines or ():
            tax = _tax(theirs)
            # Added up before it is rounded: Medusa writes thirds of a yen to sixteen digits.
            sums[tax.name, tax.rate] = sums.get((tax.name, tax.rate), Decimal(0)) + (theirs.total or 0)
    return [TaxLine(name=name, rate=rate, amount=decimal(total)) for (name, rate), total in sums.items()]


def discounts_of(order: Theirs) -> list[Discount]:
    """What promotions took off, one a code."""
    sums: dict[str | None, Decimal] = {}
    for adjustment in _adjustments(order):
        sums[adjustment.code] = sums.get(adjustment.code, Decimal(0)) + (adjustment.amount or 0)
    return [Discount(code=code, amount=decimal(total)) for code, total in sums.items()]


def _adjustments(order: Theirs) -> Iterable[Adjustment]:
    for part in (*(order.items or ()), *(order.shipping_methods or ())):
        yield from part.adjustments or ()
