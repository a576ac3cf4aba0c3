"""The whole way, as a user goes it: a real Medusa in, the unified API out, and back, through a running Entrepot."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.medusa.entrepot import Caller, connected
from tests.medusa.shops import RealMedusa

JOHN = {
    "name": "John Doe", "email": "", "phone": "1234567890", "currency_id": "1234567890", "status": "ACTIVE",
    "updated_at": "2024-01-22T05:07:31.465Z", "created_at": "2024-01-22T05:07:31.465Z",
    "address": {
        "rootfi_id": 278264, "platform_id": "CONTACTS_1af68894-ea9f-ee11-be36-7c1e520f50bc_ADDRESS",
        "street": "123 Main Street", "locality": "Main Street", "city": "New York", "state": "New York",
        "pincode": "123456", "country": "USA",
    },
}


@pytest.fixture(scope="module")
def caller(medusa: RealMedusa, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A running Entrepot with a company connected to the Medusa, synced once."""
    with connected(medusa, tmp_path_factory.mktemp("entrepot")) as made:
        time.sleep(12)  # the overlap: what was seeded a moment ago would be read twice
        made.first = made.sync(full=True)
        yield made


def test_a_wrong_key_is_told_and_nothing_is_kept(medusa: RealMedusa, caller: Caller) -> None:
    wrong = {"base_url": medusa.base_url, "secret_key": "sk_wrong"}
    status, answer = caller.call("POST", "/v4/core/connections", {
        "company_id": caller.company, "integration_type": "MEDUSA", "credentials": wrong})
    assert (status, answer["error"]["code"]) == (400, "platform-denied")
    assert "sk_wrong" not in json.dumps(answer, default=str)


def test_what_is_stored_is_what_medusa_answers(medusa: RealMedusa, caller: Caller) -> None:
    orders = {one["platform_unique_id"]: one for one in caller.every("/v4/ecommerce/orders")}
    theirs = {one["id"]: one for one in medusa.admin.every(
        "/admin/orders", "orders", fields="+email,+currency_code,+customer_id,+total,+tax_total,*items,"
        "*fulfillments,*payment_collections.payments")}
    assert set(orders) == set(theirs)
    for ident, one in theirs.items():
        ours = orders[ident]
        assert abs(Decimal(ours["total_amount"]) - Decimal(str(one["total"]))) < Decimal("0.00000001")
        assert (ours["currency_id"], ours["order_number"]) == (one["currency_code"].upper(), str(one["display_id"]))
        assert ours["contact_id"] == f"{one['customer_id']}_1"
        assert len(ours["line_items"]) == len(one["items"])
        assert len(ours["fulfillments"]) == len(one["fulfillments"])
        assert sum(row["type"] == "payment" for row in ours["transactions"]) == sum(
            len(part["payments"]) for part in one["payment_collections"])
    for path, there in (("contacts", "customers"), ("items", "products")):
        ids = {one["platform_unique_id"] for one in caller.every(f"/v4/ecommerce/{path}")}
        assert ids == {one["id"] for one in medusa.admin.every(f"/admin/{there}", there, fields="id")}
    levels = [level for item in medusa.admin.every("/admin/inventory-items", "inventory_items",
                                                    fields="id,*location_levels") for level in item["location_levels"]]
    stock = {one["platform_unique_id"]: one["quantity"] for one in caller.every("/v4/ecommerce/inventories")}
    assert stock == {level["id"]: level["stocked_quantity"] for level in levels}
    assert [one["name"] for one in caller.every("/v4/ecommerce/company_info")] == ["Leaf & Kettle"]


def test_edits_of_the_oldest_arrive_for_a_fifth_of_the_bytes(medusa: RealMedusa, caller: Caller) -> None:
    admin = medusa.admin
    captured, moved, shipped = medusa.seeded.orders[20:23]
    payment = medusa.order(captured, "*payment_collections.payments")["payment_collections"][0]["payments"][0]["id"]  # type: ignore[index]
    admin.post(f"/admin/payments/{payment}/capture")
    admin.post(f"/admin/orders/{moved}", {"shipping_address": {"city": "Otherwhere"}})
    items: Any = medusa.order(shipped, "*items")["items"]
    reserved = admin.get("/admin/reservations", line_item_id=items[0]["id"])["reservations"]
    admin.post(f"/admin/orders/{shipped}/fulfillments", {
        "items": [{"id": one["id"], "quantity": one["quantity"]} for one in items],
        "location_id": reserved[0]["location_id"]})
    admin.post(f"/admin/customers/{medusa.seeded.customers[5]}", {"last_name": "Changed"})
    done = caller.sync(full=False)
    full_bytes = sum(job["response_size"] or 0 for job in caller.first.values())
    bytes_ = sum(job["response_size"] or 0 for job in done.values())
    print(f"full {full_bytes} bytes, incremental {bytes_} bytes")
    assert 0 < bytes_ <= full_bytes / 5
    seen = {ident: caller.call("GET", f"/v4/ecommerce/orders/{ident}_1")[1] for ident in (captured, moved, shipped)}
    assert seen[captured]["payment_status"] == "paid"
    assert {one["city"] for one in seen[moved]["addresses"] if one["type"] == "shipping"} == {"Otherwhere"}
    assert len(seen[shipped]["fulfillments"]) == 1
    _, contact = caller.call("GET", f"/v4/ecommerce/contacts/{medusa.seeded.customers[5]}_1")
    assert contact["name"].endswith("Changed")


def test_the_documented_customer_word_for_word(medusa: RealMedusa, caller: Caller) -> None:
    status, answer = caller.call("POST", "/v3/ecommerce/customers", {"company_id": caller.company, "data": [JOHN]})
    assert status == 200, answer
    record = answer["data"][0]
    assert list(record)[:7] == ["rootfi_id", "rootfi_deleted_at", "rootfi_created_at", "rootfi_updated_at",
                                "rootfi_company_id", "platform_id", "platform_unique_id"]
    assert {name: record[name] for name in JOHN} == JOHN
    assert answer["sync_id"]
    there = medusa.admin.get(f"/admin/customers/{record['platform_unique_id']}")["customer"]
    assert there["phone"] == "1234567890"
    listed = next(one for one in caller.every("/v3/ecommerce/customers") if one["rootfi_id"] == record["rootfi_id"])
    assert listed == record
    caller.sync(full=True)
    listed = next(one for one in caller.every("/v3/ecommerce/customers") if one["rootfi_id"] == record["rootfi_id"])
    assert listed == record, "what a sync reads back is what was answered"


def test_the_documented_order(medusa: RealMedusa, caller: Caller) -> None:
    contact = caller.every("/v4/ecommerce/contacts")[4]
    item = next(one for one in caller.every("/v4/ecommerce/items") if one["status"] == "active")
    line = {"item_id": item["platform_id"], "variant_id": item["variants"][0]["platform_id"],
            "description": "Two of these", "quantity": 2, "unit_amount": 9.99}
    body = {"customer_id": contact["platform_id"], "currency_id": "EUR", "order_number": "WEB-77",
            "order_date": "2024-05-01T10:00:00.000Z", "status": "pending", "line_items": [line],
            "shipping_address": {"street": "1 Dock Rd", "city": "Berlin", "postal_code": "10115", "country": "DE"}}
    status, answer = caller.call("POST", "/v4/ecommerce/orders", {"company_id": caller.company, "data": [body]})
    assert status == 200, answer
    record = answer["data"][0]
    assert list(record)[:1] == ["rootfi_id"]
    assert {name: record[name] for name in ("order_number", "contact_id", "currency_id", "status")} == {
        "order_number": "WEB-77", "contact_id": contact["platform_id"], "currency_id": "EUR", "status": "pending"}
    there: Any = medusa.order(record["platform_unique_id"], "*items,currency_code,metadata")
    assert (there["currency_code"], there["items"][0]["quantity"]) == ("eur", 2)
    _, again = caller.call("GET", f"/v4/ecommerce/orders/{record['rootfi_id']}")
    assert again == record
    denied, said = caller.call("POST", "/v4/ecommerce/orders", {
        "company_id": caller.company, "data": [{**body, "currency_id": "GBP"}]})
    assert (denied, said["error"]["code"]) == (400, "operation-denied")
    assert said["error"]["field"].endswith("currency_id")
