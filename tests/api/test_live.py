"""Before a shop's first read is done: lists and records come from the shop, as the store would have them."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.api import freshness
from entrepot.clock import now_ms, text_ms
from entrepot.engine import live
from entrepot.engine.live import Live
from entrepot.engine.live_place import read_place
from entrepot.kit.spec import Page, Shop, Start
from entrepot.store import changes, frequencies, strays
from entrepot.store.written import written
from tests.api.connected import ORDERS, Connected, told
from tests.api.house import Answer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def alone(database_url: str, tmp_path: Path) -> AsyncIterator[Connected]:
    """A company without any connection."""
    made = Connected.build(database_url, tmp_path / "home")
    yield made
    await made.one.engine.kit.close()
    made.one.close()


async def page(shop: Connected, noun: str, query: str = "") -> Answer:
    return await shop.call("GET", f"/v4/ecommerce/{noun}?company_id={shop.company}{query}")


async def test_a_list_is_live_at_first_and_the_same_from_the_store_later(connected: Connected) -> None:
    first = await page(connected, "orders", "&limit=7&return_count=true&select=raw_data&expand=contact_id")
    assert told(first) == ("live", "true")
    shown = first.json()
    assert list(shown) == ["data", "prev", "next", "total_count"]
    assert (len(shown["data"]), shown["prev"], shown["total_count"]) == (7, None, ORDERS)
    assert shown["data"][0]["raw_data"]["id"] == shown["data"][0]["platform_unique_id"]
    assert "contact" in shown["data"][0]
    assert shown["next"].startswith("live.")
    before = {noun: await connected.listed(noun, limit=23) for noun in
              ("orders", "items", "fulfillments", "transactions", "company_info", "balances")}
    theirs = await connected.shop("GET", "/orders", None, {"size": "250"})
    assert [one["platform_unique_id"] for one in before["orders"]] == [one["id"] for one in theirs["results"]]
    assert connected.streams() == {}, "a live read moves no mark"
    await connected.sync()
    for noun, rows in before.items():
        assert told(await page(connected, noun)) == ("store", "true")
        assert sorted(rows, key=lambda row: row["rootfi_id"]) == await connected.listed(noun, limit=1000), noun


async def test_the_age_of_an_answer_is_that_of_the_oldest_read(connected: Connected) -> None:
    made = connected.connection().created_at
    filtered = await page(connected, "orders", "&status=pending")
    assert told(filtered) == ("store", "false")
    assert filtered.headers["x-entrepot-as-of"] == text_ms(made)
    across = await connected.ok("GET", "/v4/ecommerce/orders?limit=1")
    assert (told(across), across.headers["x-entrepot-as-of"]) == (("store", "false"), text_ms(made))
    live_one = await page(connected, "orders", "&limit=1")
    assert live_one.headers["x-entrepot-as-of"] >= text_ms(now_ms() - 2000)
    await connected.sync()
    read_at = connected.streams()["orders"].read_at
    assert read_at is not None
    for query in ("", "&status=pending", "&sort[order_date]=ASC", "&include_deleted_records=true"):
        found = await page(connected, "orders", query)
        assert (told(found), found.headers["x-entrepot-as-of"]) == (("store", "true"), text_ms(read_at))
    one = found.json()["data"][0]["platform_id"]
    single = await connected.ok("GET", f"/v4/ecommerce/orders/{one}")
    assert (told(single), single.headers["x-entrepot-as-of"]) == (("store", "true"), text_ms(read_at))
    await connected.ok("POST", "/v3/core/real_time", {"company_id": connected.company, "data_model": "ORDERS"})
    assert connected.streams()["orders"].read_at == read_at, "neither a live read nor a write makes the rest younger"


async def test_a_cursor_stays_good_when_the_sync_ends_in_between(connected: Connected) -> None:
    first = (await page(connected, "orders", "&limit=15")).json()
    await connected.sync()
    seen = list(first["data"])
    cursor = first["next"]
    while cursor:
        found = (await connected.ok(
            "GET", f"/v4/ecommerce/orders?company_id={connected.company}&limit=15&next={cursor}")).json()
        seen += found["data"]
        cursor = found["next"]
    assert len(seen) == len({one["rootfi_id"] for one in seen}) == ORDERS


async def test_a_cursor_goes_on_behind_the_record_that_was_last_though_the_shop_moved(connected: Connected) -> None:
    first = (await page(connected, "contacts", "&limit=3")).json()
    gone = first["data"][0]["platform_unique_id"]
    await connected.shop("PATCH", f"/buyers/{first['data'][1]['platform_unique_id']}", {"note": "moved"})
    await connected.one.engine.shop(connected.connection()).send("DELETE", f"/buyers/{gone}", writes=False)
    rest = (await page(connected, "contacts", f"&limit=1000&next={first['next']}")).json()["data"]
    theirs = {one["id"] for one in (await connected.shop("GET", "/buyers", None, {"size": "250"}))["results"]}
    answered = {one["platform_unique_id"] for one in (*first["data"], *rest)}
    assert answered == theirs | {gone}
    assert not {one["rootfi_id"] for one in first["data"]} & {one["rootfi_id"] for one in rest}


async def test_a_cursor_of_another_list_company_or_making_is_none(connected: Connected) -> None:
    cursor = (await page(connected, "orders", "&limit=3")).json()["next"]
    engine = connected.one.engine
    assert read_place(engine, connected.company, cursor) is not None
    assert read_place(engine, connected.company + 1, cursor) is None
    for query, noun in (
        (f"&next={cursor}", "contacts"), (f"&next={cursor[:-4]}AAAA", "orders"), ("&next=live.", "orders"),
        (f"&next={cursor}&status=pending", "orders"), (f"&next={cursor}&sort[order_date]=ASC", "orders"),
        (f"&prev={cursor}", "orders"), ("&next=live.%C3%B6%00", "orders"),
    ):
        found = await page(connected, noun, query)
        assert (found.status, found.error()["code"]) == (400, "invalid-params"), query
        assert found.error()["field"] in ("next", "prev")


async def test_a_record_is_read_live_by_every_id_it_has(connected: Connected) -> None:
    ident = (await connected.shop("GET", "/orders", None, {"size": "250"}))["results"][5]["id"]
    for path in (f"{ident}_1", ident, f"{ident}?company_id={connected.company}",
                 f"{ident}?connection_id={connected.connection_id}"):
        found = await connected.ok("GET", f"/v4/ecommerce/orders/{path}")
        assert (told(found), found.json()["platform_unique_id"]) == (("live", "true"), ident)
    buyer = (await page(connected, "contacts", "&limit=1")).json()["data"][0]
    await connected.shop("PATCH", f"/buyers/{buyer['platform_unique_id']}", {"full_name": "Changed Meanwhile"})
    fresh = await connected.ok("GET", f"/v4/ecommerce/contacts/{buyer['rootfi_id']}")
    assert (told(fresh), fresh.json()["name"]) == (("live", "true"), "Changed Meanwhile")
    for wrong in ("ord_none_1", "ord_none", f"{ident}_7", "99999999"):
        assert (await connected.call("GET", f"/v4/ecommerce/orders/{wrong}")).status == 404, wrong


async def test_a_child_is_read_with_its_owner_and_a_guest_where_it_came_from(connected: Connected) -> None:
    parcels = (await page(connected, "fulfillments", "&limit=2")).json()["data"]
    found = await connected.ok("GET", f"/v4/ecommerce/fulfillments/{parcels[0]['platform_id']}")
    assert (told(found), found.json()) == (("live", "true"), parcels[0])
    assert (await connected.call("GET", "/v4/ecommerce/fulfillments/par_none_1")).status == 404
    orders = (await page(connected, "orders", "&limit=40")).json()["data"]
    guest = next(one["contact_id"] for one in orders if one["contact_id"].startswith("guest_"))
    found = await connected.ok("GET", f"/v4/ecommerce/contacts/{guest}")
    assert told(found) == ("store", "false"), "no call of the shop knows a guest"


async def test_what_the_shop_has_no_more_is_not_found_and_not_removed(connected: Connected) -> None:
    one = (await page(connected, "contacts", "&limit=1")).json()["data"][0]
    await connected.one.engine.shop(connected.connection()).send(
        "DELETE", f"/buyers/{one['platform_unique_id']}", writes=False)
    assert (await connected.call("GET", f"/v4/ecommerce/contacts/{one['rootfi_id']}")).status == 404
    kept = (await page(connected, "contacts", f"&rootfi_id={one['rootfi_id']}")).json()["data"]
    assert kept == [one]


async def test_a_shop_that_does_not_answer_is_spoken_for_by_the_store(connected: Connected) -> None:
    await connected.faults("error=503@GET /v1/orders*2")
    first = await page(connected, "orders")
    assert (first.status, first.error()["code"]) == (400, "platform-denied"), "the store has nothing"
    single = await connected.call("GET", "/v4/ecommerce/orders/ord_00000001_1")
    assert (single.status, single.error()["code"]) == (400, "platform-denied")
    good = (await page(connected, "orders", "&limit=5")).json()
    await connected.faults("error=503@GET /v1/orders*4")
    found = await page(connected, "orders", "&limit=5")
    assert told(found) == ("store", "false")
    assert found.json()["data"] == sorted(good["data"], key=lambda row: row["rootfi_id"])
    one = await connected.ok("GET", f"/v4/ecommerce/orders/{good['data'][0]['platform_id']}")
    assert (told(one), one.json()) == (("store", "false"), good["data"][0])
    onward = await page(connected, "orders", f"&limit=5&next={good['next']}")
    assert onward.status == 400, "a live cursor means nothing in the store"


async def test_a_shop_that_asks_to_wait_is_waited_for(connected: Connected) -> None:
    await connected.faults("throttle=9@GET /v1/orders*1")
    found = await page(connected, "orders")
    assert found.status == 429
    assert 1 <= int(found.headers["retry-after"]) <= 9
    assert found.error()["code"] == "platform-denied"


async def test_a_shop_that_lets_nobody_in_is_expired_and_the_store_answers(connected: Connected) -> None:
    good = (await page(connected, "orders", "&limit=5")).json()["data"]
    await connected.faults("error=401@GET /v1/orders*1")
    found = await page(connected, "orders", "&limit=5")
    assert told(found) == ("store", "false")
    assert connected.connection().status == "EXPIRED"
    found = await page(connected, "orders", "&limit=5")
    assert (told(found), len(found.json()["data"])) == (("store", "false"), len(good))


async def test_several_shops_are_walked_one_after_the_other(connected: Connected) -> None:
    await connected.sync()
    second = await connected.connect("second", orders=9)
    await wait_for_the_memory()
    first = await page(connected, "orders", f"&limit={ORDERS}")
    assert told(first) == ("store", "true"), "its part of the list is complete"
    last = await page(connected, "orders", f"&limit=20&next={first.json()['next']}")
    assert (told(last), len(last.json()["data"]), last.json()["next"]) == (("live", "true"), 9, None)
    both = await connected.listed("orders", limit=7)
    assert [one["platform_id"].rpartition("_")[2] for one in both] == ["1"] * ORDERS + ["2"] * 9
    mixed = await page(connected, "orders", "&limit=100")
    assert (told(mixed), len(mixed.json()["data"])) == (("live", "true"), ORDERS + 9)
    assert mixed.headers["x-entrepot-as-of"] == text_ms(connected.streams()["orders"].read_at or 0)
    assert told(await page(connected, "orders", f"&connection_id={connected.connection_id}")) == ("store", "true")
    assert told(await page(connected, "orders", f"&connection_id={second}")) == ("live", "true")
    assert told(await page(connected, "orders", "&status=pending")) == ("store", "false")
    ident = next(one for one in both if one["platform_id"].endswith("_2"))["platform_unique_id"]
    found = await connected.ok("GET", f"/v4/ecommerce/orders/{ident}_2")
    assert told(found) == ("live", "true")


async def wait_for_the_memory() -> None:
    """A new connection is seen within a second, in this process and in others."""
    await asyncio.sleep(freshness.KEPT_S)


async def test_a_company_without_a_shop_has_empty_lists_that_are_complete(alone: Connected) -> None:
    found = await page(alone, "orders")
    assert (told(found), found.json()["data"]) == (("store", "true"), [])
    alone.connection_id = await alone.connect()
    assert told(await page(alone, "orders")) == ("live", "true"), "its first shop is seen at once"


async def test_reading_may_be_forbidden_for_a_data_model(connected: Connected) -> None:
    with connected.one.engine.store.write(connected.scope) as session:
        frequencies.set_config(session, connected.connection_id, "order", "DAILY", 1, access={"READ": False})
    assert told(await page(connected, "orders")) == ("store", "false")
    denied = await connected.call("POST", "/v4/core/real_time", {
        "company_id": connected.company, "data_model": "ORDERS", "variables": {}})
    assert denied.error()["code"] == "operation-denied"


async def test_a_write_that_comes_between_is_not_undone(connected: Connected) -> None:
    """The page was read, then a caller changed one of its records, then the page is stored."""
    engine = connected.one.engine
    target, other = (await page(connected, "contacts", "&limit=2")).json()["data"]
    with engine.store.read(connected.scope) as session:
        way = live.reach(engine, session, connected.connection(), "customer")
    assert way is not None
    read = way.stream.read

    async def slow(shop: Shop, start: Start) -> AsyncIterator[Page]:
        async for one in read(shop, start):
            await connected.ok("PUT", f"/v4/ecommerce/contacts/{target['platform_id']}", {
                "company_id": connected.company, "data": [{"name": "Written Meanwhile"}]})
            yield one

    await connected.shop("PATCH", f"/buyers/{other['platform_unique_id']}", {"full_name": "Moved Before"})
    late = Live(engine, dataclasses.replace(way, stream=dataclasses.replace(way.stream, read=slow)))
    [found] = [one async for one in late.pages(None)]
    assert target["platform_unique_id"] in found.uids
    both = f"&rootfi_id[in]={target['rootfi_id']},{other['rootfi_id']}"
    names = {one["rootfi_id"]: one["name"] for one in (await page(connected, "contacts", both)).json()["data"]}
    assert names == {target["rootfi_id"]: "Written Meanwhile", other["rootfi_id"]: "Moved Before"}


async def test_the_first_sync_removes_what_was_read_live_and_is_gone_since(connected: Connected) -> None:
    shown = (await page(connected, "contacts", "&limit=30")).json()["data"]
    gone = shown[4]["platform_unique_id"]
    await connected.one.engine.shop(connected.connection()).send("DELETE", f"/buyers/{gone}", writes=False)
    with connected.one.engine.store.read(connected.scope) as session:
        logged = changes.since(session, connected.company, 0)
        lately = written(session, connected.company, connected.connection_id, 0, but_mine=False)
    assert {(one.is_initial, one.cause) for one in logged} == {(True, "live")}, "they belong to the first load"
    assert {("customer", one["rootfi_id"]) for one in shown} <= lately, "and a sync that runs meanwhile spares them"
    await connected.sync()
    found = await page(connected, "contacts", "&limit=1000")
    assert told(found) == ("store", "true")
    theirs = {one["id"] for one in (await connected.shop("GET", "/buyers", None, {"size": "250"}))["results"]}
    stored = {one["platform_unique_id"] for one in found.json()["data"]}
    assert gone not in stored
    assert theirs <= stored
    assert {one for one in stored - theirs if not one.startswith("guest_")} == set()


async def test_a_row_that_does_not_fit_is_set_aside_and_the_rest_is_answered(connected: Connected) -> None:
    engine = connected.one.engine
    with engine.store.read(connected.scope) as session:
        way = live.reach(engine, session, connected.connection(), "order")
    assert way is not None
    read = way.stream.read

    async def torn(shop: Shop, start: Start) -> AsyncIterator[Page]:
        async for one in read(shop, start):
            yield dataclasses.replace(one, rows=[b'{"id": 7}', *one.rows[1:]])

    pages = [one async for one in Live(engine, dataclasses.replace(
        way, stream=dataclasses.replace(way.stream, read=torn))).pages(None)]
    assert len(pages[0].uids) == ORDERS - 1
    with engine.store.read(connected.scope) as session:
        assert strays.how_many(session, connected.connection_id) == 1
