"""What can be read from Medusa and what can be written to it."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.connectors.medusa.mapping.company_info import main_currency, to_company_info
from entrepot.connectors.medusa.mapping.customer import to_customer
from entrepot.connectors.medusa.mapping.inventory import to_inventory
from entrepot.connectors.medusa.mapping.order import to_order
from entrepot.connectors.medusa.mapping.product import to_product
from entrepot.connectors.medusa.reads import whole
from entrepot.connectors.medusa.reads.listing import listed
from entrepot.connectors.medusa.reads.orders import order, orders
from entrepot.connectors.medusa.writes import customer, fulfillment, inventory, order_update, product
from entrepot.connectors.medusa.writes.shop_facts import store
from entrepot.errors import Rejected
from entrepot.kit.spec import Connector, Shop, Stream

FAR_FUTURE = "2999-01-01T00:00:00.000Z"


async def probe(shop: Shop) -> Mapping[str, str]:
    """The store, and that the filter which incremental reads live by is obeyed: Medusa ignores filters that it does
    not know with 200 and all rows, and a proxy may drop brackets from addresses."""
    facts = await store(shop)
    if facts is None:
        raise Rejected("This Medusa has no store yet; create one in its admin first", code="operation-denied")
    _, count, _ = await listed(shop, "/admin/orders", {"fields": "id", "limit": 1, "updated_at[$gte]": FAR_FUTURE})
    if count:
        raise Rejected("The filter updated_at[$gte] of /admin/orders is not obeyed: is there a proxy that drops "
                       "brackets from addresses?", code="operation-denied")
    currency = main_currency(facts)
    return {"shop_id": facts.id, "shop_name": facts.name or "", **({"currency": currency.upper()} if currency else {})}


CONNECTOR = Connector(
    streams=(
        Stream("company_info", ("company_info",), whole.stores, to_company_info, whole.store, incremental=False),
        Stream("products", ("product",), whole.products, to_product, whole.product, incremental=False,
               dated=True),
        Stream("inventory", ("inventory",), whole.inventory, to_inventory, whole.inventory_level, incremental=False),
        Stream("customers", ("customer",), whole.customers, to_customer, whole.customer, incremental=False,
               dated=True),
        Stream("orders", ("order", "fulfillment", "transaction"), orders, to_order, order, dated=True),
    ),
    probe=probe,
    actions=(*customer.ACTIONS, *product.ACTIONS, *inventory.ACTIONS, *order_update.ACTIONS, *fulfillment.ACTIONS),
    refusals={"balance": "Medusa keeps no balance and pays nothing out: money lies with the payment providers."},
)
