"""Records the connector's fixtures from a real Medusa with a small shop of its own, and what they cover.

    PYTHONPATH=src MEDUSA_PORT=19181 MEDUSA_DB=ent_medusa_record SEED_ORDERS=15 \\
        python -m tests.connectors.medusa.recording

The shop and its people are made up by the seed, and answers hold no key, so that nothing has to be scrubbed but the
address of the machine; a test looks all the same.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import msgspec

from entrepot.kit.installed import load
from entrepot.kit.shop import ShopClient
from entrepot.kit.spec import Start
from entrepot.kit.testing.coverage import FILE, measure, text
from entrepot.model.base import Address
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.order import Order
from entrepot.model.ecommerce.product import Product, Variant
from tests.medusa.bench import seeding, server
from tests.medusa.bench.admin import key_holder
from tests.medusa.bench.place import Place
from tests.medusa.shops import MEDUSA, RealMedusa, change, full, with_shop, written
from tests.medusa.test_incremental_read import Edits
from tests.medusa.test_write_customers import GIVEN, documented
from tests.medusa.test_write_fulfillments import PROMISED
from tests.medusa.test_write_orders import GIVEN as ORDER_GIVEN
from tests.medusa.test_write_orders import ordered

PACKAGE = Path(__file__).parents[3] / "src" / "entrepot" / "connectors" / "medusa"
FOLDER = PACKAGE / "fixtures"
ADDRESS = "https://shop.example"


def main() -> None:
    """Make a shop, let things happen in it, write down how Medusa answers, and end it."""
    place = Place.of_environment()
    server.reset(place)
    try:
        seeded = seeding.seed(place)
        shop = RealMedusa(place.url, seeded.secret_key, key_holder(place.url, seeded.secret_key), seeded)
        _live(shop)
        files = _recorded(shop)
    finally:
        server.stop(place)
        server.drop(place)
    FOLDER.mkdir(exist_ok=True)
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    (PACKAGE / FILE).write_text(text(measure(load("entrepot.connectors.medusa"))), encoding="utf-8")


def _live(shop: RealMedusa) -> None:
    """All that a merchant does, and what comes through Entrepot."""
    edits = Edits(shop, full(shop))
    edits.money()
    edits.parcels()
    edits.past_the_order()
    edits.back()
    edits.papers()
    edits.people()
    customer = change("create", msgspec.structs.replace(documented(), tags=["tea"], note="rings twice", tax_number="X1",
                                                        accepts_marketing=True, type="both"),
                      (*GIVEN, "tags", "note", "tax_number", "accepts_marketing", "type"), marker="op-1")
    written(shop, "customer", customer, Customer)
    _an_order(shop)
    pot = Product(
        platform_unique_id="", name="Iron pot", vendor="Iwachu", url="https://shop.example/pot", tags=["iron"],
        category="Pots", status="active", type="inventory", image_urls=["https://img.example/pot.png"],
        variants=[Variant(name="Pot", sku="POT-1", price=Decimal("49.90"), currency_id="EUR", weight=Decimal(900),
                          weight_unit="g", cost=Decimal(20), compare_at_price=Decimal(60))],
    )
    written(shop, "product", change("create", pot, ("name", "vendor", "url", "tags", "category", "status", "type",
                                                    "image_urls", "variants"), marker="op-4"), Product)
    level = min(full(shop).families["inventory"])
    written(shop, "inventory", change("update", Inventory(platform_unique_id="", quantity=9, reorder_level=12,
                                                          reorder_quantity=50, description="the first shelf"),
                                      ("quantity", "reorder_level", "reorder_quantity", "description"), target=level),
            Inventory)
    address = Address(type="shipping", city="Lyon")
    written(shop, "order", change("update", Order(platform_unique_id="", addresses=[address]), ("addresses",),
                                  target=shop.seeded.orders[13]), Order)


def _an_order(shop: RealMedusa) -> None:
    """With everything that Medusa has no field for, and a parcel the same."""
    sent = ordered(shop, reference="PO-7", tags=["b2b"], phone="+1 555", description="by hand", status="processing")
    order = written(shop, "order", change(
        "create", sent, (*ORDER_GIVEN, "reference", "tags", "phone", "description"), marker="op-2"), Order)
    parcel = Fulfillment(
        platform_unique_id="", order_id=order.platform_unique_id, carrier_name="UPS", weight=Decimal(2),
        weight_unit="kg", delivery_service="next day", name="Box 1", estimated_delivery_date=PROMISED,
    )
    written(shop, "fulfillment", change(
        "create", parcel, ("order_id", "carrier_name", "weight", "weight_unit", "delivery_service", "name",
                           "estimated_delivery_date"), marker="op-3"), Fulfillment)


def _recorded(shop: RealMedusa) -> dict[str, bytes]:
    """File name to content: orders one by one (as they are read again), two of them as the list has them."""

    async def rows(client: ShopClient) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for stream in MEDUSA.connector.streams:
            found[stream.name] = [row async for page in stream.read(client, Start("full")) for row in page.rows]
        listed = found["orders"]
        fetch = MEDUSA.connector.stream("orders").fetch
        assert fetch is not None
        ids = [msgspec.json.decode(row, type=_Named).id for row in listed]
        found["orders"] = [await fetch(client, ident) for ident in ids]
        return {**found, "orders_listed": [listed[0], listed[-1]], "inventory": found["inventory"][:6]}

    async def settings(client: ShopClient) -> dict[str, str]:
        return {**client.settings, "base_url": ADDRESS}

    files = {f"{name}.json": _pretty(raws) for name, raws in with_shop(shop, rows).items()}
    kept = msgspec.json.format(msgspec.json.encode(with_shop(shop, settings)), indent=1) + b"\n"
    return {**files, "settings.json": kept}


class _Named(msgspec.Struct):
    id: str


def _pretty(rows: list[bytes]) -> bytes:
    text = msgspec.json.format(msgspec.json.encode([msgspec.Raw(row) for row in rows]), indent=1)
    return re.sub(rb"http://127\.0\.0\.1:\d+", ADDRESS.encode(), text) + b"\n"


if __name__ == "__main__":
    main()
