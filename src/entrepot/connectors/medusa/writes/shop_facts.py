"""What a write has to know of the shop: its currencies, its sales channel, its shipping profile, its tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from entrepot.connectors.medusa.mapping.company_info import main_currency
from entrepot.connectors.medusa.payload import Store
from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.listing import Identified, inside, listed
from entrepot.connectors.medusa.writes.refuse import denied, missing
from entrepot.kit.json import decode_answer
from entrepot.kit.spec import Shop


@dataclass(frozen=True)
class Currencies:
    """The codes that the shop sells in, small letters, as Medusa writes them."""

    main: str | None
    all: frozenset[str]

    def code(self, given: str | None, field: str) -> str:
        """The code for a price. Medusa takes any three letters with 200 and then never shows the price."""
        code = given.lower() if given else self.main
        if code is None:
            raise missing(field, "The shop has no default currency: send an ISO 4217 code.")
        if code not in self.all:
            sold = ", ".join(sorted(one.upper() for one in self.all)) or "nothing yet"
            raise denied(field, f"The shop does not sell in {code.upper()}; it sells in {sold}.")
        return code


async def store(shop: Shop) -> Store | None:
    """The shop's store."""
    rows, _, _ = await listed(shop, "/admin/stores", {"fields": fields.STORE, "limit": 1})
    return decode_answer(rows[0], Store) if rows else None


def currencies(facts: Store | None) -> Currencies:
    """Of a store."""
    codes = frozenset(one.currency_code.lower() for one in facts.supported_currencies or ()) if facts else frozenset()
    return Currencies(main_currency(facts) if facts else None, codes)


async def sales_channel(shop: Shop, facts: Store | None) -> str | None:
    """The store's default channel, else the oldest: without one Medusa looks for stock nowhere."""
    if facts is not None and facts.default_sales_channel_id:
        return facts.default_sales_channel_id
    return await _first(shop, "/admin/sales-channels")


async def shipping_profile(shop: Shop) -> str | None:
    """The oldest profile, which is the one that Medusa's set-up makes."""
    return await _first(shop, "/admin/shipping-profiles")


async def _first(shop: Shop, path: str) -> str | None:
    rows, _, _ = await listed(shop, path, {"fields": "id", "limit": 1, "order": "created_at"})
    return decode_answer(rows[0], Identified).id if rows else None


class _Tag(msgspec.Struct):
    id: str
    value: str


async def tags(shop: Shop, words: Sequence[str]) -> list[dict[str, str]]:
    """The tags of those words, as a product takes them; those that the shop does not know yet are made."""
    found = []
    for word in dict.fromkeys(one.strip() for one in words if one.strip()):
        rows, _, _ = await listed(shop, "/admin/product-tags", {"fields": "id,value", "value": word, "limit": 1})
        if rows:
            tag = decode_answer(rows[0], _Tag)
        else:
            answer = await shop.send("POST", "/admin/product-tags", {"value": word})
            tag = inside(answer, "product_tag", _Tag)
        found.append({"id": tag.id})
    return found
