"""Lists of the demo shop: every row once, the middle as quick as the beginning, filters that are right."""

from __future__ import annotations

import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from entrepot_simulators.demo.documents import Article, Buyer, StockRow
from entrepot_simulators.demo.listing import Cursor
from entrepot_simulators.demo.moments import read, written
from entrepot_simulators.demo.order_documents import Order
from tests.simulators.caller import DAY, Caller

KINDS = {"orders": Order, "buyers": Buyer, "articles": Article, "stock": StockRow}


@pytest.fixture
def shop(tmp_path: Path) -> Caller:
    caller = Caller(tmp_path, orders=300, articles=40)
    caller.stop_clock()
    return caller


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize("size", [7, 100, 500])
def test_all_rows_come_once_and_are_whole(shop: Caller, path: str, size: int) -> None:
    pages = list(shop.pages(f"/{path}", size=size))
    rows = [row for page in pages for row in page["results"]]
    assert len({row["id"] for row in rows}) == len(rows) == pages[0]["paging"]["total"]
    for row in rows:
        strict = msgspec.convert(row, KINDS[path])
        assert msgspec.to_builtins(strict) == row or path in ("orders", "buyers")
        assert row.keys() == msgspec.to_builtins(strict).keys()


def test_any_object_of_a_list_is_found_by_its_id(shop: Caller) -> None:
    for path in KINDS:
        for row in shop.rows(f"/{path}", size=100)[::37]:
            assert shop.call("GET", f"/{path}/{row['id']}") == row


def test_the_same_home_shows_the_same_shop(shop: Caller, tmp_path: Path) -> None:
    again = Caller(tmp_path, orders=999)
    assert again.rows("/orders", size=500) == shop.rows("/orders", size=500)
    other = Caller(tmp_path / "other", orders=300, articles=40, seed=8)
    assert [row["contact"] for row in other.rows("/orders")] != [row["contact"] for row in shop.rows("/orders")]


def test_two_orders_share_a_moment_and_a_page_border_between_them_loses_neither(shop: Caller) -> None:
    rows = shop.rows("/orders", size=1)
    twins = [(a["id"], b["id"]) for a, b in pairwise(rows) if a["placed_at"] == b["placed_at"]]
    assert len(twins) >= 20
    since = next(row["placed_at"] for row in rows if row["id"] == twins[-1][0])
    placed = [row["id"] for row in shop.rows("/orders", size=1, updated_since=since)]
    assert set(twins[-1]) <= set(placed)


def test_changed_since_is_what_changed_since(shop: Caller) -> None:
    everything = shop.rows("/orders", size=500)
    moments = sorted(row["changed_at"] for row in everything)
    for since in (moments[0], moments[len(moments) // 2], moments[-3], moments[-1]):
        expected = {row["id"] for row in everything if row["changed_at"] >= since}
        for size in (3, 500):
            pages = list(shop.pages("/orders", size=size, updated_since=since))
            found = [row["id"] for page in pages for row in page["results"]]
            assert set(found) == expected
            assert len(found) == len(expected) == pages[0]["paging"]["total"]


@pytest.mark.parametrize("path", KINDS)
def test_edits_and_time_arrive_in_one_incremental_list(shop: Caller, path: str) -> None:
    before = {row["id"]: row for row in shop.rows(f"/{path}", size=500)}
    since = shop.call("GET", "/shop")["now"]
    oldest = next(iter(before))
    edit = {"orders": {"remark": "x"}, "buyers": {"note": "x"}, "articles": {"text": "x"}, "stock": {"on_hand": 3}}
    shop.advance(5 * DAY)
    shop.call("PATCH", f"/{path}/{oldest}", edit[path])
    after = {row["id"]: row for row in shop.rows(f"/{path}", size=500)}
    moved = {ident for ident, row in after.items() if before.get(ident) != row}
    for size in (2, 500):
        found = [row["id"] for row in shop.rows(f"/{path}", size=size, updated_since=since)]
        assert set(found) == moved
        assert len(found) == len(moved)
    assert oldest in moved
    assert len(moved) < len(after)


def test_an_unfinished_scan_goes_on_as_it_began(shop: Caller) -> None:
    first = shop.call("GET", "/orders", size=100)
    shop.advance(3 * DAY)
    shop.call("DELETE", "/orders/ord_00000250")
    shop.call("PATCH", "/orders/ord_00000260", {"remark": "edited meanwhile"})
    made = shop.call("POST", "/orders", {"currency": "EUR", "lines": [{"unit_price": "1"}]})["id"]
    rest = shop.rows("/orders", size=100, cursor=first["paging"]["next"])
    found = [row["id"] for row in (*first["results"], *rest)]
    assert found == [f"ord_{index:08d}" for index in range(300) if index != 250]
    since = first["as_of"]
    later = {row["id"] for row in shop.rows("/orders", size=500, updated_since=since)}
    assert {made, "ord_00000260", "ord_00000300"} <= later


def test_deletes_are_told(shop: Caller) -> None:
    since = shop.call("GET", "/shop")["now"]
    shop.advance(1)
    gone = ["ord_00000003", "ord_00000299", shop.call("POST", "/orders", {
        "currency": "EUR", "lines": [{"unit_price": "1"}]})["id"]]
    for ident in gone:
        shop.call("DELETE", f"/orders/{ident}")
    told = shop.rows("/orders", size=1, deleted_since=since)
    assert sorted(row["id"] for row in told) == gone
    assert shop.rows("/orders", deleted_since=shop.call("GET", "/shop")["now"])
    shop.advance(1)
    assert shop.rows("/orders", deleted_since=shop.call("GET", "/shop")["now"]) == []
    assert len(shop.rows("/orders")) == 298
    assert shop.refused("GET", f"/orders/{gone[0]}")[0] == 404


def test_orders_arrive_and_move_by_themselves(tmp_path: Path) -> None:
    shop = Caller(tmp_path, orders=100, per_hour=4)
    shop.stop_clock()
    assert len(shop.rows("/orders")) == 100
    before = {row["id"]: row for row in shop.rows("/orders", size=500)}
    shop.advance(6 * 3600)
    after = {row["id"]: row for row in shop.rows("/orders", size=500)}
    assert 20 <= len(after) - len(before) <= 28
    moved = [ident for ident, row in before.items() if after[ident] != row]
    assert moved
    assert all(after[ident]["changed_at"] > before[ident]["changed_at"] for ident in moved)
    shop.advance(40 * DAY)
    settled = {row["id"]: row for row in shop.rows("/orders", size=500)}
    shop.advance(40 * DAY)
    later = {row["id"]: row for row in shop.rows("/orders", size=500)}
    assert all(later[ident] == settled[ident] for ident in before)
    assert {"arrived", "returned", "cancelled"} <= {settled[ident]["state"] for ident in before}


@pytest.mark.parametrize(("path", "query", "at"), [
    ("/orders", {"size": "0"}, "size"), ("/orders", {"size": "501"}, "size"), ("/orders", {"cursor": "x"}, "cursor"),
    ("/orders", {"updated_since": "soon"}, "updated_since"), ("/orders", {"colour": "red"}, "colour"),
    ("/orders", {"created_since": "soon"}, "created_since"),
])
def test_odd_questions_are_refused(shop: Caller, path: str, query: dict[str, str], at: str) -> None:
    status, said = shop.refused("GET", path, **query)
    assert (status, said["at"]) == (400, at)


def test_a_million_orders_cost_nothing(tmp_path: Path) -> None:
    shop = Caller(tmp_path, orders=1_000_000)
    started = time.perf_counter()
    shop.call("GET", "/orders", size=1)
    assert time.perf_counter() - started < 1
    now = read(shop.call("GET", "/shop")["now"])

    def middle(index: int) -> str:
        return Cursor("g", index, now, 1_000_000, 0, 1_000_000, None).text()

    shop.call("GET", "/orders", size=250, cursor=middle(400_000))
    spent = []
    for index in range(500_000, 510_000, 1000):
        started = time.perf_counter()
        shop.call("GET", "/orders", size=250, cursor=middle(index))
        spent.append(time.perf_counter() - started)
    assert min(spent) < 0.05
    started = time.perf_counter()
    recent = shop.call("GET", "/orders", size=250, updated_since=written(now - 3_600_000))
    assert time.perf_counter() - started < 1
    assert 20 < recent["paging"]["total"] < 5000


def test_memory_does_not_grow_with_what_was_read(tmp_path: Path) -> None:
    shop = Caller(tmp_path, orders=1_000_000)
    now = read(shop.call("GET", "/shop")["now"])

    def sweep(first: int, last: int) -> None:
        for index in range(first, last, 500):
            shop.raw("GET", "/orders", {"size": 500, "cursor": Cursor("g", index, now, 10**6, 0, 0, None).text()})

    sweep(400_000, 415_000)  # every fate and every basket has been seen by then
    tracemalloc.start()
    try:
        sweep(700_000, 702_000)
        before, _ = tracemalloc.get_traced_memory()
        sweep(100_000, 115_000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2_000_000


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize("size", [3, 500])
def test_only_what_was_made_since(shop: Caller, path: str, size: int) -> None:
    if path != "stock":
        made = {"orders": {"currency": "EUR", "lines": [{"unit_price": "1"}]}, "buyers": {"full_name": "Ada"},
                "articles": {"title": "Lamp"}}[path]
        shop.call("POST", f"/{path}", made)
        shop.call("DELETE", f"/{path}/{shop.call('POST', f'/{path}', made)['id']}")
    rows = shop.rows(f"/{path}", size=500)
    moments = sorted(row["created_at"] for row in rows)
    edit = {"orders": {"remark": "x"}, "buyers": {"note": "x"}, "articles": {"text": "x"}, "stock": {"on_hand": 3}}
    for row in (rows[0], rows[len(rows) // 2]):
        shop.call("PATCH", f"/{path}/{row['id']}", edit[path])
    rows = shop.rows(f"/{path}", size=500)
    for since in (moments[0], moments[len(moments) // 2], moments[-1], "2999-01-01T00:00:00Z"):
        expected = {row["id"] for row in rows if row["created_at"] >= since}
        pages = list(shop.pages(f"/{path}", size=size, created_since=since))
        found = [row["id"] for page in pages for row in page["results"]]
        assert (set(found), len(found)) == (expected, len(expected))
        assert {page["paging"]["total"] for page in pages} == {None}
        changed = max(row["changed_at"] for row in rows)
        both = [row["id"] for row in shop.rows(
            f"/{path}", size=size, created_since=since, updated_since=changed)]
        assert sorted(both) == sorted(row["id"] for row in rows if row["id"] in expected
                                      and row["changed_at"] >= changed)
