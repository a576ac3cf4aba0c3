"""What can be read from the demo shop and written to it."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.connectors.demo import (
    customer_writing,
    fulfillment_writing,
    mapping,
    order_mapping,
    order_writing,
    product_writing,
)
from entrepot.connectors.demo.payload import ShopRow
from entrepot.connectors.demo.reading import listed, one, read_shop, small
from entrepot.kit.json import decode_answer
from entrepot.kit.spec import Connector, Shop, Stream


async def probe(shop: Shop) -> Mapping[str, str]:
    """Who the shop is, its currency, and what it sells in."""
    found = decode_answer((await shop.get("/shop")).body, ShopRow)
    return {
        "shop_id": found.id, "shop_name": found.name or "", "currency": found.currency or "",
        "sells_in": ",".join(found.sells_in), "api_version": found.api_version,
    }


CONNECTOR = Connector(
    streams=(
        Stream("company_info", ("company_info",), read_shop, mapping.company_info, incremental=False),
        Stream("balances", ("balance",), small("/wallets"), mapping.balance, incremental=False),
        Stream("products", ("product",), listed("/articles"), mapping.product, one("/articles"), dated=True),
        Stream("inventory", ("inventory",), listed("/stock"), mapping.inventory, one("/stock"), dated=True),
        Stream("customers", ("customer",), listed("/buyers"), mapping.customer, one("/buyers"), dated=True),
        Stream("orders", ("order", "fulfillment", "transaction"), listed("/orders"), order_mapping.order,
               one("/orders"), loose=("customer",), dated=True),
    ),
    probe=probe,
    actions=(
        *customer_writing.ACTIONS, *product_writing.ACTIONS, *order_writing.ACTIONS, *fulfillment_writing.ACTIONS,
    ),
)
