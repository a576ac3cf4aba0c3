"""Whatever is done in Medusa to the oldest records arrives by an incremental read, for a fifth of the bytes.

One test, on purpose: all edits, one incremental read after them, and a byte budget over the sum. Medusa's own answers
after the edits are what the records are compared with.
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.order import Order
from entrepot.model.ecommerce.product import Product
from entrepot.model.ecommerce.transaction import Transaction
from tests.medusa.bench.admin import Door
from tests.medusa.shops import Reading, RealMedusa, full, incremental

QUIET_S = 12
"""Between the last order of the seed and the first read, so that the overlap has nothing to repeat."""


class Edits:
    """What a merchant does to old records, each to another one."""

    def __init__(self, medusa: RealMedusa, before: Reading) -> None:
        self.admin: Door = medusa.admin
        self.medusa = medusa
        self.before = before
        self.order = dict(zip(
            ("captured", "partly", "refunded", "shipped", "direct", "undone", "delivered", "returned", "canceled",
             "completed", "moved", "noted", "mailed"), medusa.seeded.orders, strict=False))
        self.customers = medusa.seeded.customers
        self.products = sorted(before.families["products"])

    def payment(self, name: str) -> str:
        """The payment of an order."""
        return str(self.lines(name, "*payment_collections.payments")["payment_collections"][0]["payments"][0]["id"])

    def lines(self, name: str, fields: str = "*items") -> Any:
        """An order as Medusa answers it."""
        return self.medusa.order(self.order[name], fields)

    def pack(self, name: str) -> tuple[str, list[dict[str, Any]]]:
        """A parcel with everything."""
        items = [{"id": one["id"], "quantity": one["quantity"]} for one in self.lines(name)["items"]]
        reserved = self.admin.get("/admin/reservations", line_item_id=items[0]["id"])["reservations"]
        self.admin.post(f"/admin/orders/{self.order[name]}/fulfillments",
                        {"items": items, "location_id": reserved[0]["location_id"]})
        return self.lines(name, "*fulfillments")["fulfillments"][0]["id"], items

    def money(self) -> None:
        """Captures, whole and in part, and a refund."""
        self.admin.post(f"/admin/payments/{self.payment('captured')}/capture")
        self.admin.post(f"/admin/payments/{self.payment('partly')}/capture", {"amount": 5})
        refunded = self.payment("refunded")
        self.admin.post(f"/admin/payments/{refunded}/capture")
        self.admin.post(f"/admin/payments/{refunded}/refund", {"amount": 3, "note": "dented tin"})

    def parcels(self) -> None:
        """Shipped through the order, shipped past it, canceled past it, delivered."""
        label = {"tracking_number": "T-1", "tracking_url": "https://track.example/T-1", "label_url": "#"}
        shipped, items = self.pack("shipped")
        self.admin.post(f"/admin/orders/{self.order['shipped']}/fulfillments/{shipped}/shipments",
                        {"items": items, "labels": [label]})
        self.direct, _ = self.pack("direct")
        self.undone, _ = self.pack("undone")
        delivered, _ = self.pack("delivered")
        self.admin.post(f"/admin/orders/{self.order['delivered']}/fulfillments/{delivered}/mark-as-delivered")

    def past_the_order(self) -> None:
        """What moves the parcel and not its order."""
        label = {"tracking_number": "T-2", "tracking_url": "https://track.example/T-2", "label_url": "#"}
        self.admin.post(f"/admin/fulfillments/{self.direct}/shipment", {"labels": [label]})
        self.admin.post(f"/admin/fulfillments/{self.undone}/cancel")

    def back(self) -> None:
        """A return, asked for and received."""
        parcel, items = self.pack("returned")
        path = f"/admin/orders/{self.order['returned']}/fulfillments/{parcel}"
        self.admin.post(f"{path}/shipments", {"items": items})
        self.admin.post(f"{path}/mark-as-delivered")
        asked = self.admin.post("/admin/returns", {
            "order_id": self.order["returned"], "location_id": self.medusa.seeded.locations[0]})["return"]["id"]
        path, one = f"/admin/returns/{asked}", [{"id": items[0]["id"], "quantity": 1}]
        for step, body in (("request-items", {"items": one}), ("request", {}), ("receive", {}),
                           ("receive-items", {"items": one}), ("receive/confirm", {})):
            self.admin.post(f"{path}/{step}", body)

    def papers(self) -> None:
        """Canceled, completed, another address, metadata, another e-mail."""
        self.admin.post(f"/admin/orders/{self.order['canceled']}/cancel")
        self.admin.post(f"/admin/orders/{self.order['completed']}/complete")
        self.admin.post(f"/admin/orders/{self.order['moved']}", {"shipping_address": {"city": "Elsewhere"}})
        self.admin.post(f"/admin/orders/{self.order['noted']}", {"metadata": {"entrepot": {"reference": "R-7"}}})
        self.admin.post(f"/admin/orders/{self.order['mailed']}", {"email": "other@example.test"})

    def people(self) -> None:
        """A name, an address changed, one added, one removed, a customer removed."""
        addresses = [self.admin.get(f"/admin/customers/{one}", fields="addresses.id")["customer"]["addresses"][0]["id"]
                     for one in self.customers]
        self.admin.post(f"/admin/customers/{self.customers[0]}", {"first_name": "Renamed"})
        self.admin.post(f"/admin/customers/{self.customers[1]}/addresses/{addresses[1]}", {"city": "Moved"})
        self.admin.post(f"/admin/customers/{self.customers[2]}/addresses", {"city": "Second", "address_1": "2"})
        self.admin.delete(f"/admin/customers/{self.customers[3]}/addresses/{addresses[3]}")
        self.admin.delete(f"/admin/customers/{self.customers[7]}")

    def goods(self) -> None:
        """A price through the variant, one past it, a variant removed, a product removed, stock, a level removed."""
        rows = {one: self.admin.get(f"/admin/products/{one}", fields="variants.id,variants.inventory_items."
                                    "inventory_item_id")["product"]["variants"] for one in self.products}
        first, second, third, stocked = self.products[0], self.products[1], self.products[2], self.products[3]
        self.admin.post(f"/admin/products/{first}/variants/{rows[first][0]['id']}",
                        {"prices": [{"currency_code": "eur", "amount": 99}]})
        self.priced = rows[second][0]["id"]
        self.admin.post(f"/admin/products/{second}", {"variants": [
            {"id": self.priced, "prices": [{"currency_code": "eur", "amount": 77}]}, {"id": rows[second][1]["id"]}]})
        tag = self.admin.post("/admin/product-tags", {"value": "spring"})["product_tag"]["id"]
        self.admin.post(f"/admin/products/{third}", {"tags": [{"id": tag}]})
        self.thinner, self.removed = self.products[10], self.products[11]  # the two that were never sold
        self.admin.delete(f"/admin/products/{self.thinner}/variants/{rows[self.thinner][1]['id']}")
        self.admin.delete(f"/admin/products/{self.removed}")
        item = rows[stocked][0]["inventory_items"][0]["inventory_item_id"]
        levels = self.admin.get(f"/admin/inventory-items/{item}/location-levels")["inventory_levels"]
        self.stocked = levels[0]["id"]
        self.admin.post(f"/admin/inventory-items/{item}/location-levels/{levels[0]['location_id']}",
                        {"stocked_quantity": 1234})
        spare = rows[self.thinner][0]["inventory_items"][0]["inventory_item_id"]
        level = self.admin.get(f"/admin/inventory-items/{spare}/location-levels")["inventory_levels"][0]
        self.emptied = level["id"]
        self.admin.post(f"/admin/inventory-items/{spare}/location-levels/{level['location_id']}",
                        {"stocked_quantity": 0})
        self.admin.delete(f"/admin/inventory-items/{spare}/location-levels/{level['location_id']}")


@pytest.fixture(scope="module")
def seen(medusa: RealMedusa) -> tuple[Edits, Reading, Reading]:
    """The edits, the full read before them and the incremental one after."""
    time.sleep(QUIET_S)
    before = full(medusa)
    edits = Edits(medusa, before)
    edits.money()
    edits.parcels()
    edits.back()
    edits.papers()
    edits.people()
    edits.goods()
    after = incremental(medusa, before)
    return edits, before, after


def test_a_fifth_of_the_bytes(seen: tuple[Edits, Reading, Reading]) -> None:
    _, before, after = seen
    print(f"full {before.bytes_in} bytes in {before.calls} calls, "
          f"incremental {after.bytes_in} bytes in {after.calls} calls")
    assert after.bytes_in <= before.bytes_in / 5


def test_money(seen: tuple[Edits, Reading, Reading]) -> None:
    edits, _, after = seen
    captured = after.record("orders", edits.order["captured"], Order)
    assert captured.payment_status == "paid"
    assert captured.amount_due == 0
    parts = after.children(edits.order["partly"], Transaction)
    assert {(one.type, one.amount) for one in parts if one.type == "capture"} == {("capture", Decimal(5))}
    assert after.record("orders", edits.order["partly"], Order).payment_status == "partially_paid"
    rows = after.children(edits.order["refunded"], Transaction)
    payment = next(one for one in rows if one.type == "payment")
    refund = next(one for one in rows if one.type == "refund")
    assert (refund.amount, refund.original_transaction_id, refund.description) == (
        Decimal(3), payment.platform_unique_id, "dented tin")
    assert after.record("orders", edits.order["refunded"], Order).refunded_amount == 3


def test_parcels(seen: tuple[Edits, Reading, Reading]) -> None:
    edits, _, after = seen
    shipped = after.children(edits.order["shipped"], Fulfillment)[0]
    assert (shipped.status, shipped.tracking_number) == ("in_transit", "T-1")
    assert after.record("orders", edits.order["shipped"], Order).status == "shipped"
    assert after.children(edits.order["delivered"], Fulfillment)[0].status == "delivered"
    returned = after.record("orders", edits.order["returned"], Order)
    assert sum(line.refunded_quantity or 0 for line in returned.line_items) == 1


def test_what_is_done_past_the_order(medusa: RealMedusa, seen: tuple[Edits, Reading, Reading]) -> None:
    """On its own, after a read that has seen the order: nothing but the parcel moves."""
    edits, _, _ = seen
    time.sleep(QUIET_S)
    quiet = full(medusa)
    edits.past_the_order()
    after = incremental(medusa, quiet)
    assert set(after.families["orders"]) == {edits.order["direct"], edits.order["undone"]}
    direct = after.children(edits.order["direct"], Fulfillment)[0]
    assert (direct.status, direct.tracking_number) == ("in_transit", "T-2")
    assert after.children(edits.order["undone"], Fulfillment)[0].status == "canceled"


def test_papers(seen: tuple[Edits, Reading, Reading]) -> None:
    edits, _, after = seen
    assert after.record("orders", edits.order["canceled"], Order).status == "canceled"
    assert after.record("orders", edits.order["completed"], Order).status == "completed"
    moved = after.record("orders", edits.order["moved"], Order)
    assert {one.city for one in moved.addresses if one.type == "shipping"} == {"Elsewhere"}
    assert after.record("orders", edits.order["noted"], Order).reference == "R-7"
    assert after.record("orders", edits.order["mailed"], Order).email == "other@example.test"


def test_people(seen: tuple[Edits, Reading, Reading]) -> None:
    edits, _, after = seen
    assert after.record("customers", edits.customers[0], Customer).first_name == "Renamed"
    assert after.record("customers", edits.customers[1], Customer).addresses[0].city == "Moved"
    assert [one.city for one in after.record("customers", edits.customers[2], Customer).addresses] == ["Kobe", "Second"]
    assert after.record("customers", edits.customers[3], Customer).addresses == []
    assert after.gone["customers"] == {edits.customers[7]}


def test_goods(seen: tuple[Edits, Reading, Reading]) -> None:
    edits, before, after = seen
    assert Decimal(99) in {one.price for one in after.record("products", edits.products[0], Product).variants}
    second = after.record("products", edits.products[1], Product)
    assert {one.price for one in second.variants if one.platform_unique_id == edits.priced} == {Decimal(77)}
    assert after.record("products", edits.products[2], Product).tags == ["spring"]
    assert len(after.record("products", edits.thinner, Product).variants) == 1
    assert after.gone["products"] == {edits.removed}
    assert after.record("inventory", edits.stocked, Inventory).quantity == 1234
    assert edits.emptied in after.gone["inventory"]
    of_the_removed = {ident for ident, family in before.families["inventory"].items()
                      if getattr(family.parent.record, "item_id", None) == edits.removed}
    assert of_the_removed <= after.gone["inventory"]
