"""Lists and single records over HTTP's seam, on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from entrepot.kit.spec import Family, Mapped
from entrepot.model.ecommerce.customer import Customer
from entrepot.store.records import tombstone
from entrepot.store.scope import SYSTEM
from tests.api.house import House, orders, shop

pytestmark = pytest.mark.anyio
BUYERS = 50


async def fetch(house: House, path: str) -> Any:
    """The body of a GET that must work."""
    answer = await house.call("GET", path)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.body))
    return answer.json()


async def walk(house: House, path: str, way: str = "next", cursor: str | None = None) -> list[list[int]]:
    """The ids of all pages in one direction."""
    pages: list[list[int]] = []
    while True:
        body = await fetch(house, f"{path}&{way}={cursor or ''}")
        pages.append([row["rootfi_id"] for row in body["data"]])
        cursor = body[way]
        if cursor is None:
            return pages


@pytest.mark.parametrize("sent", [
    "gid%3A%2F%2Fshop%2FCustomer%2F1_1", "gid://shop/Customer/1_1", "gid://shop/Customer/1", "gid://shop/Customer/1/",
])
async def test_ids_with_slashes_are_found(empty_house: House, sent: str) -> None:
    house = empty_house
    house.put([Family(Mapped(Customer(platform_unique_id="gid://shop/Customer/1", name="Slash"), b"{}"))])
    assert (await fetch(house, f"/v4/ecommerce/contacts/{sent}"))["name"] == "Slash"
    assert (await house.call("GET", "/v4/ecommerce/contacts/gid%3A%2F%2Fshop")).status == 404


async def test_a_list_has_its_envelope(house: House) -> None:
    body = await fetch(house, "/v4/ecommerce/orders?limit=2")
    assert list(body) == ["data", "prev", "next", "total_count"]
    assert (len(body["data"]), body["prev"], body["total_count"]) == (2, None, None)
    assert body["next"]
    counted = await fetch(house, "/v4/ecommerce/orders?limit=1&return_count=true")
    assert counted["total_count"] == 60


async def test_each_version_is_served_its_own_body(house: House) -> None:
    v4 = (await fetch(house, "/v4/ecommerce/orders?limit=1"))["data"][0]
    v3 = (await fetch(house, "/v3/ecommerce/orders?limit=1"))["data"][0]
    assert (v3["order_status"], v4["status"]) == ("SHIPPED", "shipped")
    assert v3["rootfi_id"] == v4["rootfi_id"]
    assert [one["type"] for one in v4["transactions"]] == ["payment"]
    assert len(v4["fulfillments"]) == 1
    paths = {"v3": ["customers", "products", "balances", "company_info", "fulfillments", "inventories", "transactions"],
             "v4": ["contacts", "items", "products", "fulfillments", "inventories", "transactions", "balances",
                    "company_info"]}
    for version, names in paths.items():
        for name in names:
            assert isinstance((await fetch(house, f"/{version}/ecommerce/{name}?limit=1"))["data"], list)


async def test_pages_forth_and_back(empty_house: House) -> None:
    house = empty_house
    house.put(orders(25))
    for query in ("limit=10", f"limit=7&company_id={house.company}&sort[total_amount]=DESC",
                  f"limit=7&company_id={house.company}&sort[order_number]=ASC"):
        path = f"/v4/ecommerce/orders?{query}"
        pages = await walk(house, path)
        flat = [ident for page in pages for ident in page]
        assert len(flat) == len(set(flat)) == 25
        last = json.loads((await house.call("GET", f"{path}&next={await _last_cursor(house, path)}")).body)
        back = await walk(house, path, "prev", last["prev"])
        assert [ident for page in back[::-1] for ident in page] == flat[: -len(pages[-1])]


async def _last_cursor(house: House, path: str) -> str:
    cursor = ""
    while True:
        body = await fetch(house, f"{path}&next={cursor}")
        if body["next"] is None:
            return cursor
        cursor = body["next"]


async def test_extras(house: House) -> None:
    path = f"/v3/ecommerce/orders?limit=2&company_id={house.company}"
    plain = (await fetch(house, path))["data"][0]
    assert not {"line_items", "raw_data", "data_hash", "customer"} & set(plain)
    full = (await fetch(house, f"{path}&expand=line_items,customer_id&select=raw_data,data_hash"))["data"][0]
    assert full["line_items"][0]["line_item_type_id"] == full["platform_id"]
    assert full["customer"]["platform_id"] == full["customer_id"]
    assert full["raw_data"] == {"id": "ord_0"}
    assert len(full["data_hash"]) == 32
    newest = (await fetch(house, "/v4/ecommerce/transactions?limit=1&expand=order_id,contact_id"))["data"][0]
    assert newest["order"]["platform_id"] == newest["order_id"]
    assert newest["contact"]["name"] == "Buyer 0"


async def test_filters_reach_the_store(empty_house: House) -> None:
    house = empty_house
    house.put(orders(60))
    path = f"/v4/ecommerce/orders?company_id={house.company}"
    assert len((await fetch(house, f"{path}&total_amount[gte]=50.5"))["data"]) == 10
    assert len((await fetch(house, f"{path}&status=shipped"))["data"]) == 30
    assert len((await fetch(house, f"{path}&order_number[in]=1001,1002"))["data"]) == 2
    assert len((await fetch(house, f"{path}&order_number[contains]=105"))["data"]) == 10
    for sent in ("cus_3_1", "cus_3"):
        assert len((await fetch(house, f"{path}&customer_id={sent}"))["data"]) == 2
    assert len((await fetch(house, f"{path}&customer_id[ne]=cus_3_1"))["data"]) == 58
    assert (await fetch(house, f"{path}&customer_id=never_seen"))["data"] == []
    one = (await fetch(house, f"{path}&platform_id=ord_7_1"))["data"]
    assert [row["platform_unique_id"] for row in one] == ["ord_7"]
    assert (await fetch(house, f"{path}&platform_id=ord_7_9"))["data"] == []
    changed = one[0]["rootfi_updated_at"]
    again = await fetch(house, f"{path}&rootfi_updated_at[gte]={changed}&sort[rootfi_updated_at]=ASC&limit=1")
    assert again["data"][0]["rootfi_updated_at"] >= changed


async def test_two_shops_of_a_company_stay_apart(empty_house: House) -> None:
    house = empty_house
    second = shop(house.engine.store, house.scope, house.company)
    house.put(orders(3))
    house.put(orders(3), second)
    path = f"/v4/ecommerce/orders?company_id={house.company}"
    for suffix in (1, 2):
        found = (await fetch(house, f"{path}&customer_id=cus_1_{suffix}"))["data"]
        assert [row["platform_id"] for row in found] == [f"ord_1_{suffix}"]
    assert len((await fetch(house, f"{path}&customer_id=cus_1"))["data"]) == 2
    assert len((await fetch(house, f"{path}&connection_id={second.connection_id}"))["data"]) == 3
    error = (await house.call("GET", "/v4/ecommerce/orders/ord_1")).error()
    assert (error["code"], error["field"]) == ("invalid-params", "connection_id")
    other = shop(house.engine.store, house.scope, None)
    house.put(orders(3), other)
    error = (await house.call("GET", "/v4/ecommerce/orders/ord_1_1")).error()
    assert (error["code"], error["field"]) == ("invalid-params", "company_id")
    found = await fetch(house, f"/v4/ecommerce/orders/ord_1_1?company_id={other.company_id}")
    assert found["rootfi_company_id"] == other.company_id


async def test_one_record_by_each_of_its_names(house: House) -> None:
    listed = (await fetch(house, f"/v4/ecommerce/orders?company_id={house.company}&limit=1"))["data"][0]
    for ident in (listed["rootfi_id"], listed["platform_id"], listed["platform_unique_id"]):
        assert await fetch(house, f"/v4/ecommerce/orders/{ident}") == listed
    full = await fetch(house, f"/v4/ecommerce/orders/{listed['rootfi_id']}?select=data_hash&expand=customer_id")
    assert full["customer"]["platform_id"] == listed["customer_id"]
    answer = await house.call("GET", "/v4/ecommerce/orders/999999999")
    assert (answer.status, answer.error()["code"]) == (404, "not-found")
    assert (await house.call("GET", f"/v4/ecommerce/items/{listed['rootfi_id']}")).status == 404


async def test_deleted_records_hide_until_they_are_asked_for(empty_house: House) -> None:
    house = empty_house
    house.put(orders(3))
    with house.engine.store.write(SYSTEM) as session:
        tombstone(session, house.target, "order", ["ord_1"], cause="sync")
    path = "/v4/ecommerce/orders"
    assert len((await fetch(house, f"{path}?return_count=true"))["data"]) == 2
    every = await fetch(house, f"{path}?include_deleted_records=true&return_count=true")
    assert every["total_count"] == 3
    assert [row["rootfi_deleted_at"] is None for row in every["data"]] == [True, False, True]
    assert (await house.call("GET", f"{path}/ord_1_1")).status == 404
    assert (await fetch(house, f"{path}/ord_1_1?include_deleted_records=true"))["rootfi_deleted_at"]


async def test_a_company_of_nobody_is_not_found(house: House) -> None:
    answer = await house.call("GET", "/v4/ecommerce/orders?company_id=987654321")
    assert (answer.status, answer.error()["code"]) == (404, "not-found")
