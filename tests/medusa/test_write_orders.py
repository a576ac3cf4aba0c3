"""Orders written through the connector, as they then stand in Medusa; what is refused leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from entrepot.errors import OutcomeUnknown, Rejected
from entrepot.kit.shop import ShopClient
from entrepot.kit.spec import Change
from entrepot.kit.transport import NoReply, Reply, Request
from entrepot.model.base import Address
from entrepot.model.ecommerce.order import LineItem, Order
from tests.medusa.shops import MEDUSA, Meddling, RealMedusa, change, with_shop, write, written

PLACED = datetime(2024, 3, 1, 12, tzinfo=UTC)
GIVEN = ("customer_id", "currency_id", "order_number", "order_date", "status", "line_items", "addresses")


def ordered(medusa: RealMedusa, **more: Any) -> Order:
    """An order of two teas for an American, as the contract's documented body has it."""
    products = medusa.admin.get("/admin/products", fields="id,variants.id", order="id")["products"]
    first, second = products[4], products[5]
    to = Address(type="shipping", street="1 Elm St", locality="Elm", city="New York", state="NY",
                 postal_code="10001", country="USA", given_platform_id="x-1", given_rootfi_id=7)
    values: dict[str, Any] = {
        "customer_id": medusa.seeded.customers[4], "currency_id": "USD", "order_number": "WEB-1001",
        "order_date": PLACED, "status": "pending",
        "line_items": [
            LineItem(item_id=first["id"], variant_id=first["variants"][1]["id"], description="the large tin",
                     quantity=Decimal(2), unit_amount=Decimal("9.99")),
            LineItem(item_id=second["id"], variant_id=second["variants"][0]["id"], quantity=Decimal(1),
                     unit_amount=Decimal("20.50")),
        ],
        "addresses": [to, Address(type="billing", street="2 Elm St", city="New York", country="US")],
    }
    return Order(platform_unique_id="", **{**values, **more})


def drafts(medusa: RealMedusa) -> set[str]:
    """Drafts that lie about."""
    return {one["id"] for one in medusa.admin.every("/admin/draft-orders", "draft_orders", fields="id")}


def count(medusa: RealMedusa) -> int:
    """Orders in the shop."""
    return int(medusa.admin.get("/admin/orders", limit=1, fields="id")["count"])


@pytest.fixture(autouse=True)
def _no_drafts_are_left(medusa: RealMedusa) -> Iterator[None]:
    before = drafts(medusa)
    yield
    assert drafts(medusa) <= before


def test_the_documented_order(medusa: RealMedusa) -> None:
    record = ordered(medusa)
    ours = written(medusa, "order", change("create", record, GIVEN, marker="order-1"), Order)
    assert (ours.order_number, ours.order_date, ours.status, ours.currency_id) == ("WEB-1001", PLACED, "pending", "USD")
    assert ours.customer_id == medusa.seeded.customers[4]
    assert [(line.item_id, line.variant_id, line.quantity, line.unit_amount) for line in ours.line_items] == [
        (line.item_id, line.variant_id, line.quantity, line.unit_amount) for line in record.line_items]
    assert ours.line_items[0].description == "the large tin"
    assert ours.total_amount == Decimal("43.3136")  # 40.48 and 7 % sales tax
    shipping = next(one for one in ours.addresses if one.type == "shipping")
    assert (shipping.country, shipping.locality, shipping.given_platform_id, shipping.given_rootfi_id) == (
        "USA", "Elm", "x-1", 7)
    there: Any = medusa.order(ours.platform_unique_id, "id,status,email,sales_channel_id,region_id,metadata,"
                              "shipping_address.country_code,items.*")
    assert (there["status"], there["email"]) == ("pending", "buyer5@example.test")
    assert (there["sales_channel_id"], there["region_id"]) == (medusa.seeded.sales_channel,
                                                               medusa.seeded.regions["usd"])
    assert there["shipping_address"]["country_code"] == "us"
    assert there["metadata"]["entrepot"]["operation"] == "order-1"
    assert all(line["is_custom_price"] for line in there["items"])


def test_a_buyer_without_an_email(medusa: RealMedusa) -> None:
    buyer = medusa.admin.post("/admin/customers", {"first_name": "No", "last_name": "Mail"})["customer"]["id"]
    ours = written(medusa, "order", change("create", ordered(medusa, customer_id=buyer), GIVEN), Order)
    assert (ours.customer_id, ours.email) == (buyer, None)


@pytest.mark.parametrize(("status", "platform"), [("processing", "pending"), ("canceled", "canceled"),
                                                  ("completed", "completed")])
def test_statuses_that_an_order_can_start_with(medusa: RealMedusa, status: str, platform: str) -> None:
    ours = written(medusa, "order", change("create", ordered(medusa, status=status), GIVEN), Order)
    assert (ours.status, ours.platform_status) == (status, platform)


def refused(medusa: RealMedusa, wanted: Change) -> tuple[str, str | None]:
    """The code and field of a refusal that makes no order."""
    before = count(medusa)
    with pytest.raises(Rejected) as refusal:
        written(medusa, "order", wanted, Order)
    assert count(medusa) == before
    return refusal.value.code, refusal.value.field


@pytest.mark.parametrize("status", ["shipped", "delivered", "on_hold"])
def test_statuses_that_it_cannot(medusa: RealMedusa, status: str) -> None:
    assert refused(medusa, change("create", ordered(medusa, status=status), GIVEN)) == ("operation-denied", "status")


def test_a_currency_without_a_region(medusa: RealMedusa) -> None:
    assert refused(medusa, change("create", ordered(medusa, currency_id="GBP"), GIVEN)) == (
        "operation-denied", "currency_id")


def test_an_item_of_several_variants_needs_one_named(medusa: RealMedusa) -> None:
    record = ordered(medusa)
    record.line_items[1].variant_id = None
    assert refused(medusa, change("create", record, GIVEN)) == ("missing-params", "line_items[1].variant_id")


def test_a_variant_of_another_item(medusa: RealMedusa) -> None:
    record = ordered(medusa)
    record.line_items[1].variant_id = record.line_items[0].variant_id
    assert refused(medusa, change("create", record, GIVEN)) == ("invalid-params", "line_items[1].variant_id")


def test_an_item_that_is_not_published(medusa: RealMedusa) -> None:
    product = next(one for one in medusa.admin.get("/admin/products", fields="id,status,variants.id")["products"]
                   if one["status"] == "draft")
    record = ordered(medusa)
    record.line_items[0].item_id, record.line_items[0].variant_id = product["id"], product["variants"][0]["id"]
    assert refused(medusa, change("create", record, GIVEN)) == ("operation-denied", "line_items[0].item_id")


@pytest.mark.parametrize(("name", "value", "code"), [
    ("quantity", Decimal("1.5"), "invalid-params"), ("quantity", Decimal(0), "invalid-params"),
    ("quantity", None, "missing-params"), ("unit_amount", None, "missing-params"),
    ("unit_amount", Decimal(-1), "invalid-params"), ("discount_amount", Decimal(1), "operation-denied"),
    ("tax_amount", Decimal(1), "operation-denied"),
])
def test_lines_that_medusa_cannot_hold(medusa: RealMedusa, name: str, value: Decimal | None, code: str) -> None:
    record = ordered(medusa)
    setattr(record.line_items[0], name, value)
    assert refused(medusa, change("create", record, GIVEN)) == (code, f"line_items[0].{name}")


def test_more_than_there_is(medusa: RealMedusa) -> None:
    record = ordered(medusa)
    record.line_items[0].quantity = Decimal(99999)
    assert refused(medusa, change("create", record, GIVEN)) == ("operation-denied", "line_items")


def test_a_country_that_is_none(medusa: RealMedusa) -> None:
    record = ordered(medusa, addresses=[Address(type="shipping", city="X", country="Narnia")])
    assert refused(medusa, change("create", record, GIVEN)) == ("invalid-params", "shipping_address.country")


def no_conversion(request: Request) -> Reply | None:
    """Medusa refuses to convert."""
    refused = "convert-to-order" in request.target
    body = b'{"code":"insufficient_inventory","message":"Some variant does not have the required inventory"}'
    return Reply(400, {"content-type": "application/json"}, body) if refused else None


def test_a_failed_conversion_leaves_no_draft(medusa: RealMedusa) -> None:
    before = count(medusa)
    with pytest.raises(Rejected) as refusal:
        with_shop(medusa, lambda shop: write(shop, "order", change("create", ordered(medusa), GIVEN)),
                  through=lambda inner: Meddling(inner, no_conversion))
    assert (refusal.value.code, refusal.value.field) == ("operation-denied", "line_items")
    assert count(medusa) == before


@pytest.mark.parametrize(("step", "after"), [
    ("/admin/draft-orders?", True), ("convert-to-order", False), ("convert-to-order", True), ("/cancel", False),
])
def test_whatever_was_lost_is_settled_with_one_order(medusa: RealMedusa, step: str, *, after: bool) -> None:
    """The draft made and its answer lost, the conversion lost on the way or on the way back, the last step lost."""
    before, since = count(medusa), datetime.now(UTC).isoformat()[:19] + "Z"
    wanted = change("create", ordered(medusa, status="canceled"), GIVEN, marker=f"lost{step}{after}")

    def lose(request: Request) -> Exception | None:
        return NoReply("reset", "lost") if request.method == "POST" and step in request.target else None

    with pytest.raises(OutcomeUnknown):
        with_shop(medusa, lambda shop: write(shop, "order", wanted),
                  through=lambda inner: Meddling(inner, lose, after=after))

    async def settle(shop: ShopClient) -> str | None:
        action = MEDUSA.connector.action("order", "create")
        assert action is not None
        assert action.find is not None
        return await action.find(shop, wanted, since)

    found = with_shop(medusa, settle)
    assert found is not None
    there: Any = medusa.order(found, "id,status")
    assert there["status"] == "canceled"
    assert count(medusa) == before + 1
    assert with_shop(medusa, settle) == found


def test_what_never_happened_is_not_found(medusa: RealMedusa) -> None:
    wanted = change("create", ordered(medusa), GIVEN, marker="never")
    action = MEDUSA.connector.action("order", "create")
    assert action is not None
    assert action.find is not None
    find = action.find
    assert with_shop(medusa, lambda shop: find(shop, wanted, "2026-01-01T00:00:00Z")) is None


@pytest.fixture(scope="module")
def made(medusa: RealMedusa) -> Order:
    """An order of ours to be changed."""
    return written(medusa, "order", change("create", ordered(medusa), GIVEN, marker="made-1"), Order)


def test_address_email_and_what_is_kept(medusa: RealMedusa, made: Order) -> None:
    record = Order(platform_unique_id="", email="new@example.test", reference="PO-7", status="processing",
                   addresses=[Address(type="shipping", city="Albany", country="US")])
    given = ("email", "reference", "status", "addresses")
    ours = written(medusa, "order", change("update", record, given, target=made.platform_unique_id), Order)
    assert (ours.email, ours.reference, ours.status, ours.order_number) == (
        "new@example.test", "PO-7", "processing", "WEB-1001")
    assert [(one.city, one.street) for one in ours.addresses if one.type == "shipping"] == [("Albany", "1 Elm St")]
    there: Any = medusa.order(made.platform_unique_id, "id,metadata,email")
    assert there["email"] == "new@example.test"
    assert there["metadata"]["entrepot"]["operation"] == "made-1"


@pytest.mark.parametrize(("name", "value", "field"), [
    ("currency_id", "EUR", "currency_id"), ("status", "shipped", "status"),
    ("addresses", [Address(type="shipping", country="DE")], "shipping_address.country"),
    ("line_items", [LineItem(item_id="x", quantity=Decimal(1))], "line_items"),
])
def test_what_an_order_does_not_let_change(
    medusa: RealMedusa, made: Order, name: str, value: Any, field: str,
) -> None:
    record = Order(platform_unique_id="", **{name: value})
    with pytest.raises(Rejected) as refusal:
        written(medusa, "order", change("update", record, (name,), target=made.platform_unique_id), Order)
    assert (refusal.value.code, refusal.value.field) == ("operation-denied", field)


def test_canceling_it_twice_and_then_bringing_it_back(medusa: RealMedusa) -> None:
    made = written(medusa, "order", change("create", ordered(medusa), GIVEN), Order)
    wanted = change("update", Order(platform_unique_id="", status="canceled"), ("status",),
                    target=made.platform_unique_id)
    assert written(medusa, "order", wanted, Order).status == "canceled"
    assert written(medusa, "order", wanted, Order).status == "canceled"
    back = change("update", Order(platform_unique_id="", status="pending"), ("status",),
                  target=made.platform_unique_id)
    with pytest.raises(Rejected) as refusal:
        written(medusa, "order", back, Order)
    assert (refusal.value.code, refusal.value.field) == ("operation-denied", "status")


def test_completing_it(medusa: RealMedusa) -> None:
    made = written(medusa, "order", change("create", ordered(medusa), GIVEN), Order)
    wanted = change("update", Order(platform_unique_id="", status="completed"), ("status",),
                    target=made.platform_unique_id)
    assert written(medusa, "order", wanted, Order).platform_status == "completed"
