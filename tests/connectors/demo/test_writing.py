"""Writes to the demo shop: kept word for word, found again by their marker, refused where they cannot be held."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from entrepot.errors import Missing, NotSupported, OutcomeUnknown, Rejected
from entrepot.model.base import Address, Record
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment, FulfillmentLine
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.order import LineItem, Order
from entrepot.model.ecommerce.product import Option, Price, Product, Variant
from tests.connectors.demo.mirror import Mirror

AT = datetime(2024, 1, 22, 5, 7, 31, 465000, UTC)
LINE = LineItem(item_id="art_00003", description="Two of them", quantity=Decimal(2), unit_amount=Decimal("19.99"))
ORDER = {"customer_id", "currency_id", "line_items", "status"}


def order(**fields: object) -> Order:
    values: dict[str, object] = {
        "customer_id": "buy_00000001", "currency_id": "EUR", "line_items": [LINE], "status": "pending", **fields}
    return Order(platform_unique_id="", **values)  # type: ignore[arg-type]


def test_the_documented_customer_comes_back_as_sent(mirror: Mirror) -> None:
    sent = Customer(
        platform_unique_id="", name="John Doe", email="", phone="1234567890", currency_id="1234567890",
        status="active", created_at=AT, updated_at=AT,
        addresses=[Address(
            street="123 Main Street", locality="Main Street", city="New York", state="New York",
            postal_code="123456", country="USA", given_rootfi_id=278264,
            given_platform_id="CONTACTS_1af68894-ea9f-ee11-be36-7c1e520f50bc_ADDRESS",
        )],
    )
    given = {"name", "email", "phone", "currency_id", "status", "updated_at", "created_at", "addresses"}
    made = mirror.write("create", sent, given)
    assert isinstance(made, Customer)
    for name in given - {"email", "addresses"}:
        assert getattr(made, name) == getattr(sent, name)
    assert made.email is None
    address = made.addresses[0]
    assert address.platform_unique_id
    address.platform_unique_id = None
    assert address == sent.addresses[0]
    mirror.sync("customers", "full")
    assert mirror.held["customer", made.platform_unique_id] != sent
    assert mirror.caller.call("GET", f"/buyers/{made.platform_unique_id}")["full_name"] == "John Doe"


def test_a_customer_is_updated_field_by_field(mirror: Mirror) -> None:
    made = mirror.write("create", Customer(platform_unique_id="", name="A", phone="1", tags=["x"]),
                        {"name", "phone", "tags"})
    changed = mirror.write("update", Customer(platform_unique_id="", phone=None, email="a@example.com"),
                           {"phone", "email"}, target=made.platform_unique_id)
    assert isinstance(changed, Customer)
    assert (changed.name, changed.phone, changed.email, changed.tags) == ("A", None, "a@example.com", ["x"])


def test_the_documented_order_is_numbered_and_added_up(mirror: Mirror) -> None:
    made = mirror.write("create", order(
        order_date=AT, addresses=[Address(type="shipping", street="1 A", country="USA"),
                                  Address(type="billing", street="2 B", city="C")],
        line_items=[LINE, LineItem(item_id="art_00007", variant_id="var_00007_300", description="Thread",
                                   quantity=Decimal(1), unit_amount=Decimal("0.35"))],
    ), ORDER | {"order_date", "addresses"})
    assert isinstance(made, Order)
    assert made.order_number
    assert (made.status, made.payment_status, made.fulfillment_status) == ("pending", "pending", "unfulfilled")
    assert (made.total_amount, made.amount_due) == (Decimal("40.33"), Decimal("40.33"))
    assert (made.order_date, made.customer_id, made.currency_id) == (AT, "buy_00000001", "EUR")
    assert {one.type: one.street for one in made.addresses} == {"billing": "2 B", "shipping": "1 A"}
    lines = [(one.item_id, one.variant_id, one.description, one.quantity, one.unit_amount) for one in made.line_items]
    assert lines == [
        ("art_00003", None, "Two of them", Decimal(2), Decimal("19.99")),
        ("art_00007", "var_00007_300", "Thread", Decimal(1), Decimal("0.35"))]


@pytest.mark.parametrize("status", ["pending", "processing", "shipped", "delivered", "canceled"])
def test_an_order_starts_in_any_documented_status(mirror: Mirror, status: str) -> None:
    made = mirror.write("create", order(status=status, order_number=f"X-{status}"), ORDER | {"order_number"})
    assert isinstance(made, Order)
    assert (made.status, made.order_number) == (status, f"X-{status}")


@pytest.mark.parametrize(("currency", "unit", "total"), [("JPY", "1200", "2400"), ("KWD", "1.255", "2.510")])
def test_money_with_no_and_with_three_digits(mirror: Mirror, currency: str, unit: str, total: str) -> None:
    line = LineItem(item_id="art_00003", quantity=Decimal(2), unit_amount=Decimal(unit))
    made = mirror.write("create", order(currency_id=currency, line_items=[line]), ORDER)
    assert isinstance(made, Order)
    assert str(made.total_amount) == total


def test_an_order_is_changed_and_shipped(mirror: Mirror) -> None:
    made = mirror.write("create", order(), ORDER, marker="op-1")
    changed = mirror.write("update", order(reference="PO 7", status="processing"), {"reference", "status"},
                           target=made.platform_unique_id)
    assert isinstance(changed, Order)
    assert (changed.reference, changed.status, changed.customer_id) == ("PO 7", "processing", "buy_00000001")
    parcel = mirror.write("create", Fulfillment(
        platform_unique_id="", order_id=made.platform_unique_id, status="in_transit", carrier_name="Pelican",
        tracking_number="P1", weight=Decimal("1.5"), weight_unit="lb",
        line_items=[FulfillmentLine(line_item_id=changed.line_items[0].platform_unique_id, quantity=Decimal(2))],
    ), {"order_id", "status", "carrier_name", "tracking_number", "weight", "weight_unit", "line_items"}, marker="op-2")
    assert isinstance(parcel, Fulfillment)
    assert (parcel.status, parcel.tracking_number, parcel.weight, parcel.weight_unit) == (
        "in_transit", "P1", Decimal(680), "g")
    assert mirror.held["order", made.platform_unique_id].status == "shipped"  # type: ignore[attr-defined]
    arrived = mirror.write("update", Fulfillment(platform_unique_id="", status="delivered"), {"status"},
                           target=parcel.platform_unique_id)
    assert isinstance(arrived, Fulfillment)
    assert (arrived.status, arrived.platform_unique_id) == ("delivered", parcel.platform_unique_id)
    assert arrived.actual_delivery_date is not None


def test_a_product_with_variants_and_its_stock(mirror: Mirror) -> None:
    made = mirror.write("create", Product(
        platform_unique_id="", name="Kite", description="Flies", status="draft", type="inventory", vendor="Gull",
        tags=["toy"], options=[Option(name="Size", values=["S", "L"])],
        variants=[
            Variant(name="S", sku="K-S", price=Decimal("12.5"), compare_at_price=Decimal(15), currency_id="USD",
                    options={"Size": "S"}, weight=Decimal("0.2"), weight_unit="kg", is_trackable=True,
                    prices=[Price(currency_id="JPY", amount=Decimal(1800))]),
            Variant(name="L", sku="K-L", price=Decimal(20), currency_id="USD", options={"Size": "L"}),
        ],
    ), {"name", "description", "status", "type", "vendor", "tags", "options", "variants"})
    assert isinstance(made, Product)
    assert (made.name, made.status, made.type, made.price, made.currency_id, made.sku) == (
        "Kite", "draft", "inventory", Decimal("12.5"), "USD", "K-S")
    first = made.variants[0]
    assert (first.weight, first.compare_at_price) == (Decimal(200), Decimal(15))
    assert [one.currency_id for one in first.prices] == ["USD", "JPY"]
    mirror.sync("inventory", "full")
    rows = [one for one in mirror.of("inventory").values()
            if isinstance(one, Inventory) and one.item_id == made.platform_unique_id]
    assert [one.sku for one in rows] == ["K-S", "K-L"]
    level = mirror.write("update", Inventory(
        platform_unique_id="", quantity=40, reserved_quantity=5, warehouse_location="A-12",
        item_id=made.platform_unique_id,
    ), {"quantity", "reserved_quantity", "warehouse_location", "item_id"}, target=rows[0].platform_unique_id)
    assert isinstance(level, Inventory)
    assert (level.quantity, level.available_quantity, level.status, level.warehouse_location) == (
        40, 35, "in_stock", "A-12")


def test_a_product_of_one_price_is_created_and_repriced(mirror: Mirror) -> None:
    made = mirror.write("create", Product(platform_unique_id="", name="Stone", sku="ST", price=Decimal(3)),
                        {"name", "sku", "price"})
    assert isinstance(made, Product)
    assert (made.price, made.currency_id, made.sku, len(made.variants)) == (Decimal(3), "EUR", "ST", 1)
    raw = mirror.caller.raw("GET", f"/articles/{made.platform_unique_id}")[2]
    again = mirror.write("update", Product(platform_unique_id="", price=Decimal("3.5"), currency_id="EUR"),
                         {"price", "currency_id"}, target=made.platform_unique_id, current=raw)
    assert isinstance(again, Product)
    assert (again.price, again.sku) == (Decimal("3.5"), "ST")
    assert again.variants[0].platform_unique_id == made.variants[0].platform_unique_id


@pytest.mark.parametrize("fault", ["lost", "reset", "cut"])
@pytest.mark.parametrize(("record", "given", "path"), [
    (Customer(platform_unique_id="", name="A"), {"name"}, "/v1/buyers"),
    (Product(platform_unique_id="", name="A"), {"name"}, "/v1/articles"),
    (order(), ORDER, "/v1/orders"),
])
def test_after_an_unknown_outcome_there_is_exactly_one(
    mirror: Mirror, fault: str, record: Record, given: set[str], path: str,
) -> None:
    assert mirror.find(record, "op-9") is None
    mirror.caller.call("POST", "/control/faults", {"faults": f"{fault}@POST {path}*1"})
    with pytest.raises(OutcomeUnknown):
        mirror.write("create", record, given, marker="op-9")
    found = mirror.find(record, "op-9")
    assert found is not None
    again = mirror.write("create", record, given, marker="op-9")
    assert again.platform_unique_id == found
    assert len(mirror.caller.rows(path.removeprefix("/v1"), client_reference="op-9")) == 1


def test_a_lost_fulfillment_is_found_by_its_marker(mirror: Mirror) -> None:
    made = mirror.write("create", order(), ORDER)
    parcel = Fulfillment(platform_unique_id="", order_id=made.platform_unique_id)
    mirror.caller.call("POST", "/control/faults", {"faults": "lost@POST /v1/orders*1"})
    with pytest.raises(OutcomeUnknown):
        mirror.write("create", parcel, {"order_id"}, marker="op-8")
    assert mirror.find(parcel, "op-8") == made.platform_unique_id
    assert mirror.find(parcel, "op-7") is None


@pytest.mark.parametrize(("record", "given", "field"), [
    (Customer(platform_unique_id="", name="A", type="vendor"), {"name", "type"}, "type"),
    (order(currency_id="XXX"), ORDER, "currency_id"),
    (order(status="on_hold"), ORDER, "status"),
    (order(customer_id="guest_1"), ORDER, "customer_id"),
    (order(line_items=[LineItem(item_id="art_00003", unit_amount=Decimal(1), total_amount=Decimal(9))]), ORDER,
     "line_items[0].total_amount"),
    (order(addresses=[Address(type="warehouse")]), ORDER | {"addresses"}, "addresses"),
    (Product(platform_unique_id="", name="A", url="https://example.com"), {"name", "url"}, "url"),
    (Product(platform_unique_id="", name="A", price=Decimal(1), variants=[Variant(), Variant()]),
     {"name", "price", "variants"}, "price"),
    (Product(platform_unique_id="", name="A", price=Decimal(1), currency_id="XXX"), {"name", "price", "currency_id"},
     "currency_id"),
    (Fulfillment(platform_unique_id="", order_id="ord_1", weight=Decimal(1), weight_unit="stone"),
     {"order_id", "weight", "weight_unit"}, "weight_unit"),
])
def test_what_cannot_be_held_is_refused_before_the_shop_is_asked(
    mirror: Mirror, record: Record, given: set[str], field: str,
) -> None:
    mirror.caller.call("POST", "/control/faults", {"faults": "error=500"})
    with pytest.raises(NotSupported) as refusal:
        mirror.write("create", record, given)
    assert refusal.value.field == field


@pytest.mark.parametrize(("record", "given", "code", "field"), [
    (Customer(platform_unique_id="", name="A", email="buyer3@example.org"), {"name", "email"},
     "record-already-exists", "email"),
    (order(order_number="1001"), ORDER | {"order_number"}, "record-already-exists", "order_number"),
    (order(customer_id="buy_99999999"), ORDER, "invalid-params", "customer_id"),
    (order(line_items=[LineItem(item_id="art_9", unit_amount=Decimal(1))]), ORDER, "invalid-params",
     "line_items[0].item_id"),
    (Customer(platform_unique_id=""), set(), "missing-params", "name"),
])
def test_the_shops_refusals_name_our_fields(
    mirror: Mirror, record: Record, given: set[str], code: str, field: str,
) -> None:
    with pytest.raises(Rejected) as refusal:
        mirror.write("create", record, given)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert refusal.value.platform_error


def test_updates_of_what_is_fixed_or_gone_are_refused(mirror: Mirror) -> None:
    raw = mirror.caller.raw("GET", "/orders/ord_00000001")[2]
    with pytest.raises(NotSupported):
        mirror.write("update", order(currency_id="CHF"), {"currency_id"}, target="ord_00000001", current=raw)
    with pytest.raises(Rejected) as fixed:
        mirror.write("update", order(), {"line_items"}, target="ord_00000001", current=raw)
    assert (fixed.value.code, fixed.value.field) == ("operation-denied", "line_items")
    with pytest.raises(Missing):
        mirror.write("update", Customer(platform_unique_id="", note="x"), {"note"}, target="buy_99999999")
    row = mirror.caller.raw("GET", "/stock/var_00000_1.loc_1")[2]
    with pytest.raises(NotSupported) as moved:
        mirror.write("update", Inventory(platform_unique_id="", sku="other"), {"sku"}, target="var_00000_1.loc_1",
                     current=row)
    assert moved.value.field == "sku"
