"""Articles that are created, changed and deleted through the API, and the stock rows that go with their variants."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import msgspec
from msgspec import UNSET

from entrepot_simulators.demo.documents import Article, StockRow, Variant
from entrepot_simulators.demo.http import Refusal
from entrepot_simulators.demo.inputs import ArticleInput, StockInput, VariantInput, apply
from entrepot_simulators.demo.moments import written
from entrepot_simulators.demo.money import DIGITS
from entrepot_simulators.demo.shop import Shop
from entrepot_simulators.demo.stock import LOCATIONS, row_id, settle

NOUN = "article"


def create(shop: Shop, given: ArticleInput, now: int) -> bytes:
    """A new article, with one nameless variant when none are sent. Inside a transaction of the ledger."""
    if not isinstance(given.title, str) or not given.title:
        raise Refusal(422, "missing", "An article needs a title.", "title")
    at = written(now)
    article = Article(id=f"art_m{shop.ledger.next_seq()}", created_at=at, updated_at=at, changed_at=at)
    if given.variants is UNSET or not given.variants:
        given.variants = [VariantInput()]
    return _keep(shop, article, given, None, now)


def change(shop: Shop, ident: str, given: ArticleInput, now: int) -> bytes:
    """Change what was sent. Inside a transaction of the ledger."""
    article, base = shop.document(NOUN, ident, Article, now)
    article.updated_at = written(now)
    if given.variants is not UNSET and not given.variants:
        raise Refusal(422, "invalid", "An article keeps at least one variant.", "variants")
    return _keep(shop, article, given, base, now)


def remove(shop: Shop, ident: str, now: int) -> bytes:
    """Delete an article and its stock rows. Inside a transaction of the ledger."""
    article, _ = shop.document(NOUN, ident, Article, now)
    for variant in article.variants:
        _drop_rows(shop, variant.id, now)
    return shop.remove(NOUN, ident, now)


def change_stock(shop: Shop, ident: str, given: StockInput, now: int) -> bytes:
    """New numbers for a stock row. Inside a transaction of the ledger."""
    row, base = shop.document("stock", ident, StockRow, now)
    for name in ("on_hand", "reserved", "incoming"):
        value = getattr(given, name)
        if isinstance(value, int) and value < 0:
            raise Refusal(422, "invalid", f"{name} is not below zero.", name)
    row.updated_at = row.changed_at = written(now)
    apply(given, row)
    return shop.keep("stock", ident, base, settle(row), now)


def _keep(shop: Shop, article: Article, given: ArticleInput, base: int | None, now: int) -> bytes:
    apply(given, article, "variants")
    article.changed_at = written(now)
    if given.variants is not UNSET:
        before = {variant.id for variant in article.variants}
        article.variants = _variants(article, given.variants)
        after = {variant.id for variant in article.variants}
        for variant in article.variants:
            if variant.id not in before:
                _add_row(shop, article, variant, now)
        for gone in before - after:
            _drop_rows(shop, gone, now)
    return shop.keep(NOUN, article.id, base, article, now)


def _variants(article: Article, given: list[VariantInput]) -> list[Variant]:
    known = {variant.id for variant in article.variants}
    owner, number, made = article.id.removeprefix("art_"), 0, []
    for place, one in enumerate(given):
        if one.id is not None and one.id not in known:
            raise Refusal(422, "unknown", f"The article has no variant {one.id}.", f"variants[{place}].id")
        for price in one.prices:
            _check_price(price.amount, price.currency, f"variants[{place}].prices")
        ident = one.id
        while ident is None or (one.id is None and ident in known):
            number += 1
            ident = f"var_{owner}_{number}"
        known.add(ident)
        fields = {name: getattr(one, name) for name in one.__struct_fields__ if name != "id"}
        made.append(msgspec.convert({**msgspec.to_builtins(fields), "id": ident}, Variant))
    return made


def _check_price(amount: str, currency: str, at: str) -> None:
    try:
        fine = Decimal(amount) >= 0
    except InvalidOperation:
        fine = False
    if not fine:
        raise Refusal(422, "invalid", "A price is a decimal number, not below zero.", at)
    if currency not in DIGITS:
        raise Refusal(422, "currency", f"The shop does not sell in {currency}.", at)


def _add_row(shop: Shop, article: Article, variant: Variant, now: int) -> None:
    at = written(now)
    row = StockRow(
        id=row_id(variant.id, LOCATIONS[0].id), article_id=article.id, variant_id=variant.id, sku=variant.sku,
        title=" ".join(filter(None, (article.title, variant.title))), location=LOCATIONS[0],
        tracked=bool(variant.tracked), created_at=at, updated_at=at, changed_at=at,
    )
    shop.keep("stock", row.id, None, settle(row), now)


def _drop_rows(shop: Shop, variant: str, now: int) -> None:
    for location in LOCATIONS:
        ident = row_id(variant, location.id)
        if shop.has("stock", ident, now):
            shop.remove("stock", ident, now)
