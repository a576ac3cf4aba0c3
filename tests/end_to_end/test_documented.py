"""The two calls that are promised word for word, and what happens to every way of getting the second one wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.end_to_end.client import Api, Json
from tests.end_to_end.house import Company, House

CUSTOMER = """{"company_id": %d, "data": [\
{"name":"John Doe","email":"","phone":"1234567890","currency_id":"1234567890",\
"status":"ACTIVE","updated_at":"2024-01-22T05:07:31.465Z","created_at":"2024-01-22T05:07:31.465Z","address":\
{"rootfi_id":278264,"platform_id":"CONTACTS_1af68894-ea9f-ee11-be36-7c1e520f50bc_ADDRESS","street":"123 Main Street",\
"locality":"Main Street","city":"New York","state":"New York","pincode":"123456","country":"USA"}}]}"""
CUSTOMER_KEYS = [
    "rootfi_id", "rootfi_deleted_at", "rootfi_created_at", "rootfi_updated_at", "rootfi_company_id", "platform_id",
    "platform_unique_id", "name", "email", "phone", "currency_id", "status", "updated_at", "created_at", "address"]
ADDRESS_KEYS = ["rootfi_id", "platform_id", "street", "locality", "city", "state", "pincode", "country"]
ORDER_KEYS = ["rootfi_id", "rootfi_created_at", "rootfi_updated_at", "rootfi_company_id", "platform_id", "order_number",
              "contact_id", "currency_id", "status"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ORDERS = "/v4/ecommerce/orders"


def moment(text: str) -> datetime:
    assert MOMENT.fullmatch(text), text
    return datetime.fromisoformat(text)


def recent(text: str) -> bool:
    return abs(datetime.now(UTC) - moment(text)) < timedelta(minutes=2)


@pytest.fixture
def order(api: Api, writing: Company) -> Json:
    """The documented order's required fields."""
    contact = api.get("/v4/ecommerce/contacts", company_id=writing.ident, limit=1)["data"][0]
    item = api.get("/v4/ecommerce/items", company_id=writing.ident, limit=1)["data"][0]
    return {"customer_id": contact["platform_id"], "currency_id": "USD", "line_items": [
        {"item_id": item["platform_id"], "description": "Blue mug", "quantity": 2, "unit_amount": 12.5}]}


def test_the_documented_customer(api: Api, writing: Company) -> None:
    sent = CUSTOMER % writing.ident
    answer = api.send("POST", "/v3/ecommerce/customers", sent.encode())
    body = answer.ok()
    assert list(body) == ["data", "sync_id"]
    assert len(body["data"]) == 1
    made = body["data"][0]
    assert list(made) == CUSTOMER_KEYS
    assert list(made["address"]) == ADDRESS_KEYS
    for name, value in {
        "name": "John Doe", "email": "", "phone": "1234567890", "currency_id": "1234567890", "status": "ACTIVE",
        "updated_at": "2024-01-22T05:07:31.465Z", "created_at": "2024-01-22T05:07:31.465Z", "rootfi_deleted_at": None,
        "rootfi_company_id": writing.ident,
    }.items():
        assert made[name] == value, name
    assert made["address"] == {
        "rootfi_id": 278264, "platform_id": "CONTACTS_1af68894-ea9f-ee11-be36-7c1e520f50bc_ADDRESS",
        "street": "123 Main Street", "locality": "Main Street", "city": "New York", "state": "New York",
        "pincode": "123456", "country": "USA"}
    assert recent(made["rootfi_created_at"])
    assert made["rootfi_created_at"] == made["rootfi_updated_at"]
    assert made["platform_id"] == f"{made['platform_unique_id']}_1"
    # In the shop, in both lists, and still the same once the shop has been read again.
    buyer = writing.shop.call("GET", f"/buyers/{made['platform_unique_id']}")
    assert (buyer["full_name"], buyer["phone"], buyer["email"]) == ("John Doe", "1234567890", None)
    assert listed(api, "/v3/ecommerce/customers", writing, made) == made
    contact = listed(api, "/v4/ecommerce/contacts", writing, made)
    shared = ("rootfi_id", "platform_id", "name", "phone", "currency_id", "created_at", "updated_at",
              "rootfi_updated_at")
    assert {name: contact[name] for name in shared} == {name: made[name] for name in shared}
    assert (contact["status"], contact["email"]) == ("active", None)
    assert (contact["addresses"][0]["street"], contact["addresses"][0]["postal_code"]) == ("123 Main Street", "123456")
    assert api.get(f"/v4/ecommerce/contacts/{made['rootfi_id']}") == contact
    assert api.get(f"/v4/ecommerce/contacts/{made['platform_id']}") == contact
    write = api.get(f"/v3/core/syncs/{body['sync_id']}")["data"]
    assert (write["status"], write["config_mode"], write["sync_data_models"]) == (
        "SUCCESS", "CREATE", ["ECOMMERCE_CUSTOMERS"])


def listed(api: Api, path: str, company: Company, record: Json) -> Any:
    """The record as the list shows it."""
    rows = api.get(path, company_id=company.ident, rootfi_id=record["rootfi_id"])["data"]
    assert len(rows) == 1
    return rows[0]


def test_it_stays_the_same_when_the_shop_is_read_again(house: House, api: Api, writing: Company) -> None:
    made = api.send("POST", "/v3/ecommerce/customers", (CUSTOMER % writing.ident).encode()).ok()["data"][0]
    house.sync(writing, data_models_to_sync=["ECOMMERCE_CUSTOMERS"], full_sync=True)
    assert listed(api, "/v3/ecommerce/customers", writing, made) == made


def test_the_documented_order(api: Api, writing: Company, order: Json) -> None:
    body = api.post(ORDERS, {"company_id": writing.ident, "data": [order]}).ok()
    assert list(body) == ["data", "sync_id"]
    made = body["data"][0]
    assert [name for name in made if name in ORDER_KEYS] == ORDER_KEYS
    assert (made["contact_id"], made["currency_id"], made["status"]) == (order["customer_id"], "USD", "pending")
    assert made["order_number"]
    assert recent(made["order_date"])
    assert made["total_amount"] == Decimal(25)
    line = made["line_items"][0]
    assert [line[name] for name in ("item_id", "description", "quantity", "unit_amount")] == [
        order["line_items"][0]["item_id"], "Blue mug", 2, Decimal("12.5")]
    for ident in (made["rootfi_id"], made["platform_id"], made["platform_unique_id"]):
        assert api.get(f"{ORDERS}/{ident}", company_id=writing.ident) == made
    assert listed(api, ORDERS, writing, made) == made
    older = listed(api, "/v3/ecommerce/orders", writing, made)
    assert (older["order_number"], older["order_status"], older["total_amount"]) == (
        made["order_number"], "PENDING", 25)
    in_shop = writing.shop.call("GET", f"/orders/{made['platform_unique_id']}")
    assert (in_shop["number"], in_shop["state"], in_shop["currency"]) == (made["order_number"], "open", "USD")


@pytest.mark.parametrize("status", ["pending", "processing", "shipped", "delivered", "canceled"])
def test_an_order_with_everything(api: Api, writing: Company, order: Json, status: str) -> None:
    sent = {**order, "order_number": f"X-{writing.ident}-{status}", "order_date": "2024-05-06T07:08:09.123+02:00",
            "status": status, "shipping_address": {"street": "Kai 1", "city": "Hamburg", "country": "DE"},
            "billing_address": {"name": "Ada", "street": "Weg 2", "postal_code": "10115", "country": "DE"}}
    made = api.post(ORDERS, {"company_id": writing.ident, "data": [sent]}).ok()["data"][0]
    assert (made["order_number"], made["order_date"], made["status"]) == (
        sent["order_number"], "2024-05-06T05:08:09.123Z", status)
    found = {one["type"]: one for one in made["addresses"]}
    assert (found["shipping"]["city"], found["billing"]["postal_code"]) == ("Hamburg", "10115")


LINE = "data[0].line_items[0]"


@pytest.mark.parametrize(("field", "value", "code"), [
    ("company_id", ..., "missing-params"), ("company_id", "five", "invalid-params"),
    ("company_id", 0, "invalid-params"),
    ("data", ..., "missing-params"), ("data", [], "missing-params"), ("data", {}, "invalid-params"),
    ("data[0].customer_id", ..., "missing-params"), ("data[0].customer_id", "", "missing-params"),
    ("data[0].customer_id", None, "missing-params"), ("data[0].customer_id", "nobody_1", "invalid-params"),
    ("data[0].customer_id", {}, "invalid-params"), ("data[0].customer_id", 2**60, "invalid-params"),
    ("data[0].currency_id", ..., "missing-params"), ("data[0].currency_id", "dollars", "invalid-params"),
    ("data[0].currency_id", 5, "invalid-params"), ("data[0].currency_id", "XAU", "operation-denied"),
    ("data[0].line_items", ..., "missing-params"), ("data[0].line_items", [], "missing-params"),
    ("data[0].line_items", "mug", "invalid-params"), (LINE, "mug", "invalid-params"),
    (f"{LINE}.item_id", ..., "missing-params"), (f"{LINE}.item_id", "nothing_1", "invalid-params"),
    (f"{LINE}.description", ..., "missing-params"), (f"{LINE}.description", 5, "invalid-params"),
    (f"{LINE}.quantity", ..., "missing-params"), (f"{LINE}.quantity", "two", "invalid-params"),
    (f"{LINE}.quantity", 0, "invalid-params"), (f"{LINE}.quantity", -1, "invalid-params"),
    (f"{LINE}.unit_amount", ..., "missing-params"), (f"{LINE}.unit_amount", True, "invalid-params"),
    (f"{LINE}.unit_amount", 10**19, "invalid-params"), (f"{LINE}.unit_amount", -1, "invalid-params"),
    (f"{LINE}.variant_id", "nothing", "invalid-params"), (f"{LINE}.colour", "blue", "invalid-params"),
    (f"{LINE}.total_amount", 5, "operation-denied"),
    ("data[0].status", "lost", "invalid-params"), ("data[0].status", "on_hold", "operation-denied"),
    ("data[0].order_date", "yesterday", "invalid-params"), ("data[0].order_number", 7, "invalid-params"),
    ("data[0].shipping_address", "Kai 1", "invalid-params"),
    ("data[0].billing_address.planet", "Mars", "invalid-params"),
    ("data[0].total_amount", 5, "invalid-params"), ("data[0].colour", "blue", "invalid-params"),
    ("shop", 5, "invalid-params"),
])
def test_what_is_missing_or_wrong_is_named_and_leaves_nothing(
    house: House, api: Api, writing: Company, order: Json, field: str, value: object, code: str,
) -> None:
    body: Json = {"company_id": writing.ident, "data": [{**order, "billing_address": {"city": "Bonn"}}]}
    put(body, field, value)
    before = house.traces(writing)
    error = api.post(ORDERS, body).error()
    assert (error["code"], error["field"]) == (code, field)
    begins = {"missing-params": f"Missing required field: {field}. ", "invalid-params": f"Invalid field: {field}. ",
              "operation-denied": "Operation Denied: "}[code]
    assert error["message"].startswith(begins)
    assert house.traces(writing) == before


def put(body: Json, path: str, value: object) -> None:
    """Set (or with ... remove) what stands at a path."""
    *steps, last = [int(step) if step.isdigit() else step for step in re.findall(r"[a-z_]+|\d+", path)]
    place: Any = body
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value


def test_a_record_that_exists_is_said_to(api: Api, writing: Company, order: Json) -> None:
    sent = {**order, "order_number": f"TWICE-{writing.ident}"}
    api.post(ORDERS, {"company_id": writing.ident, "data": [sent]}).ok()
    error = api.post(ORDERS, {"company_id": writing.ident, "data": [sent]}).error()
    assert (error["code"], error["field"]) == ("record-already-exists", "data[0].order_number")
    assert error["message"].startswith("Record already exists with given: data[0].order_number. ")
    assert error["platform_error"]["at"] == "number"
