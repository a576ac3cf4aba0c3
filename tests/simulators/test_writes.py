"""Writes to the demo shop: kept as sent, once for each reference, refused with the input that is to blame."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tests.simulators.caller import Caller, Json

LINE = {"article_id": "art_00003", "qty": "2", "unit_price": "19.99"}


@pytest.fixture
def shop(tmp_path: Path) -> Caller:
    return Caller(tmp_path, orders=100, articles=40)


def test_a_buyer_is_kept_as_sent(shop: Caller) -> None:
    sent = {
        "full_name": "John Doe", "phone": "1234567890", "currency": "1234567890", "state": "active",
        "created_at": "2024-01-22T05:07:31.465Z", "updated_at": "2024-01-22T05:07:31.465Z",
        "addresses": [{"street": "123 Main Street", "quarter": "Main Street", "country": "USA",
                       "foreign_number": 278264, "foreign_text": "CONTACTS_1_ADDRESS"}],
    }
    made = shop.call("POST", "/buyers", sent)
    assert {name: made[name] for name in sent if name != "addresses"} == {
        name: value for name, value in sent.items() if name != "addresses"}
    assert made["addresses"][0].items() >= sent["addresses"][0].items()  # type: ignore[attr-defined]
    assert shop.call("GET", f"/buyers/{made['id']}") == made
    assert made["id"] in {row["id"] for row in shop.rows("/buyers", updated_since=made["changed_at"])}


@pytest.mark.parametrize(("path", "body"), [
    ("/buyers", {"full_name": "A"}), ("/articles", {"title": "A"}), ("/orders", {"currency": "EUR", "lines": [LINE]}),
    ("/orders/ord_00000099/parcels", {"lines": [{"line_id": "lin_00000099_1", "qty": "1"}]}),
])
def test_a_client_reference_makes_one_object(shop: Caller, path: str, body: Json) -> None:
    if path.endswith("parcels"):
        order = shop.call("POST", "/orders", {"currency": "EUR", "lines": [LINE]})
        path, body = f"/orders/{order['id']}/parcels", {}
    assert shop.rows("/" + path.rpartition("/")[2], client_reference="ours") == []
    first = shop.raw("POST", path, None, {**body, "client_reference": "ours"})
    second = shop.raw("POST", path, None, {**body, "client_reference": "ours"})
    assert (first[0], second[0]) == (201, 200)
    assert first[2] == second[2]
    assert len(shop.rows("/" + path.rpartition("/")[2], client_reference="ours")) == 1


def test_an_order_is_added_up_paid_shipped_and_refunded(shop: Caller) -> None:
    order = shop.call("POST", "/orders", {"currency": "EUR", "buyer_id": "buy_00000001", "lines": [
        LINE, {"article_id": "art_00004", "qty": "1", "unit_price": "10", "discount": "1", "tax": "0.95"}]})
    assert order["number"].startswith("W")
    assert order["sums"] == {"goods": "48.98", "discount": "1.00", "shipping": "0.00", "tax": "0.95", "total": "49.93",
                             "paid": "0.00", "refunded": "0.00", "due": "49.93"}
    paid = shop.call("POST", f"/orders/{order['id']}/payments")
    assert (paid["money"], paid["sums"]["due"]) == ("paid", "0.00")
    parcel = shop.call("POST", f"/orders/{order['id']}/parcels", {
        "state": "underway", "lines": [{"line_id": order["lines"][0]["id"], "qty": "2"}]})
    part = shop.call("GET", f"/orders/{order['id']}")
    assert (part["state"], part["dispatch"], part["lines"][0]["shipped_qty"]) == ("partly_sent", "part", "2")
    rest = shop.call("POST", f"/orders/{order['id']}/parcels", {"state": "underway"})
    assert rest["lines"] == [{"line_id": order["lines"][1]["id"], "qty": "1"}]
    for one in (parcel, rest):
        shop.call("PATCH", f"/parcels/{one['id']}", {"state": "arrived"})
    back = shop.call("POST", f"/orders/{order['id']}/refunds", {"amount": "9.93"})
    assert (back["state"], back["money"], back["sums"]["refunded"]) == ("arrived", "partly_refunded", "9.93")


def test_a_generated_order_can_be_taken_in_hand(shop: Caller) -> None:
    shop.call("PATCH", "/orders/ord_00000000", {"remark": "Ring the bell", "ship_to": {"city": "Elsewhere"}})
    order = shop.call("GET", "/orders/ord_00000000")
    assert (order["remark"], order["ship_to"]["city"], order["ship_to"]["role"]) == (
        "Ring the bell", "Elsewhere", "shipping")
    assert len(shop.rows("/orders")) == 100


def test_currencies_without_and_with_three_digits(shop: Caller) -> None:
    for currency, unit, total in (("JPY", "1200", "2400"), ("KWD", "1.255", "2.510")):
        order = shop.call("POST", "/orders", {"currency": currency, "lines": [{"qty": "2", "unit_price": unit}]})
        assert order["sums"]["total"] == total


def test_a_parent_with_300_children_keeps_them_all(shop: Caller) -> None:
    order = shop.call("POST", "/orders", {"currency": "EUR", "lines": [LINE] * 300})
    assert len(shop.call("GET", f"/orders/{order['id']}")["lines"]) == 300
    thread = shop.call("GET", "/articles/art_00007")
    assert len(thread["variants"]) == 300


def test_variants_bring_their_stock_and_take_it_away(shop: Caller) -> None:
    article = shop.call("POST", "/articles", {"title": "Kite", "variants": [{"sku": "K1"}, {"sku": "K2"}]})
    rows = [row for row in shop.rows("/stock", size=500) if row["article_id"] == article["id"]]
    assert [row["sku"] for row in rows] == ["K1", "K2"]
    changed = shop.call("PATCH", f"/stock/{rows[0]['id']}", {"on_hand": 12, "reserved": 2})
    assert (changed["free"], changed["state"]) == (10, "enough")
    kept = article["variants"][1]["id"]
    article = shop.call("PATCH", f"/articles/{article['id']}", {"variants": [{"id": kept, "sku": "K2"}, {"sku": "K3"}]})
    assert [one["sku"] for one in article["variants"]] == ["K2", "K3"]
    rows = [row for row in shop.rows("/stock", size=500) if row["article_id"] == article["id"]]
    assert [row["sku"] for row in rows] == ["K2", "K3"]
    shop.call("DELETE", f"/articles/{article['id']}")
    assert not [row for row in shop.rows("/stock", size=500) if row["article_id"] == article["id"]]


@pytest.mark.parametrize(("method", "path", "body", "status", "at"), [
    ("POST", "/buyers", {}, 422, "full_name"),
    ("POST", "/buyers", {"full_name": "A", "shoe": 1}, 422, "shoe"),
    ("POST", "/buyers", {"full_name": "A", "email": "BUYER3@example.org"}, 409, "email"),
    ("POST", "/buyers", {"full_name": "A", "created_at": "once"}, 422, "created_at"),
    ("PATCH", "/buyers/buy_99999999", {"note": "x"}, 404, None),
    ("POST", "/orders", {"currency": "EUR"}, 422, "lines"),
    ("POST", "/orders", {"currency": "XXX", "lines": [LINE]}, 422, "currency"),
    ("POST", "/orders", {"currency": "EUR", "lines": [LINE], "number": "1001"}, 409, "number"),
    ("POST", "/orders", {"currency": "EUR", "lines": [LINE], "buyer_id": "nobody"}, 422, "buyer_id"),
    ("POST", "/orders", {"currency": "EUR", "lines": [{**LINE, "article_id": "art_9"}]}, 422, "lines[0].article_id"),
    ("POST", "/orders", {"currency": "EUR", "lines": [{**LINE, "unit_price": "1e999999"}]}, 422, "lines[0].unit_price"),
    ("POST", "/orders", {"currency": "EUR", "lines": [LINE], "state": "asleep"}, 422, "state"),
    ("PATCH", "/orders/ord_00000000", {"currency": "CHF"}, 422, "currency"),
    ("POST", "/articles", {"title": "A", "variants": [{"prices": [{"currency": "EUR", "amount": "x"}]}]}, 422,
     "variants[0].prices"),
    ("PATCH", "/stock/nowhere", {"on_hand": 1}, 404, None),
    ("DELETE", "/stock/var_00000_1.loc_1", None, 405, None),
    ("GET", "/nothing", None, 404, None),
])
def test_refusals_name_what_is_to_blame_and_leave_nothing(
    shop: Caller, method: str, path: str, body: Json | None, status: int, at: str | None,
) -> None:
    counts = [len(shop.rows(f"/{name}", size=500)) for name in ("buyers", "orders", "articles")]
    answered, said = shop.refused(method, path, body)
    assert (answered, said["at"]) == (status, at)
    assert counts == [len(shop.rows(f"/{name}", size=500)) for name in ("buyers", "orders", "articles")]


def test_too_much_cannot_be_packed(shop: Caller) -> None:
    order = shop.call("POST", "/orders", {"currency": "EUR", "lines": [LINE]})
    line = {"line_id": order["lines"][0]["id"], "qty": "3"}
    assert shop.refused("POST", f"/orders/{order['id']}/parcels", {"lines": [line]})[1]["error"] == "too_many"
    shop.call("POST", f"/orders/{order['id']}/parcels", {})
    assert shop.refused("POST", f"/orders/{order['id']}/parcels", {})[1]["error"] == "nothing_left"


def test_without_the_token_nothing_opens(tmp_path: Path) -> None:
    closed = Caller(tmp_path, token="wrong", orders=5)
    assert closed.refused("GET", "/orders")[0] == 401
    assert closed.refused("POST", "/control/clock", {"advance_s": 1})[0] == 401


def _make(home: Path, worker: int) -> None:
    shop = Caller(home)
    for number in range(40):
        shop.call("POST", "/buyers", {"full_name": f"{worker}-{number}", "client_reference": f"r{number}"})
        shop.call("POST", "/buyers", {"full_name": f"{worker}-{number}"})


def test_several_processes_share_a_home(shop: Caller, tmp_path: Path) -> None:
    shop.call("GET", "/shop")
    spawning = multiprocessing.get_context("spawn")
    workers = [spawning.Process(target=_make, args=(tmp_path, worker)) for worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    made = [row for row in shop.rows("/buyers", size=500) if row["id"].startswith("buy_m")]
    assert len({row["id"] for row in made}) == len(made) == 40 + 3 * 40
