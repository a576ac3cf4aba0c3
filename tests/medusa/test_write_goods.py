"""Products and stock levels written through the connector, as they then stand in Medusa."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from entrepot.errors import Rejected
from entrepot.kit.shop import ShopClient
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.product import Price, Product, Variant
from tests.medusa.shops import MEDUSA, RealMedusa, change, with_shop, written


def name() -> str:
    """A name that no product has yet."""
    return f"Pot {uuid.uuid4().hex[:8]}"


def theirs(medusa: RealMedusa, ident: str) -> Any:
    """The product as Medusa answers it."""
    return medusa.admin.get(f"/admin/products/{ident}", fields="*,*variants,*variants.prices,*sales_channels,"
                            "*shipping_profile,*tags,*images")["product"]


def test_a_plain_product(medusa: RealMedusa) -> None:
    """As v3's documented body has it: name, description, SKU, status. Medusa wants an option and a variant for it."""
    sku = f"POT-{uuid.uuid4().hex[:8]}"
    record = Product(platform_unique_id="", name=name(), description="Iron.", sku=sku, status="active",
                     price=Decimal("49.90"), currency_id="EUR", vendor="Iwachu", tags=["iron"],
                     image_urls=["https://img.example/pot.png"])
    given = ("name", "description", "sku", "status", "price", "currency_id", "vendor", "tags", "image_urls")
    ours = written(medusa, "product", change("create", record, given, marker="pot-1"), Product)
    for field in given:
        assert getattr(ours, field) == getattr(record, field), field
    there = theirs(medusa, ours.platform_unique_id)
    assert there["status"] == "published"
    assert [one["id"] for one in there["sales_channels"]] == [medusa.seeded.sales_channel]
    assert there["shipping_profile"]["id"] == medusa.seeded.profile
    assert there["variants"][0]["sku"] == sku
    assert there["metadata"]["entrepot"]["operation"] == "pot-1"


def test_variants_options_and_prices(medusa: RealMedusa) -> None:
    variants = [
        Variant(name=size, sku=f"{uuid.uuid4().hex[:8]}", options={"Size": size}, is_trackable=False,
                compare_at_price=Decimal(60), cost=Decimal("12.5"), weight=Decimal(900), weight_unit="g",
                prices=[Price(currency_id="EUR", amount=Decimal(50 + at)),
                        Price(currency_id="JPY", amount=Decimal(8000))])
        for at, size in enumerate(("small", "large"))
    ]
    record = Product(platform_unique_id="", name=name(), status="draft", variants=variants)
    ours = written(medusa, "product", change("create", record, ("name", "status", "variants")), Product)
    assert {one.name for one in ours.options} == {"Size"}
    assert ours.status == "draft"
    by_sku = {one.sku: one for one in ours.variants}
    for sent in variants:
        made = by_sku[sent.sku]
        for field in ("name", "options", "prices", "compare_at_price", "cost", "weight", "weight_unit", "is_trackable"):
            assert getattr(made, field) == getattr(sent, field), field


def test_archived_is_held_out_of_sale(medusa: RealMedusa) -> None:
    record = Product(platform_unique_id="", name=name(), status="archived")
    ours = written(medusa, "product", change("create", record, ("name", "status")), Product)
    assert ours.status == "archived"
    assert theirs(medusa, ours.platform_unique_id)["status"] == "draft"
    back = change("update", Product(platform_unique_id="", status="active"), ("status",),
                  target=ours.platform_unique_id)
    assert written(medusa, "product", back, Product).status == "active"
    medusa.admin.post(f"/admin/products/{ours.platform_unique_id}", {"status": "draft"})
    again = change("update", Product(platform_unique_id="", description="x"), ("description",),
                   target=ours.platform_unique_id)
    assert written(medusa, "product", again, Product).status == "draft"


def test_a_sku_that_is_taken(medusa: RealMedusa) -> None:
    record = Product(platform_unique_id="", name=name(), sku="TEA-01-100")
    with pytest.raises(Rejected) as refusal:
        written(medusa, "product", change("create", record, ("name", "sku")), Product)
    assert (refusal.value.code, refusal.value.field) == ("record-already-exists", "sku")


def test_a_currency_that_the_shop_does_not_sell_in(medusa: RealMedusa) -> None:
    record = Product(platform_unique_id="", name=name(), price=Decimal(1), currency_id="CHF")
    with pytest.raises(Rejected) as refusal:
        written(medusa, "product", change("create", record, ("name", "price", "currency_id")), Product)
    assert (refusal.value.code, refusal.value.field) == ("operation-denied", "currency_id")


def test_a_price_changes_and_the_other_currencies_stay(medusa: RealMedusa) -> None:
    product = medusa.admin.get("/admin/products", fields="id,variants.id", order="id")["products"][6]
    variant = product["variants"][0]["id"]
    record = Product(platform_unique_id="", name="Renamed tea", variants=[
        Variant(platform_unique_id=variant, price=Decimal("33.30"), currency_id="USD", cost=Decimal(4))])
    ours = written(medusa, "product", change("update", record, ("name", "variants"), target=product["id"]), Product)
    assert ours.name == "Renamed tea"
    assert len(ours.variants) == 2
    changed = next(one for one in ours.variants if one.platform_unique_id == variant)
    assert {one.currency_id: one.amount for one in changed.prices} == {
        "EUR": Decimal(11), "USD": Decimal("33.30"), "JPY": Decimal(1760)}
    assert changed.cost == 4


def test_a_price_for_a_product_of_several_variants(medusa: RealMedusa) -> None:
    product = medusa.admin.get("/admin/products", fields="id", order="id")["products"][6]["id"]
    record = Product(platform_unique_id="", price=Decimal(1))
    with pytest.raises(Rejected) as refusal:
        written(medusa, "product", change("update", record, ("price",), target=product), Product)
    assert (refusal.value.code, refusal.value.field) == ("operation-denied", "price")


def test_a_product_that_was_made_is_found_by_its_marker(medusa: RealMedusa) -> None:
    wanted = change("create", Product(platform_unique_id="", name=name()), ("name",), marker="find-me")
    made = written(medusa, "product", wanted, Product)
    action = MEDUSA.connector.action("product", "create")
    assert action is not None
    assert action.find is not None
    find = action.find
    assert with_shop(medusa, lambda shop: find(shop, wanted, "2026-01-01T00:00:00Z")) == made.platform_unique_id


def level(medusa: RealMedusa) -> tuple[str, bytes]:
    """A stock level's id and its raw row."""

    async def first(shop: ShopClient) -> tuple[str, bytes]:
        item = medusa.admin.get("/admin/inventory-items", fields="id,location_levels.id", order="id",
                                limit=5)["inventory_items"][4]
        fetch = MEDUSA.connector.stream("inventory").fetch
        assert fetch is not None
        ident = item["location_levels"][0]["id"]
        return ident, await fetch(shop, ident)

    return with_shop(medusa, first)


def test_a_stock_level(medusa: RealMedusa) -> None:
    ident, raw = level(medusa)
    record = Inventory(platform_unique_id="", quantity=321, reorder_level=400)
    wanted = change("update", record, ("quantity", "reorder_level"), target=ident, current=raw)
    ours = written(medusa, "inventory", wanted, Inventory)
    assert (ours.platform_unique_id, ours.quantity, ours.reorder_level, ours.status) == (ident, 321, 400, "low_stock")
    without = change("update", record, ("quantity",), target=ident)
    assert written(medusa, "inventory", without, Inventory).quantity == 321


@pytest.mark.parametrize(("field", "value"), [("reserved_quantity", 9999), ("location_id", "sloc_other"),
                                              ("sku", "OTHER")])
def test_what_a_stock_level_does_not_let_change(medusa: RealMedusa, field: str, value: object) -> None:
    ident, raw = level(medusa)
    record = Inventory(platform_unique_id="", **{field: value})  # type: ignore[arg-type]
    with pytest.raises(Rejected) as refusal:
        written(medusa, "inventory", change("update", record, (field,), target=ident, current=raw), Inventory)
    assert (refusal.value.code, refusal.value.field) == ("operation-denied", field)
