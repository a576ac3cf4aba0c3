"""Writing over HTTP: at once, later, many, changed, refused by the shop in its own words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.end_to_end.client import Api, Json
from tests.end_to_end.house import Company, House

CONTACTS, ORDERS, PARCELS = "/v4/ecommerce/contacts", "/v4/ecommerce/orders", "/v4/ecommerce/fulfillments"


def create(api: Api, path: str, company: Company, *records: Json, **more: Any) -> Any:
    """The body of a create that was done at once."""
    return api.post(path, {"company_id": company.ident, "data": list(records), **more}).ok()


def one(api: Api, path: str, company: Company, **params: object) -> Any:
    return api.get(path, company_id=company.ident, limit=1, **params)["data"][0]


def order_for(api: Api, company: Company, quantity: int = 3) -> Json:
    """A new order of two lines."""
    items = api.get("/v4/ecommerce/items", company_id=company.ident, limit=2)["data"]
    found: Json = create(api, ORDERS, company, {
        "customer_id": one(api, CONTACTS, company)["rootfi_id"], "currency_id": "eur", "line_items": [
            {"item_id": item["platform_unique_id"], "variant_id": item["variants"][0]["platform_id"],
             "description": item["name"], "quantity": quantity, "unit_amount": "9.99"} for item in items]})["data"][0]
    return found


@pytest.mark.parametrize("where", ["query", "body"])
def test_one_asynchronous_write(house: House, api: Api, writing: Company, where: str) -> None:
    body: Json = {"company_id": writing.ident, "data": [{"name": f"Later by {where}"}]}
    if where == "body":
        body["run_async"] = True
    answer = api.post(CONTACTS + ("?run_async=true" if where == "query" else ""), body)
    accepted = answer.ok(202)
    assert list(accepted) == ["sync_id"]
    done = house.ended(accepted["sync_id"])
    assert (done["status"], done["config_mode"], done["success_count"]) == ("SUCCESS", "CREATE", 1)
    job = api.get(f"/v3/core/syncs/{accepted['sync_id']}/jobs")["data"][0]
    assert (job["job_type"], job["status"], job["data_model"]) == ("PUSH", "SUCCESS", "ECOMMERCE_CUSTOMERS")
    assert api.get(f"/v3/core/syncs/jobs/{job['rootfi_id']}")["data"] == job
    newer = api.get(f"/v4/core/syncs/jobs/{job['rootfi_id']}")["data"]
    # What v3 must show as something, v4 shows as nothing; it tells more besides.
    assert (newer["error"], {**newer, "error": {}} | job) == (None, {**newer, "error": {}})
    names = [row["name"] for row in api.rows(CONTACTS, company_id=writing.ident)]
    assert names.count(f"Later by {where}") == 1


def test_a_batch(house: House, api: Api, writing: Company) -> None:
    records = [{"name": f"Batch {number}", "email": f"batch{number}@example.com"} for number in range(5)]
    records[3]["email"] = records[1]["email"]
    body = {"company_id": writing.ident, "data": records}
    error = api.post(CONTACTS, body).error()
    assert (error["code"], error["field"]) == ("invalid-params", "run_async")
    done = house.ended(api.post(f"{CONTACTS}?run_async=true", body).ok(202)["sync_id"])
    assert (done["status"], done["failed_count"]) == ("FAILED", 1)
    job = api.get(f"/v3/core/syncs/{done['sync_id']}/jobs")["data"][0]
    assert (job["error"]["code"], job["error"]["field"]) == ("record-already-exists", "data[3].email")
    assert (job["fetched"], job["stored"], job["set_aside"]) == (5, 4, 1)
    names = [row["name"] for row in api.rows(CONTACTS, company_id=writing.ident)]
    assert [names.count(record["name"]) for record in records] == [1, 1, 1, 0, 1]
    wrong = {"company_id": writing.ident, "data": [{"name": "Fine"}, {"name": "Not", "status": "gone"}]}
    before = house.traces(writing)
    assert api.post(f"{CONTACTS}?run_async=true", wrong).error()["field"] == "data[1].status"
    assert house.traces(writing) == before


def test_contacts_are_changed(api: Api, writing: Company) -> None:
    made = create(api, CONTACTS, writing, {"name": "Ada", "email": "ada@example.com", "phone": "1"})["data"][0]
    for ident in (made["rootfi_id"], made["platform_id"], made["platform_unique_id"]):
        changed = api.put(f"{CONTACTS}/{ident}", {
            "company_id": writing.ident, "data": [{"phone": f"2{ident}"[:12], "status": "inactive"}]}).ok()
        assert (changed["phone"], changed["status"], changed["name"]) == (f"2{ident}"[:12], "inactive", "Ada")
        assert changed["rootfi_updated_at"] > made["rootfi_updated_at"]
        assert changed == api.get(f"{CONTACTS}/{made['rootfi_id']}")
    emptied = api.put(f"{CONTACTS}/{made['rootfi_id']}", {"data": [{"phone": None, "email": ""}]}).ok()
    assert (emptied["phone"], emptied["email"]) == (None, "ada@example.com")
    # What was read can be sent back as it is.
    assert api.put(f"{CONTACTS}/{made['rootfi_id']}", {"data": [emptied]}).status == 200
    assert writing.shop.call("GET", f"/buyers/{made['platform_unique_id']}")["state"] == "inactive"


def test_orders_are_changed(api: Api, writing: Company) -> None:
    made = order_for(api, writing)
    assert (made["currency_id"], made["total_amount"]) == ("EUR", Decimal("59.94"))
    changed = api.put(f"{ORDERS}/{made['platform_id']}", {"company_id": writing.ident, "data": [
        {"status": "processing", "shipping_address": {"street": "Kai 1", "country": "DE"}}]}).ok()
    assert (changed["status"], changed["addresses"][0]["street"]) == ("processing", "Kai 1")
    assert [row["rootfi_id"] for row in changed["line_items"]] == [row["rootfi_id"] for row in made["line_items"]]
    error = api.put(f"{ORDERS}/{made['rootfi_id']}", {"data": [{"currency_id": "USD"}]}).error()
    assert (error["code"], error["field"]) == ("operation-denied", "data[0].currency_id")


def test_items_and_their_stock_are_changed(house: House, api: Api, writing: Company) -> None:
    made = create(api, "/v4/ecommerce/items", writing, {
        "name": "Kite", "status": "active", "variants": [
            {"name": "Red", "sku": "K-R", "price": 20, "currency_id": "EUR"},
            {"name": "Blue", "sku": "K-B", "price": "21.50", "currency_id": "EUR"}]})["data"][0]
    red, blue = made["variants"]
    assert (made["price"], blue["price"]) == (20, Decimal("21.5"))
    changed = api.put(f"/v4/ecommerce/items/{made['rootfi_id']}", {"data": [{"name": "Big kite", "variants": [
        {**red, "price": 25}, {**blue, "sku": "K-B2"}]}]}).ok()
    assert [row["rootfi_id"] for row in changed["variants"]] == [red["rootfi_id"], blue["rootfi_id"]]
    assert (changed["name"], changed["variants"][0]["price"], changed["variants"][1]["sku"]) == ("Big kite", 25, "K-B2")
    house.sync(writing, data_models_to_sync=["ECOMMERCE_INVENTORIES"])
    stock = one(api, "/v4/ecommerce/inventories", writing, variant_id=red["platform_id"])
    counted = api.put(f"/v4/ecommerce/inventories/{stock['rootfi_id']}", {"data": [
        {"quantity": 40, "reserved_quantity": 4}]}).ok()
    assert (counted["quantity"], counted["available_quantity"]) == (40, 36)
    older = one(api, "/v3/ecommerce/inventories", writing, rootfi_id=stock["rootfi_id"])
    assert older["quantity"] == "40"
    error = api.put(f"/v4/ecommerce/inventories/{stock['rootfi_id']}", {"data": [{"quantity": -1}]}).error()
    assert (error["code"], error["field"]) == ("invalid-params", "data[0].quantity")


def test_parcels_are_packed_from_the_orders_lines_and_sent(api: Api, writing: Company) -> None:
    order = order_for(api, writing)
    first, second = order["line_items"]
    parcel = create(api, PARCELS, writing, {
        "order_id": order["platform_id"], "line_items": [{"line_item_id": first["platform_id"], "quantity": 2}]})
    shown = parcel["data"][0]
    assert shown["line_items"][0]["line_item_id"] == first["platform_id"]
    rest = create(api, PARCELS, writing, {"order_id": str(order["rootfi_id"]), "carrier_name": "Gull", "line_items": [
        {"line_item_id": str(first["rootfi_id"]), "quantity": 1},
        {"line_item_id": second["platform_id"].removesuffix("_1"), "quantity": 3}]})["data"][0]
    assert [row["line_item_id"] for row in rest["line_items"]] == [first["platform_id"], second["platform_id"]]
    error = api.post(PARCELS, {"company_id": writing.ident, "data": [{"order_id": order["platform_id"], "line_items": [
        {"line_item_id": first["platform_id"], "quantity": 1}]}]}).error()
    assert (error["code"], error["field"]) == ("operation-denied", "data[0].line_items")
    assert error["message"].startswith("Operation Denied: ")
    other = one(api, ORDERS, writing)["line_items"][0]["platform_id"]
    for wrong in (other, "nothing"):
        error = api.post(PARCELS, {"company_id": writing.ident, "data": [{
            "order_id": order["platform_id"], "line_items": [{"line_item_id": wrong, "quantity": 1}]}]}).error()
        assert (error["code"], error["field"]) == ("invalid-params", "data[0].line_items[0].line_item_id")
    for ident in (shown["rootfi_id"], rest["platform_id"]):
        sent = api.put(f"{PARCELS}/{ident}", {"company_id": writing.ident, "data": [
            {"status": "in_transit", "tracking_info": {"number": f"T-{ident}", "company": "Gull"}}]}).ok()
        assert (sent["status"], sent["tracking_info"]["number"]) == ("in_transit", f"T-{ident}")
    after = api.get(f"{ORDERS}/{order['rootfi_id']}")
    assert (after["status"], after["fulfillment_status"]) == ("shipped", "fulfilled")
    assert [row["rootfi_id"] for row in after["fulfillments"]] == [shown["rootfi_id"], rest["rootfi_id"]]


def test_what_the_platform_cannot_do_is_denied(api: Api, writing: Company) -> None:
    order = one(api, ORDERS, writing)
    error = api.post("/v4/ecommerce/transactions", {"company_id": writing.ident, "data": [
        {"type": "payment", "order_id": order["platform_id"], "amount": 5, "currency_id": "EUR"}]}).error()
    assert error["code"] == "operation-denied"
    assert error["message"].startswith("Operation Denied: ")


def test_an_update_of_what_is_not_there(api: Api, writing: Company, reading: Company) -> None:
    assert api.put(f"{CONTACTS}/nobody", {"data": [{"phone": "1"}]}).error(404)["code"] == "not-found"
    elsewhere = one(api, CONTACTS, reading)
    answer = api.put(f"{CONTACTS}/{elsewhere['rootfi_id']}", {"company_id": writing.ident, "data": [{"phone": "1"}]})
    assert answer.error(404)["code"] == "not-found"
    assert api.put(f"{CONTACTS}/{elsewhere['rootfi_id']}", {"data": []}).error()["code"] == "missing-params"
    two = api.put(f"{CONTACTS}/{elsewhere['rootfi_id']}", {"data": [{}, {}], "run_async": True})
    assert two.error()["field"] == "data"


def test_a_shop_that_asks_to_wait_is_asked_again(api: Api, writing: Company) -> None:
    writing.shop.call("POST", "/control/faults", {"faults": "throttle=1@POST /v1/buyers*1"})
    made = create(api, CONTACTS, writing, {"name": "Patient"})["data"][0]
    assert made["name"] == "Patient"
    assert len(writing.shop.rows("/buyers")) == len({row["id"] for row in writing.shop.rows("/buyers")})


@pytest.mark.parametrize("fault", ["lost=504", "reset", "error=503"])
def test_a_lost_answer_is_looked_for_and_told(api: Api, writing: Company, fault: str) -> None:
    writing.shop.call("POST", "/control/faults", {"faults": f"{fault}@POST /v1/buyers*1"})
    create(api, CONTACTS, writing, {"name": f"Found after {fault}"})
    names = [row["full_name"] for row in writing.shop.rows("/buyers")]
    assert names.count(f"Found after {fault}") == 1


def test_the_shops_own_words_reach_the_caller_without_secrets(api: Api, writing: Company) -> None:
    spoken = {"name": "Parrot", "email": "demo-token@example.com"}
    create(api, CONTACTS, writing, spoken)
    answer = api.post(CONTACTS, {"company_id": writing.ident, "data": [spoken]})
    error = answer.error()
    assert (error["code"], error["field"]) == ("record-already-exists", "data[0].email")
    assert error["message"].startswith("Record already exists with given: data[0].email. ")
    assert error["platform_error"]["at"] == "email"
    assert b"demo-token" not in answer.body
    writing.shop.call("POST", "/control/faults", {"faults": "error=403@POST /v1/buyers*1"})
    error = api.post(CONTACTS, {"company_id": writing.ident, "data": [{"name": "Refused"}]}).error()
    assert error["code"] == "platform-denied"
    assert error["message"].startswith("The underlying platform denied the request")
