"""Real time against a demo shop that was never synced."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.store import call_counts
from tests.api.connected import ORDERS, Connected, told
from tests.api.house import READ_ONLY, Answer

pytestmark = pytest.mark.anyio


async def asked(shop: Connected, model: str, variables: dict[str, Any], version: str = "v4", **more: Any) -> Answer:
    return await shop.call("POST", f"/{version}/core/real_time", {
        "company_id": shop.company, "data_model": model, "variables": variables, **more})


async def data(shop: Connected, model: str, variables: dict[str, Any], version: str = "v4") -> Any:
    answer = await asked(shop, model, variables, version)
    assert (answer.status, told(answer)) == (200, ("live", "true")), answer.body
    return answer.json()["data"]


async def test_a_shop_has_one_company_info(connected: Connected) -> None:
    # Word for word what the published client's documents show.
    found = await data(connected, "COMPANY_INFO", {"per_page": 100, "page": 1}, "v3")
    assert found["name"] == (await connected.shop("GET", "/shop"))["name"]
    assert found["website"]
    assert "legal_name" in await data(connected, "ECOMMERCE_COMPANY_INFO", {})
    assert connected.streams() == {}


async def test_one_record_by_each_of_its_ids(connected: Connected) -> None:
    theirs = (await connected.shop("GET", "/orders", None, {"size": "250"}))["results"][3]
    first = await data(connected, "ORDERS", {"id": theirs["id"]})
    assert first["platform_unique_id"] == theirs["id"]
    for ident in (first["platform_id"], first["rootfi_id"], str(first["rootfi_id"])):
        assert (await data(connected, "orders", {"id": ident}))["rootfi_id"] == first["rootfi_id"]
    again = await data(connected, "ORDERS", {"id": theirs["id"], "expand": "contact_id", "select": "data_hash"})
    assert {"contact", "data_hash"} <= set(again)
    buyer = (await data(connected, "CUSTOMERS", {"limit": 1}))["data"][0]
    await connected.shop("PATCH", f"/buyers/{buyer['platform_unique_id']}", {"full_name": "Just Now"})
    assert (await data(connected, "CUSTOMERS", {"id": buyer["platform_id"]}))["name"] == "Just Now"
    stored = (await connected.ok("GET", f"/v4/ecommerce/contacts?company_id={connected.company}"
                                 f"&rootfi_id={buyer['rootfi_id']}")).json()["data"][0]
    assert stored["name"] == "Just Now"
    v3 = await data(connected, "ORDERS", {"id": theirs["id"]}, "v3")
    assert (v3["rootfi_id"], "line_items" in v3) == (first["rootfi_id"], False)
    for wrong in ("ord_none", "ord_none_1", f"{theirs['id']}_2", "999999999"):
        assert (await asked(connected, "ORDERS", {"id": wrong})).status == 404


async def test_a_child_through_its_owner(connected: Connected) -> None:
    orders = (await connected.shop("GET", "/orders", None, {"size": "250"}))["results"]
    order = next(one for one in orders if one["parcels"])
    parcel = order["parcels"][0]["id"]
    unknown = await asked(connected, "FULFILLMENTS", {"id": parcel})
    assert unknown.status == 404
    assert "order_id" in unknown.error()["message"]
    found = await data(connected, "FULFILLMENTS", {"id": parcel, "order_id": f"{order['id']}_1"})
    assert (found["platform_unique_id"], found["order_id"]) == (parcel, f"{order['id']}_1")
    assert await data(connected, "FULFILLMENTS", {"id": found["platform_id"]}) == found, "now the store tells"
    assert await data(connected, "FULFILLMENTS", {"id": parcel}, "v3") is not None


async def test_a_list_goes_on_by_cursor_and_by_page(connected: Connected) -> None:
    ids = [one["id"] for one in (await connected.shop("GET", "/orders", None, {"size": "250"}))["results"]]
    seen: list[str] = []
    cursor = None
    pages = []
    while True:
        found = await data(connected, "ORDERS", {"limit": 15, **({"next": cursor} if cursor else {})})
        pages.append(found["data"])
        seen += [one["platform_unique_id"] for one in found["data"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == ids
    assert (await data(connected, "ORDERS", {"per_page": 15, "page": 2}))["data"] == pages[1]
    assert (await data(connected, "ORDERS", {"per_page": 15, "page": 9})) == {"data": [], "next": None}


async def test_filters_are_those_of_lists(connected: Connected) -> None:
    everything = (await data(connected, "ORDERS", {"limit": 250}))["data"]
    assert len(everything) == ORDERS
    cheap = [one for one in everything if float(one["total_amount"]) < 500 and one["status"] != "canceled"]
    found = await data(connected, "ORDERS", {"limit": 250, "filters": {
        "total_amount[lt]": 500, "status[ne]": "canceled"}})
    assert found["data"] == cheap
    some = [cheap[0]["rootfi_id"], cheap[1]["rootfi_id"]]
    found = await data(connected, "ORDERS", {"filters": {"rootfi_id[in]": some}})
    assert [one["rootfi_id"] for one in found["data"]] == some
    two = await data(connected, "ORDERS", {"limit": 1, "filters": {"total_amount[lt]": 500, "status[ne]": "canceled"}})
    more = await data(connected, "ORDERS", {"limit": 1, "next": two["next"], "filters": {
        "total_amount[lt]": 500, "status[ne]": "canceled"}})
    assert two["data"] + more["data"] == cheap[:2]
    buyer = next(one["contact_id"] for one in everything if one["contact_id"])
    assert all(one["contact_id"] == buyer for one in (
        await data(connected, "ORDERS", {"filters": {"contact_id": buyer}}))["data"])


@pytest.mark.parametrize(("model", "variables", "field"), [
    ("NONSENSE", {}, "data_model"), ("ORDERS", {"colour": 1}, "variables.colour"),
    ("ORDERS", {"limit": 251}, "variables.limit"), ("ORDERS", {"limit": "x"}, "variables.limit"),
    ("ORDERS", {"page": 0}, "variables.page"), ("ORDERS", {"limit": 2, "per_page": 3}, "variables.per_page"),
    ("ORDERS", {"next": "live.x"}, "variables.next"), ("ORDERS", {"filters": []}, "variables.filters"),
    ("ORDERS", {"filters": {"colour": 1}}, "variables.filters.colour"),
    ("ORDERS", {"filters": {"status[gt]": "x"}}, "variables.filters.status"),
    ("ORDERS", {"filters": {"status": {"a": 1}}}, "variables.filters.status"),
    ("ORDERS", {"id": "a", "page": 2}, "variables.id"), ("ORDERS", {"id": {}}, "variables.id"),
    ("ORDERS", {"expand": "nothing"}, "variables.expand"), ("ORDERS", {"page": 2, "next": "live.x"}, "variables.page"),
])
async def test_what_is_not_known_is_named(
    connected: Connected, model: str, variables: dict[str, Any], field: str,
) -> None:
    for version in ("v3", "v4"):
        answer = await asked(connected, model, variables, version)
        assert answer.status == 400, answer.body
        assert (answer.error()["code"], answer.error()["field"]) == ("invalid-params", field)
        assert field in answer.error()["message"]


async def test_faults_of_the_platform_have_their_codes(connected: Connected) -> None:
    await connected.faults("error=503@GET /v1/orders*1")
    assert (await asked(connected, "ORDERS", {})).error()["code"] == "platform-denied"
    await connected.faults("throttle=9@GET /v1/articles*1")
    slow = await asked(connected, "PRODUCTS", {})
    assert (slow.status, slow.headers["retry-after"]) == (429, "9")
    assert (await asked(connected, "BALANCES", {"id": "x"})).error()["code"] in ("operation-denied", "platform-denied")


async def test_a_shop_that_lets_nobody_in_is_expired(connected: Connected) -> None:
    await connected.faults("error=401@GET /v1/orders*1")
    assert (await asked(connected, "ORDERS", {})).status == 400
    assert connected.connection().status == "EXPIRED"


async def test_it_needs_read_and_says_which_connection(connected: Connected) -> None:
    body = {"company_id": connected.company, "data_model": "COMPANY_INFO", "variables": {}}
    assert (await connected.call("POST", "/v3/core/real_time", body, READ_ONLY)).status == 200
    second = await connected.connect("second", orders=3)
    assert (await asked(connected, "ORDERS", {})).error()["field"] == "connection_id"
    chosen = await asked(connected, "ORDERS", {}, connection_id=second)
    assert len(chosen.json()["data"]["data"]) == 3
    assert (await asked(connected, "ORDERS", {}, connection_id=2**52)).error()["field"] == "connection_id"


async def test_calls_are_counted(connected: Connected) -> None:
    before = counted(connected)
    await data(connected, "ORDERS", {"limit": 250})
    await data(connected, "COMPANY_INFO", {})
    await connected.faults("error=503@GET /v1/orders*1")
    await asked(connected, "ORDERS", {})
    assert counted(connected) == before + 3


def counted(shop: Connected) -> int:
    """The connection's calls of the day."""
    with shop.one.engine.store.read(shop.scope) as session:
        return call_counts.of_connections(session, [shop.connection_id])[shop.connection_id].day
