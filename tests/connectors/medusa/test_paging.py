"""Reading while the shop changes: every row, whatever comes, moves or goes meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from entrepot.connectors.medusa.reads import moves
from entrepot.errors import Rejected, Transient
from entrepot.kit.installed import load
from entrepot.kit.spec import Marks, Page, Start
from tests.connectors.medusa.pretend import Pretend

MEDUSA = load("entrepot.connectors.medusa")
OLD, NEW = "2026-11-01T00:00:00.000Z", "2026-11-21T11:59:59.000Z"
SINCE: Marks = {"since": "2026-11-20T00:00:00.000Z", "round": "2026-11-20T00:00:00.000Z",
                "round_before": "2026-11-19T00:00:00.000Z", "customer": ""}


def pages(medusa: Pretend, stream: str, start: Start, between: Callable[[int], None] | None = None) -> list[Page]:
    """The pages of a read; ``between`` is called after each with its number."""

    async def run() -> list[Page]:
        found = []
        async for page in MEDUSA.connector.stream(stream).read(medusa.shop(), start):
            found.append(page)
            if between is not None:
                between(len(found))
        return found

    return asyncio.run(run())


def ids(found: list[Page]) -> list[str]:
    """The ids of all rows."""
    return [msgspec.json.decode(row)["id"] for page in found for row in page.rows]


def mark(found: list[Page]) -> dict[str, str]:
    """The watermark of a read."""
    merged: dict[str, str] = {}
    for page in found:
        merged.update(page.watermark)
    return merged


def rows(name: str, count: int, **more: Any) -> list[dict[str, Any]]:
    """That many rows, all of the same second."""
    return [{"id": f"{name}_{number:05}", "updated_at": OLD, **more} for number in range(count)]


@pytest.mark.parametrize("stream", ["customers", "products", "orders"])
def test_all_rows_once_although_all_are_of_one_second(stream: str) -> None:
    medusa = Pretend({stream: rows("x", 437)})
    found = pages(medusa, stream, Start("full"))
    assert ids(found) == [row["id"] for row in medusa.lists[stream]]
    assert found[0].announced == 437
    assert found[-1].bookmark is None


@pytest.mark.parametrize("stream", ["customers", "products", "orders"])
@pytest.mark.parametrize("count", [0, 1, 50, 100, 101, 200])
def test_the_end_is_found_at_every_length(stream: str, count: int) -> None:
    assert len(ids(pages(Pretend({stream: rows("x", count)}), stream, Start("full")))) == count


@pytest.mark.parametrize("stream", ["customers", "products", "orders"])
def test_going_on_from_any_bookmark_brings_the_rest(stream: str) -> None:
    medusa = Pretend({stream: rows("x", 437)})
    found = pages(medusa, stream, Start("full"))
    for number, page in enumerate(found[:-1], 1):
        rest = pages(medusa, stream, Start("full", bookmark=page.bookmark))
        assert ids(found[:number]) + ids(rest) == ids(found)
        assert mark(rest) == mark(found)


@pytest.mark.parametrize("gone", [range(30), range(99, 100), range(250), range(90, 110)])
def test_rows_that_go_meanwhile_hide_none(gone: range) -> None:
    """Products are read by offset: what is deleted shifts all that follows."""
    medusa = Pretend({"products": rows("x", 437)})

    def delete(number: int) -> None:
        if number == 1:
            dead = {f"x_{one:05}" for one in gone}
            medusa.lists["products"] = [row for row in medusa.lists["products"] if row["id"] not in dead]

    found = ids(pages(medusa, "products", Start("full"), delete))
    assert {row["id"] for row in medusa.lists["products"]} <= set(found)
    assert len(found) == len(set(found))


def test_a_keyset_that_is_ignored_is_noticed() -> None:
    with pytest.raises(Transient, match="ignores"):
        pages(Pretend({"orders": rows("x", 120)}, ignores=frozenset({"id[$gt]"})), "orders", Start("full"))


def test_a_filter_that_is_ignored_is_noticed_before_the_shop_is_connected() -> None:
    medusa = Pretend({"orders": rows("x", 3), "stores": [{"id": "store_1", "name": "Shop"}]},
                     ignores=frozenset({"updated_at[$gte]"}))
    with pytest.raises(Rejected, match="not obeyed"):
        asyncio.run(probe(medusa))


async def probe(medusa: Pretend) -> Mapping[str, str]:
    """What a new connection learns."""
    return await MEDUSA.connector.probe(medusa.shop())


def shop_with(moved: Mapping[str, str], parcels: Mapping[str, str], payments: Mapping[str, str]) -> Pretend:
    """Ninety orders of thirty buyers; those named moved, or had a parcel or a payment that did."""
    orders = [{"id": f"order_{number:05}", "updated_at": moved.get(f"order_{number:05}", OLD)} for number in range(90)]
    for one in orders:
        one["fulfillments"] = [{"updated_at": parcels[one["id"]]}] if one["id"] in parcels else []  # type: ignore[assignment]
    buyers = [{"id": f"cus_{number:05}", "orders": orders[number * 3:number * 3 + 3]} for number in range(30)]
    paid = [{"id": f"pay_{number:05}", "payment_collection": {
        "updated_at": payments.get(one["id"], OLD), "order": {"id": one["id"]}}} for number, one in enumerate(orders)]
    return Pretend({"orders": orders, "customers": buyers, "payments": paid})


def test_what_moved_is_found_wherever_it_moved() -> None:
    medusa = shop_with({"order_00001": NEW}, {"order_00044": NEW}, {"order_00007": NEW, "order_00089": NEW})
    found = pages(medusa, "orders", Start("incremental", SINCE))
    assert set(ids(found)) == {"order_00001", "order_00007", "order_00044", "order_00089"}
    assert mark(found) == {"since": "2026-11-21T12:00:00.000Z", "round": "2026-11-21T12:00:00.000Z",
                           "round_before": SINCE["round"], "customer": ""}
    listed = [query for path, query in medusa.asked if path == "/admin/orders" and query["limit"] != "0"]
    assert listed == []


def test_an_order_below_nobody_is_found_by_the_count() -> None:
    """Its customer was deleted, so that it is missing below the customers."""
    medusa = shop_with({"order_00000": NEW, "order_00050": NEW}, {}, {})
    del medusa.lists["customers"][0]
    assert set(ids(pages(medusa, "orders", Start("incremental", SINCE)))) == {"order_00000", "order_00050"}


def test_drafts_are_no_orders() -> None:
    medusa = shop_with({}, {}, {})
    medusa.lists["customers"][0]["orders"].append({"id": "order_draft", "status": "draft", "updated_at": NEW})
    assert ids(pages(medusa, "orders", Start("incremental", SINCE))) == []


def test_a_hundred_moved_orders_are_read_in_few_calls() -> None:
    moved = {f"order_{number:05}": NEW for number in range(90)}
    medusa = shop_with(moved, {}, {})
    assert set(ids(pages(medusa, "orders", Start("incremental", SINCE)))) == set(moved)
    assert len(medusa.asked) < 12


def test_an_incremental_read_goes_on_from_any_bookmark() -> None:
    payments = {f"order_{number:05}": NEW for number in range(0, 90, 2)}
    medusa = shop_with({"order_00001": NEW}, {"order_00044": NEW}, payments)
    found = pages(medusa, "orders", Start("incremental", SINCE))
    for number, page in enumerate(found[:-1], 1):
        rest = pages(medusa, "orders", Start("incremental", SINCE, bookmark=page.bookmark))
        assert set(ids(found[:number])) | set(ids(rest)) == set(ids(found))
        assert {**mark(found[:number]), **mark(rest)} == mark(found)


def test_a_large_shop_is_looked_through_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten buyers a run: a parcel that was moved past its order is found in its turn, and none is passed over."""
    monkeypatch.setattr(moves, "CUSTOMERS_A_PAGE", 10)
    monkeypatch.setattr(moves, "CUSTOMER_PAGES_A_RUN", 1)
    medusa = shop_with({"order_00080": "2026-11-21T11:00:00.000Z"}, {}, {})
    marks: Marks = SINCE
    found = []
    for run in range(8):
        if run == 1:  # behind the part that is looked through next, and in the part that was looked through already
            for buyer in (0, 25):
                medusa.lists["customers"][buyer]["orders"][0]["fulfillments"] = [
                    {"updated_at": "2026-11-21T12:30:00.000Z"}]
        medusa.date = f"Sat, 21 Nov 2026 {12 + run}:00:00 GMT"
        read = pages(medusa, "orders", Start("incremental", marks))
        marks = {**marks, **mark(read)}
        found.append(set(ids(read)))
    assert found[0] == {"order_00080"}
    assert found[1] == set()
    assert {"order_00075"} <= found[2]
    assert {"order_00000"} <= set().union(*found[3:])
    assert found[-1] == set()


BEGIN = "2026-11-10T00:00:00.000Z"


def dated(name: str, count: int) -> list[dict[str, Any]]:
    """Every third was made after ``BEGIN``."""
    return [{**row, "created_at": BEGIN if number % 3 == 0 else OLD} for number, row in enumerate(rows(name, count))]


@pytest.mark.parametrize("stream", ["customers", "products", "orders"])
def test_nothing_older_than_a_date_is_read(stream: str) -> None:
    medusa = Pretend({stream: dated("x", 437)})
    found = pages(medusa, stream, Start("full", sync_from=BEGIN))
    assert ids(found) == [f"x_{number:05}" for number in range(0, 437, 3)]
    assert found[0].announced == 146
    assert all(query["created_at[$gte]"] == BEGIN for _, query in medusa.asked)


@pytest.mark.parametrize("stream", ["customers", "products", "orders"])
def test_a_date_that_is_ignored_is_noticed(stream: str) -> None:
    medusa = Pretend({stream: dated("x", 20)}, ignores=frozenset({"created_at[$gte]"}))
    with pytest.raises(Rejected, match="created_at"):
        pages(medusa, stream, Start("full", sync_from=BEGIN))


@pytest.mark.parametrize("way", ["order", "parcel", "payment", "nobody"])
def test_an_old_order_that_moved_is_not_read_from_a_date_on(way: str) -> None:
    moved = {"order_00001": NEW, "order_00002": NEW}
    medusa = shop_with(moved if way in ("order", "nobody") else {}, moved if way == "parcel" else {},
                       moved if way == "payment" else {})
    for number, one in enumerate(medusa.lists["orders"]):
        one["created_at"] = BEGIN if number == 1 else OLD
        medusa.lists["payments"][number]["payment_collection"]["order"]["created_at"] = one["created_at"]
    if way == "nobody":
        del medusa.lists["customers"][0]
    found = pages(medusa, "orders", Start("incremental", SINCE, sync_from=BEGIN))
    assert ids(found) == ["order_00001"]
    assert mark(found)["since"] == "2026-11-21T12:00:00.000Z"
