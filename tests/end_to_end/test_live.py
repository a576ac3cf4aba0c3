"""Before the first sync, through a served installation: whence an answer comes, and what it is then."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any

from tests.end_to_end.client import Api, Json
from tests.end_to_end.house import KEY, Company, House


def asked(house: House, path: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body of a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
    try:
        connection.request("GET", path, headers={"api_key": KEY})
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, json.loads(reply.read())
    finally:
        connection.close()


def told(house: House, path: str) -> tuple[str, str]:
    status, headers, _ = asked(house, path)
    assert status == 200
    return headers["x-entrepot-via"], headers["x-entrepot-complete"]


def walked(api: Api, company: Company, noun: str, limit: int) -> list[Json]:
    return [row for page in api.pages(f"/v4/ecommerce/{noun}", {"company_id": company.ident, "limit": limit})
            for row in page["data"]]


def test_a_new_shop_is_readable_at_once_and_the_same_after_its_sync(house: House) -> None:
    company, api = house.company(70), house.api
    path = f"/v4/ecommerce/orders?company_id={company.ident}"
    assert told(house, path) == ("live", "true")
    assert told(house, f"{path}&status=pending") == ("store", "false")
    live = walked(api, company, "orders", 30)
    theirs = company.shop.call("GET", "/orders", size=250)["results"]
    assert [row["platform_unique_id"] for row in live] == [row["id"] for row in theirs]
    one = f"/v4/ecommerce/orders/{live[3]['platform_id']}?company_id={company.ident}"
    assert told(house, one) == ("live", "true")
    first = next(api.pages("/v4/ecommerce/orders", {"company_id": company.ident, "limit": 20}))
    house.sync(company)
    assert told(house, path) == ("store", "true")
    assert walked(api, company, "orders", 1000) == sorted(live, key=lambda row: row["rootfi_id"])
    rest = [row for page in api.pages("/v4/ecommerce/orders", {"company_id": company.ident, "limit": 20},
                                      start=first["next"]) for row in page["data"]]
    assert first["data"] + rest == live, "the cursor of before goes on as it began"


def test_lists_that_are_read_live_while_the_first_sync_runs_lose_and_double_nothing(house: House) -> None:
    company, seen, problems = house.company(400), [], []

    def read() -> None:
        api = house.api
        try:
            while not stop.is_set():
                found = walked(api, company, "orders", 100)
                seen.append(sorted(row["platform_unique_id"] for row in found))
        except Exception as problem:  # told below, in the thread that asserts
            problems.append(problem)

    stop = threading.Event()
    readers = [threading.Thread(target=read) for _ in range(3)]
    for one in readers:
        one.start()
    house.sync(company)
    stop.set()
    for one in readers:
        one.join()
    assert not problems, problems
    whole = sorted(row["platform_unique_id"] for row in walked(house.api, company, "orders", 1000))
    assert len(whole) == len(set(whole)) == 400
    assert all(one == whole for one in seen)


def test_passthrough_and_real_time_before_anything_was_synced(house: House) -> None:
    company, api = house.company(20), house.api
    shop = api.post("/v3/core/passthrough", {"company_id": company.ident, "data": {
        "method": "GET", "path": "/shop", "headers": {}, "data": {}, "params": {}}}).ok()["data"]
    assert shop["orders_so_far"] == 20
    info = api.post("/v3/core/real_time", {"company_id": company.ident, "data_model": "COMPANY_INFO",
                                           "variables": {"per_page": 100, "page": 1}}).ok()["data"]
    assert info["name"] == shop["name"]
    made = api.post("/v4/core/passthrough", {"company_id": company.ident, "data": {
        "method": "POST", "path": "/buyers", "data": {"full_name": "Passed Through"}}}).ok()["data"]
    found = api.post("/v4/core/real_time", {"company_id": company.ident, "data_model": "CUSTOMERS", "variables": {
        "id": made["id"]}}).ok()["data"]
    assert found["name"] == "Passed Through"
    calls = api.get("/v4/core/passthrough_calls", company_id=company.ident)["data"]
    assert [(one["method"], one["path"]) for one in calls] == [("POST", "/v1/buyers"), ("GET", "/v1/shop")]
