"""The variants of a product that is made or changed, with their options and prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.product import KEPT_OF_VARIANT
from entrepot.connectors.medusa.payload import Variant as Theirs
from entrepot.connectors.medusa.writes.keep import own_fields
from entrepot.connectors.medusa.writes.refuse import denied
from entrepot.connectors.medusa.writes.shop_facts import Currencies
from entrepot.model.ecommerce.product import Option, Product, Variant

ONLY_OPTION, ONLY_VALUE, ONLY_VARIANT = "Default option", "Default option value", "Default variant"
"""What Medusa's own admin calls the option of a product that has none; Medusa refuses a product without options."""
_UNTRACKED = ("non_inventory", "service", "digital")


def for_new(record: Product, sold: Currencies) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """``options`` and ``variants`` of a product that is made."""
    variants = record.variants or [Variant()]
    choices = [_choice(record, variant, position, len(variants)) for position, variant in enumerate(variants)]
    options: list[dict[str, object]] = [
        {"title": one.name, "values": one.values} for one in _options(record.options, choices)
    ]
    bodies: list[dict[str, object]] = []
    for position, (variant, choice) in enumerate(zip(variants, choices, strict=True)):
        prices = _prices(variant, sold, position) or _own_price(record, sold, len(variants))
        tracked = record.type not in _UNTRACKED if variant.is_trackable is None else variant.is_trackable
        sku = variant.sku or (record.sku if len(variants) == 1 else None)
        title = variant.name or (" / ".join(choice.values()) if record.variants else ONLY_VARIANT)
        bodies.append({
            **_plain(variant), "title": title, "options": choice, "manage_inventory": tracked,
            **({"sku": sku} if sku else {}),
            "prices": [{"currency_code": code, "amount": amount} for code, amount in prices.items()],
        })
    return options, bodies


def _choice(record: Product, variant: Variant, position: int, count: int) -> dict[str, str]:
    if variant.options:
        return dict(variant.options)
    if record.options:
        raise denied(f"variants[{position}].options" if record.variants else "variants",
                     "Medusa wants a value of each option for every variant.")
    return {ONLY_OPTION: ONLY_VALUE if count == 1 else variant.name or variant.sku or f"{position + 1}"}


def _options(given: Sequence[Option], choices: Sequence[Mapping[str, str]]) -> list[Option]:
    """The options that were sent, and what the variants use beyond them."""
    values: dict[str, dict[str, None]] = {one.name: dict.fromkeys(one.values) for one in given}
    for choice in choices:
        for name, value in choice.items():
            values.setdefault(name, {})[value] = None
    return [Option(name=name, values=list(used)) for name, used in values.items()]


def for_update(
    variant: Variant, theirs: Theirs | None, sold: Currencies, position: int,
) -> dict[str, object]:
    """A line of ``/variants/batch``. Medusa replaces a variant's prices whole, so those that stay are sent again."""
    body = {**_plain(variant, theirs), **({"title": variant.name} if variant.name else {})}
    if variant.sku is not None:
        body["sku"] = variant.sku or None
    if variant.is_trackable is not None:
        body["manage_inventory"] = variant.is_trackable
    prices = _prices(variant, sold, position)
    if theirs is None:
        priced = [{"currency_code": code, "amount": amount} for code, amount in prices.items()]
        return {"title": variant.name or " / ".join(variant.options.values()), **body, "options": variant.options,
                "prices": priced}
    if prices:
        body["prices"] = merged_prices(theirs, prices)
    return {"id": theirs.id, **body, **({"options": variant.options} if variant.options else {})}


def merged_prices(theirs: Theirs, prices: Mapping[str, Decimal]) -> list[dict[str, object]]:
    """All prices of a variant: the given ones in place of the plain ones of their currency, the others as they are."""
    left = dict(prices)
    bodies: list[dict[str, object]] = []
    for one in theirs.prices or ():
        plain = not one.rules and one.min_quantity is None and one.max_quantity is None
        amount = left.pop(one.currency_code, one.amount) if plain else one.amount
        body: dict[str, object] = {"id": one.id, "currency_code": one.currency_code, "amount": amount}
        body |= {name: value for name, value in (("min_quantity", one.min_quantity), ("max_quantity", one.max_quantity),
                                                 ("rules", one.rules)) if value}
        bodies.append(body)
    return bodies + [{"currency_code": code, "amount": amount} for code, amount in left.items()]


def _plain(variant: Variant, theirs: Theirs | None = None) -> dict[str, object]:
    """Barcode, weight and what is kept; a status other than active is kept as a word."""
    body: dict[str, object] = {}
    if variant.barcode is not None:
        body["barcode"] = variant.barcode or None
    if variant.weight is not None:
        body["weight"] = variant.weight
    before = kept.kept(theirs.metadata) if theirs else {}
    ours = {**before, **own_fields(variant, KEPT_OF_VARIANT)}
    if ours.get("status") == "active":
        del ours["status"]
    if ours != dict(before):
        body["metadata"] = {kept.NAME: ours or ""}
    return body


def _prices(variant: Variant, sold: Currencies, position: int) -> dict[str, Decimal]:
    """Currency code to amount; ``price`` is in ``currency_id``, else in the shop's own currency."""
    found: dict[str, Decimal] = {}
    for at, one in enumerate(variant.prices):
        if one.compare_at_amount:
            raise denied(f"variants[{position}].prices[{at}].compare_at_amount",
                         "Medusa keeps reduced prices in price lists, which are not written.")
        found[sold.code(one.currency_id, f"variants[{position}].prices[{at}].currency_id")] = one.amount
    if variant.price is not None:
        found[sold.code(variant.currency_id, f"variants[{position}].currency_id")] = variant.price
    return found


def _own_price(record: Product, sold: Currencies, count: int) -> dict[str, Decimal]:
    """A price that was sent for the product itself is that of each variant without one."""
    return {} if record.price is None or not count else {sold.code(record.currency_id, "currency_id"): record.price}
