"""The demo shop is read whole, incrementally, in pieces; what is held afterwards is what the shop has."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from entrepot.errors import NeedsReauth, Throttled, Transient
from entrepot.kit.spec import Marks, Mode, Page, Start
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.order import Order
from tests.connectors.demo.mirror import INSTALLED, Mirror
from tests.simulators.caller import DAY, Json

LISTED = {"orders": "/orders", "customers": "/buyers", "products": "/articles", "inventory": "/stock"}
EDITS: dict[str, Json] = {
    "orders": {"remark": "edited"}, "customers": {"note": "edited"}, "products": {"text": "edited"},
    "inventory": {"on_hand": 77},
}


def everything(mirror: Mirror, mode: str = "full") -> None:
    for stream in INSTALLED.connector.streams:
        mirror.sync(stream.name, "full" if mode == "full" or not stream.incremental else "incremental")


def test_a_full_read_holds_every_object_of_the_shop(mirror: Mirror) -> None:
    everything(mirror)
    for name, path in LISTED.items():
        rows = mirror.caller.rows(path, size=500)
        noun = INSTALLED.connector.stream(name).nouns[0]
        held = {uid for uid in mirror.of(noun) if not uid.startswith("guest_")}
        assert held == {row["id"] for row in rows}
    orders = mirror.caller.rows("/orders", size=500)
    assert mirror.of("fulfillment").keys() == {one["id"] for row in orders for one in row["parcels"]}
    assert mirror.of("transaction").keys() == {one["id"] for row in orders for one in row["payments"]}
    assert len(mirror.of("balance")) == 6
    assert len(mirror.of("company_info")) == 1


def test_what_is_announced_is_what_comes(mirror: Mirror) -> None:
    for name in LISTED:
        pages = mirror.pages(name, Start("full"))
        assert {page.announced for page in pages} == {sum(len(page.rows) for page in pages)}


def test_reading_again_changes_nothing(mirror: Mirror) -> None:
    everything(mirror)
    before = mirror.changed
    everything(mirror)
    everything(mirror, "incremental")
    assert mirror.changed == before


@pytest.mark.parametrize("name", LISTED)
def test_an_edit_of_the_oldest_object_arrives_incrementally(mirror: Mirror, name: str) -> None:
    full = mirror.sync(name, "full")
    mirror.caller.advance(30 * DAY)
    mirror.sync(name)
    oldest = mirror.caller.call("GET", LISTED[name], size=1)["results"][0]["id"]
    mirror.caller.advance(3600)
    mirror.caller.call("PATCH", f"{LISTED[name]}/{oldest}", EDITS[name])
    before = mirror.held[INSTALLED.connector.stream(name).nouns[0], oldest]
    pages = mirror.sync(name)
    assert mirror.held[INSTALLED.connector.stream(name).nouns[0], oldest] != before
    assert size(pages) < size(full) / 5


def size(pages: list[Page]) -> int:
    return sum(len(row) for page in pages for row in page.rows)


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("stop_after", [1, 2])
def test_what_happened_meanwhile_arrives_whole_however_often_the_read_stops(
    mirror: Mirror, name: str, stop_after: int, tmp_path: Path,
) -> None:
    mirror.sync(name, "full")
    mirror.caller.advance(2 * DAY)
    path = LISTED[name]
    rows = mirror.caller.rows(path, size=500)
    mirror.caller.call("PATCH", f"{path}/{rows[-1]['id']}", EDITS[name])
    if name != "inventory":
        for row in (rows[0], rows[-2]):
            mirror.caller.call("DELETE", f"{path}/{row['id']}")
    mirror.caller.advance(1)
    mirror.sync(name, stop_after=stop_after)
    fresh = Mirror(tmp_path)
    fresh.sync(name, "full")
    assert mirror.held == fresh.held
    fresh.close()


def test_a_full_read_finds_what_was_deleted(mirror: Mirror) -> None:
    mirror.sync("orders", "full")
    assert ("fulfillment", "par_00000001_1") in mirror.held
    mirror.caller.call("DELETE", "/orders/ord_00000001")
    mirror.sync("orders", "full")
    assert not [key for key, record in mirror.held.items() if "00000001" in key[1] and key[0] != "customer"]


def test_a_full_read_of_customers_keeps_the_guests(mirror: Mirror) -> None:
    mirror.sync("orders", "full")
    guests = {uid for uid in mirror.of("customer") if uid.startswith("guest_")}
    mirror.sync("customers", "full")
    assert guests
    assert guests <= mirror.of("customer").keys()


def test_resuming_from_every_bookmark_gives_the_same_rows(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path, size=1300)
    for mode, since in (("full", {}), ("incremental", {"as_of": "2020-01-01T00:00:00.000Z"})):
        start = Start("full" if mode == "full" else "incremental", since)
        whole = mirror.pages("orders", start)
        rows = [row for page in whole for row in page.rows]
        assert len(whole) >= 6
        for number, page in enumerate(whole[:-1]):
            rest = mirror.pages("orders", Start(start.mode, since, page.bookmark))
            assert [row for page in whole[: number + 1] for row in page.rows] + [
                row for page in rest for row in page.rows] == rows
            assert rest[-1].watermark == whole[-1].watermark
    mirror.close()


def test_children_follow_without_their_parents_being_asked_for(mirror: Mirror) -> None:
    made = mirror.caller.call("POST", "/orders", {"currency": "EUR", "lines": [{"unit_price": "10"}] * 300})
    mirror.sync("orders", "full")
    order = mirror.held["order", made["id"]]
    assert isinstance(order, Order)
    assert len(order.line_items) == 300
    mirror.caller.advance(600)
    mirror.caller.call("POST", f"/orders/{made['id']}/payments")
    mirror.caller.call("POST", f"/orders/{made['id']}/parcels", {"state": "underway"})
    mirror.caller.call("POST", f"/orders/{made['id']}/refunds", {"amount": "10"})
    mirror.sync("orders")
    order = mirror.held["order", made["id"]]
    assert isinstance(order, Order)
    assert (order.status, order.payment_status, order.fulfillment_status) == (
        "shipped", "partially_refunded", "fulfilled")
    assert sum(getattr(one, "order_id", "") == made["id"] for one in mirror.of("transaction").values()) == 2
    assert sum(getattr(one, "order_id", "") == made["id"] for one in mirror.of("fulfillment").values()) == 1


def test_guests_are_contacts_and_their_orders_point_at_them(mirror: Mirror) -> None:
    mirror.sync("orders", "full")
    mirror.sync("customers", "full")
    for order in mirror.of("order").values():
        assert isinstance(order, Order)
        buyer = mirror.held["customer", order.customer_id or ""]
        assert isinstance(buyer, Customer)
        assert buyer.is_guest == buyer.platform_unique_id.startswith("guest_")
        assert not buyer.is_guest or buyer.email == order.email


def test_probing_learns_the_shop_and_a_wrong_token_says_so(mirror: Mirror) -> None:
    assert mirror.settings["currency"] == "EUR"
    assert "JPY" in mirror.settings["sells_in"].split(",")
    mirror.token = "wrong"
    with pytest.raises(NeedsReauth):
        mirror.wait(INSTALLED.connector.probe(mirror.shop()))


@pytest.mark.parametrize(("fault", "expected"), [
    ("throttle=86400", Throttled), ("error=503", Transient), ("html", Transient), ("cut", Transient),
    ("reset", Transient),
])
def test_a_fault_in_the_middle_loses_no_page(mirror: Mirror, fault: str, expected: type[Exception]) -> None:
    first = mirror.pages("orders", Start("full"), at_most=1)[0]
    mirror.caller.call("POST", "/control/faults", {"faults": f"{fault}@GET /v1/orders*1"})
    with pytest.raises(expected):
        mirror.pages("orders", Start("full", {}, first.bookmark))
    mirror.close()
    mirror.__post_init__()
    rest = mirror.pages("orders", Start("full", {}, first.bookmark))
    assert sum(len(page.rows) for page in (first, *rest)) == 300


@pytest.mark.parametrize("name", LISTED)
def test_nothing_older_than_a_date_is_fetched(mirror: Mirror, name: str) -> None:
    rows = mirror.caller.rows(LISTED[name], size=500)
    begin = sorted(row["created_at"] for row in rows)[len(rows) // 2]
    expected = {row["id"]: row["created_at"] for row in rows if row["created_at"] >= begin}

    def read(mode: Mode, since: Marks) -> dict[str, str]:
        return {row["id"]: row["created_at"] for page in mirror.pages(name, Start(mode, since, None, begin))
                for row in map(msgspec.json.decode, page.rows)}

    assert 0 < len(expected) < len(rows)
    assert read("full", {}) == expected
    assert read("incremental", {"as_of": "2000-01-01T00:00:00.000Z"}) == expected
    marks = mirror.pages(name, Start("full"))[-1].watermark
    older, younger = (next(row["id"] for row in rows if (row["id"] in expected) is young) for young in (False, True))
    for ident in (older, younger):
        mirror.caller.advance(300)
        mirror.caller.call("PATCH", f"{LISTED[name]}/{ident}", EDITS[name])
    found = read("incremental", marks)
    assert (older in found, younger in found) == (False, True)
    assert min(found.values()) >= begin
    assert INSTALLED.connector.stream(name).dated
