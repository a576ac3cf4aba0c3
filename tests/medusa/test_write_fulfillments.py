"""Parcels written through the connector, as they then stand in Medusa."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from entrepot.errors import OutcomeUnknown, Rejected
from entrepot.kit.shop import ShopClient
from entrepot.kit.transport import NoReply, Request
from entrepot.model.ecommerce.fulfillment import Fulfillment, FulfillmentLine
from tests.medusa.shops import MEDUSA, Meddling, RealMedusa, change, with_shop, write, written

PROMISED = datetime(2026, 12, 24, 18, tzinfo=UTC)
CREATED = ("order_id", "line_items", "status", "tracking_number", "tracking_link", "carrier_name",
           "estimated_delivery_date")


@pytest.fixture
def order(medusa: RealMedusa, request: pytest.FixtureRequest) -> Any:
    """An order that nothing has been packed of, a fresh one for each test."""
    for ident in reversed(medusa.seeded.orders):
        found: Any = medusa.order(ident, "id,status,items.*,items.detail.*,fulfillments.id")
        if not found["fulfillments"] and found["status"] == "pending":
            return found
    raise AssertionError("the seed has too few orders")


def parcel(order: Any, **more: Any) -> Fulfillment:
    """One piece of the first line, sent with a label."""
    values: dict[str, Any] = {
        "order_id": order["id"], "status": "in_transit", "tracking_number": "1Z999", "carrier_name": "UPS",
        "tracking_link": "https://track.example/1Z999", "estimated_delivery_date": PROMISED,
        "line_items": [FulfillmentLine(line_item_id=order["items"][0]["id"], quantity=Decimal(1))],
    }
    return Fulfillment(platform_unique_id="", **{**values, **more})


def theirs(medusa: RealMedusa, order: Any) -> Any:
    """The parcels of an order as Medusa answers them."""
    found: Any = medusa.order(order["id"], "id,*fulfillments,*fulfillments.labels,*fulfillments.items")
    return found["fulfillments"]


def test_shipped_with_a_label(medusa: RealMedusa, order: Any) -> None:
    record = parcel(order)
    ours = written(medusa, "fulfillment", change("create", record, CREATED, marker="parcel-1"), Fulfillment)
    for name in ("order_id", "status", "tracking_number", "tracking_link", "carrier_name", "estimated_delivery_date"):
        assert getattr(ours, name) == getattr(record, name), name
    assert [(one.line_item_id, one.quantity) for one in ours.line_items] == [(order["items"][0]["id"], Decimal(1))]
    there = theirs(medusa, order)[0]
    assert there["shipped_at"]
    assert there["labels"][0]["tracking_number"] == "1Z999"
    assert there["metadata"]["entrepot"]["operation"] == "parcel-1"


def test_everything_then_shipped_then_delivered(medusa: RealMedusa, order: Any) -> None:
    packed = written(medusa, "fulfillment", change("create", Fulfillment(platform_unique_id="", order_id=order["id"]),
                                                   ("order_id",)), Fulfillment)
    assert packed.status == "pending"
    assert sum(one.quantity or 0 for one in packed.line_items) == sum(one["quantity"] for one in order["items"])
    target = packed.platform_unique_id
    ship = Fulfillment(platform_unique_id="", order_id=order["id"], tracking_number="T-9", carrier_name="DHL")
    shipped = written(medusa, "fulfillment", change("update", ship, ("tracking_number", "carrier_name"),
                                                    target=target), Fulfillment)
    assert (shipped.status, shipped.tracking_number, shipped.carrier_name) == ("in_transit", "T-9", "DHL")
    arrive = Fulfillment(platform_unique_id="", order_id=order["id"], status="delivered")
    for _ in range(2):
        done = written(medusa, "fulfillment", change("update", arrive, ("status",), target=target), Fulfillment)
        assert (done.status, done.carrier_name) == ("delivered", "DHL")
    assert theirs(medusa, order)[0]["delivered_at"]
    other = Fulfillment(platform_unique_id="", order_id=order["id"], tracking_number="T-10")
    with pytest.raises(Rejected) as refusal:
        written(medusa, "fulfillment", change("update", other, ("tracking_number",), target=target), Fulfillment)
    assert (refusal.value.code, refusal.value.field) == ("operation-denied", "tracking_number")


def test_canceled(medusa: RealMedusa, order: Any) -> None:
    packed = written(medusa, "fulfillment", change("create", parcel(order, status="pending"), ("order_id",)),
                     Fulfillment)
    wanted = change("update", Fulfillment(platform_unique_id="", order_id=order["id"], status="canceled"), ("status",),
                    target=packed.platform_unique_id)
    assert written(medusa, "fulfillment", wanted, Fulfillment).status == "canceled"
    assert written(medusa, "fulfillment", wanted, Fulfillment).status == "canceled"


def test_a_shipped_one_cannot_be_canceled(medusa: RealMedusa, order: Any) -> None:
    sent = written(medusa, "fulfillment", change("create", parcel(order), CREATED), Fulfillment)
    wanted = change("update", Fulfillment(platform_unique_id="", order_id=order["id"], status="canceled"), ("status",),
                    target=sent.platform_unique_id)
    with pytest.raises(Rejected) as refusal:
        written(medusa, "fulfillment", wanted, Fulfillment)
    assert (refusal.value.code, refusal.value.field) == ("operation-denied", "status")


@pytest.mark.parametrize(("more", "code", "field"), [
    ({"line_items": [FulfillmentLine(line_item_id="ordli_none", quantity=Decimal(1))]}, "invalid-params",
     "line_items[0].line_item_id"),
    ({"status": "returned"}, "operation-denied", "status"),
    ({"tracking_link": "javascript:alert(1)"}, "invalid-params", "tracking_link"),
])
def test_what_is_refused_packs_nothing(
    medusa: RealMedusa, order: Any, more: dict[str, Any], code: str, field: str,
) -> None:
    with pytest.raises(Rejected) as refusal:
        written(medusa, "fulfillment", change("create", parcel(order, **more), CREATED), Fulfillment)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert theirs(medusa, order) == []


def test_more_than_was_ordered(medusa: RealMedusa, order: Any) -> None:
    record = parcel(order, line_items=[FulfillmentLine(line_item_id=order["items"][0]["id"], quantity=Decimal(99))])
    with pytest.raises(Rejected) as refusal:
        written(medusa, "fulfillment", change("create", record, CREATED), Fulfillment)
    assert refusal.value.field == "line_items"
    assert theirs(medusa, order) == []


def test_packed_and_not_yet_shipped_is_finished(medusa: RealMedusa, order: Any) -> None:
    wanted = change("create", parcel(order), CREATED, marker="half")

    def lose(request: Request) -> Exception | None:
        return NoReply("reset", "lost") if "/shipments" in request.target else None

    with pytest.raises(OutcomeUnknown):
        with_shop(medusa, lambda shop: write(shop, "fulfillment", wanted),
                  through=lambda inner: Meddling(inner, lose))

    async def settle(shop: ShopClient) -> str | None:
        action = MEDUSA.connector.action("fulfillment", "create")
        assert action is not None
        assert action.find is not None
        return await action.find(shop, wanted, "2026-01-01T00:00:00Z")

    assert with_shop(medusa, settle) == order["id"]
    there = theirs(medusa, order)
    assert len(there) == 1
    assert there[0]["labels"][0]["tracking_number"] == "1Z999"
