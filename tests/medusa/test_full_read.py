"""A full read equals what Medusa's own API answers: counts, ids and values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.model.ecommerce.company_info import CompanyInfo
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.order import Order
from entrepot.model.ecommerce.product import Product
from entrepot.model.ecommerce.transaction import Transaction
from tests.medusa.shops import Reading, RealMedusa, full, incremental


def close(ours: Decimal | None, theirs: float) -> bool:
    """Equal to the eight digits that we keep."""
    return ours is not None and abs(ours - Decimal(str(theirs))) < Decimal("0.00000001")


def test_the_store(medusa: RealMedusa, first_read: Reading) -> None:
    theirs = medusa.admin.get("/admin/stores")["stores"][0]
    ours = first_read.record("company_info", theirs["id"], CompanyInfo)
    assert (ours.name, ours.currency_id) == ("Leaf & Kettle", "EUR")


def test_every_customer(medusa: RealMedusa, first_read: Reading) -> None:
    theirs = {one["id"]: one for one in medusa.admin.every("/admin/customers", "customers", fields="*,*addresses")}
    assert set(first_read.families["customers"]) == set(theirs)
    assert first_read.announced["customers"] == len(theirs) == 8
    for ident, one in theirs.items():
        ours = first_read.record("customers", ident, Customer)
        assert (ours.email, ours.phone, ours.name) == (one["email"], one["phone"],
                                                       f"{one['first_name']} {one['last_name']}")
        assert ours.is_guest is not one["has_account"]
        assert [(address.city, address.street) for address in ours.addresses] == [
            (address["city"], address["address_1"]) for address in one["addresses"]]


def test_every_product_with_its_prices(medusa: RealMedusa, first_read: Reading) -> None:
    theirs = {one["id"]: one for one in medusa.admin.every("/admin/products", "products",
                                                           fields="*variants,*variants.prices")}
    assert set(first_read.families["products"]) == set(theirs)
    assert first_read.announced["products"] == len(theirs)
    for ident, one in theirs.items():
        ours = first_read.record("products", ident, Product)
        assert (ours.name, ours.status) == (one["title"], "active" if one["status"] == "published" else "draft")
        assert {variant.platform_unique_id for variant in ours.variants} == {row["id"] for row in one["variants"]}
        for row in one["variants"]:
            variant = next(each for each in ours.variants if each.platform_unique_id == row["id"])
            assert (variant.sku, variant.barcode) == (row["sku"], row["barcode"])
            assert {(price.currency_id, price.amount) for price in variant.prices} == {
                (price["currency_code"].upper(), Decimal(str(price["amount"]))) for price in row["prices"]}
            assert variant.currency_id == "EUR"


def test_every_stock_level(medusa: RealMedusa, first_read: Reading) -> None:
    items = medusa.admin.every("/admin/inventory-items", "inventory_items",
                                fields="id,sku,*location_levels,variants.id")
    theirs = {level["id"]: (level, item) for item in items for level in item["location_levels"]}
    assert set(first_read.families["inventory"]) == set(theirs)
    for ident, (level, item) in theirs.items():
        ours = first_read.record("inventory", ident, Inventory)
        assert ours.quantity == level["stocked_quantity"]
        assert ours.reserved_quantity == level["reserved_quantity"]
        assert ours.available_quantity == level["available_quantity"]
        assert (ours.sku, ours.variant_id) == (item["sku"], item["variants"][0]["id"])
        assert ours.warehouse_location in ("Hamburg", "Oakland")


def test_every_order(medusa: RealMedusa, first_read: Reading) -> None:
    theirs = {one["id"]: one for one in medusa.admin.every(
        "/admin/orders", "orders", fields="+email,+currency_code,+customer_id,+item_subtotal,+tax_total,"
        "+shipping_total,+discount_total,*items,*payment_collections.payments,*fulfillments,+payment_status")}
    assert set(first_read.families["orders"]) == set(theirs)
    assert first_read.announced["orders"] == len(theirs) == len(medusa.seeded.orders)
    for ident, one in theirs.items():
        compare(first_read.record("orders", ident, Order), one)
        payments = [row["id"] for part in one["payment_collections"] for row in part["payments"]]
        ours = first_read.children(ident, Transaction)
        assert [row.platform_unique_id for row in ours if row.type == "payment"] == payments


def compare(ours: Order, theirs: dict[str, Any]) -> None:
    """One order, field by field."""
    assert (ours.order_number, ours.email) == (str(theirs["display_id"]), theirs["email"])
    assert (ours.currency_id, ours.customer_id) == (theirs["currency_code"].upper(), theirs["customer_id"])
    assert close(ours.total_amount, theirs["total"])
    assert close(ours.sub_total, theirs["item_subtotal"])
    assert close(ours.total_tax, theirs["tax_total"])
    assert close(ours.shipping_amount, theirs["shipping_total"])
    assert close(ours.total_discount, theirs["discount_total"])
    assert ours.platform_status == theirs["status"]
    assert ours.taxes_included is (ours.currency_id == "JPY")
    assert bool(ours.discounts) is (theirs["discount_total"] > 0)
    lines = {line["id"]: line for line in theirs["items"]}
    assert {line.platform_unique_id for line in ours.line_items} == set(lines)
    for line in ours.line_items:
        theirs_line = lines[line.platform_unique_id or ""]
        assert line.quantity == theirs_line["quantity"]
        assert close(line.unit_amount, theirs_line["unit_price"])
        assert (line.variant_id, line.sku) == (theirs_line["variant_id"], theirs_line["variant_sku"])


def test_reading_twice_gives_the_same(medusa: RealMedusa) -> None:
    once, again = full(medusa), full(medusa)
    for stream, families in once.families.items():
        assert {ident: family.parent.record for ident, family in families.items()} == {
            ident: family.parent.record for ident, family in again.families[stream].items()}


def test_nothing_moved_is_nearly_nothing_read(medusa: RealMedusa) -> None:
    before = full(medusa)
    after = incremental(medusa, before)
    assert after.families["orders"].keys() <= before.families["orders"].keys()
    assert after.bytes_in <= before.bytes_in / 5
    assert all(not gone for gone in after.gone.values())
