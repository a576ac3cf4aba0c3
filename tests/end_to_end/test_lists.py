"""Lists compared with what plain Python makes of the same records: pages, filters, orders, what is added to bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from entrepot.api import v3, v4
from entrepot.api.filters import operators
from entrepot.api.view import Comparable, View
from tests.end_to_end.client import Api, Json
from tests.end_to_end.house import Company

ROUTES = [("v3", view) for view in v3.VIEWS] + [("v4", view) for view in v4.VIEWS]
NAMED = [f"{version}-{view.path}" for version, view in ROUTES]
Value = Any
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "eq": lambda has, asked: has == asked,
    "ne": lambda has, asked: has != asked,
    "gt": lambda has, asked: has is not None and has > asked,
    "gte": lambda has, asked: has is not None and has >= asked,
    "lt": lambda has, asked: has is not None and has < asked,
    "lte": lambda has, asked: has is not None and has <= asked,
    "contains": lambda has, asked: has is not None and asked.translate(_LOWER) in has.translate(_LOWER),
}


def path_of(version: str, view: View) -> str:
    return f"/{version}/ecommerce/{view.path}"


@pytest.fixture(scope="module")
def whole(reading: Company, house: Any) -> Callable[[str, View], list[Json]]:
    """A whole list, fetched once, v3's orders with their lines."""
    kept: dict[str, list[Json]] = {}
    api = house.api

    def rows(version: str, view: View) -> list[Json]:
        path = path_of(version, view)
        if path not in kept:
            kept[path] = api.rows(path, company_id=reading.ident)
        return kept[path]

    return rows


Whole = Callable[[str, View], list[Json]]


def idents(rows: Iterable[Json]) -> list[int]:
    return [row["rootfi_id"] for row in rows]


def value_of(on: Comparable, shown: Value) -> Value:
    """What is shown, as it compares: numbers as numbers, "" as unknown."""
    if shown is None or shown == "":
        return None
    if on.kind in ("money", "number"):
        return Decimal(shown)
    if on.kind == "integer":
        return int(shown)
    return shown


@pytest.mark.parametrize(("version", "view"), ROUTES, ids=NAMED)
def test_each_record_is_met_once_in_both_directions(
    api: Api, reading: Company, whole: Whole, version: str, view: View,
) -> None:
    rows = whole(version, view)
    assert rows, "the demo shop has some of everything"
    assert idents(rows) == sorted(set(idents(rows)))
    path, limit = path_of(version, view), max(1, len(rows) // 7)
    params: Json = {"company_id": reading.ident, "limit": limit, "return_count": True}
    forth = list(api.pages(path, params))
    assert idents(row for page in forth for row in page["data"]) == idents(rows)
    assert {page["total_count"] for page in forth} == {len(rows)}
    assert all(len(page["data"]) == limit for page in forth[:-1])
    assert forth[0]["prev"] is None
    back = list(api.pages(path, params, "prev", forth[-1]["prev"])) if len(forth) > 1 else []
    assert [idents(page["data"]) for page in reversed(back)] == [idents(page["data"]) for page in forth[:-1]]
    assert all(page["next"] for page in back)
    assert [list(page) for page in forth] == [["data", "prev", "next", "total_count"]] * len(forth)


@pytest.mark.parametrize(("limit", "status"), [
    (1, 200), (1000, 200), (0, 400), (1001, 400), (-1, 400), ("ten", 400), ("1.5", 400), ("", 200)])
def test_limits(api: Api, reading: Company, limit: object, status: int) -> None:
    for version in ("v3", "v4"):
        answer = api.ask(f"/{version}/ecommerce/inventories", {"company_id": reading.ident, "limit": limit})
        assert answer.status == status
        if status == 200:
            assert len(answer.json["data"]) == (limit or 100)
        else:
            assert answer.error()["field"] == "limit"


def questions(on: Comparable, rows: list[Json], name: str) -> list[tuple[str, str, list[Value]]]:
    """Operator, text to ask with, and the values that it stands for: some that are there, and one that is not."""
    shown = sorted({row[name] for row in rows if value_of(on, row[name]) is not None})
    if not shown:
        return [("eq", "", [None]), ("ne", "", [None])]
    middle = shown[len(shown) // 2]
    asked: list[tuple[str, str, list[Value]]] = [("eq", "", [None]), ("ne", "", [None])]
    for operator in operators(on):
        if operator == "in":
            some = [shown[0], middle, shown[-1]]
            if not any("," in str(one) for one in some):
                asked.append((operator, ",".join(map(text, some)), some))
        elif operator == "contains":
            piece = str(middle)[:3].swapcase()
            asked.append((operator, piece, [piece]))
        else:
            asked.append((operator, text(middle), [middle]))
    return asked


def text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("version", "view"), ROUTES, ids=NAMED)
def test_every_operator_of_every_field_means_what_python_means(
    api: Api, reading: Company, whole: Whole, version: str, view: View,
) -> None:
    rows = whole(version, view)
    asked = 0
    for name, on in view.comparables.items():
        if name == "rootfi_company_id":
            continue
        for operator, sent, values in questions(on, rows, name):
            wanted = [value_of(on, value) for value in values]
            compare = COMPARE.get(operator, COMPARE["eq"])
            expected = [row["rootfi_id"] for row in rows
                        if any(compare(value_of(on, row[name]), one) for one in wanted)]
            found = api.rows(path_of(version, view), **{"company_id": reading.ident, f"{name}[{operator}]": sent})
            assert idents(found) == expected, f"{name}[{operator}]={sent}"
            asked += 1
    assert asked > 15


def test_references_are_asked_for_by_all_three_names(api: Api, reading: Company, whole: Whole) -> None:
    orders = whole("v4", v4.ORDER)
    contact = next(one for one in whole("v4", v4.CONTACT) if one["platform_id"] == orders[5]["contact_id"])
    expected = idents(one for one in orders if one["contact_id"] == contact["platform_id"])
    for name in ("contact_id", "customer_id"):
        for ident in ("platform_id", "platform_unique_id", "rootfi_id"):
            found = api.rows("/v4/ecommerce/orders", company_id=reading.ident, **{name: contact[ident]})
            assert idents(found) == expected
    both = f"{contact['platform_id']},nobody_1"
    assert idents(api.rows("/v4/ecommerce/orders", **{
        "company_id": reading.ident, "contact_id[in]": both})) == expected
    others = idents(one for one in orders if one["contact_id"] != contact["platform_id"])
    assert idents(api.rows("/v4/ecommerce/orders", **{
        "company_id": reading.ident, "contact_id[ne]": contact["platform_id"]})) == others
    assert api.rows("/v4/ecommerce/orders", company_id=reading.ident, contact_id="nobody") == []


def test_conditions_are_joined_by_and(api: Api, reading: Company, whole: Whole) -> None:
    expected = [one["rootfi_id"] for one in whole("v4", v4.ORDER)
                if one["status"] in ("delivered", "shipped") and 20 <= one["total_amount"] < 200]
    page = api.get("/v4/ecommerce/orders", **{
        "company_id": reading.ident, "status[in]": "delivered, shipped", "total_amount[gte]": "20",
        "total_amount[lt]": "200.0", "limit": 1000, "return_count": True})
    assert idents(page["data"]) == expected
    assert page["total_count"] == len(expected) > 0


@pytest.mark.parametrize(("version", "view"), ROUTES, ids=NAMED)
def test_every_order_has_its_ties_by_id_and_its_unknown_last(
    api: Api, reading: Company, whole: Whole, version: str, view: View,
) -> None:
    rows = whole(version, view)
    for name, on in view.comparables.items():
        # In v3 words hide values, and references are shown with a suffix that is the same for all here.
        if any(len(hidden) != 1 for hidden in on.words.values()):
            continue
        known = [row for row in rows if value_of(on, row[name]) is not None]
        unknown = [row for row in rows if value_of(on, row[name]) is None]
        for way in ("ASC", "DESC"):
            key = key_of(on, name)
            ordered = sorted(known, key=key) if way == "ASC" else sorted(known, key=key, reverse=True)
            if way == "DESC":
                ordered = [row for run in runs(ordered, key) for row in sorted(run, key=lambda row: row["rootfi_id"])]
            params: Json = {"company_id": reading.ident, f"sort[{name}]": way, "limit": max(1, len(rows) // 3)}
            pages = list(api.pages(path_of(version, view), params))
            found = idents(row for page in pages for row in page["data"])
            assert found == idents([*ordered, *unknown]), f"{name} {way}"
            if len(pages) > 1:
                back = list(api.pages(path_of(version, view), params, "prev", pages[-1]["prev"]))
                assert [idents(page["data"]) for page in reversed(back)] == [
                    idents(page["data"]) for page in pages[:-1]], f"{name} {way} backwards"


def key_of(on: Comparable, name: str) -> Callable[[Json], Value]:
    """Texts by code point; references by the platform's own id, without the suffix."""
    def key(row: Json) -> Value:
        value = value_of(on, row[name])
        return value.rpartition("_")[0].encode() if on.noun else value.encode() if isinstance(value, str) else value

    return key


def runs(rows: list[Json], key: Callable[[Json], Value]) -> list[list[Json]]:
    """Neighbours with the same key."""
    found: list[list[Json]] = []
    for row in rows:
        if found and key(found[-1][-1]) == key(row):
            found[-1].append(row)
        else:
            found.append([row])
    return found


@pytest.mark.parametrize(("version", "view"), ROUTES, ids=NAMED)
def test_select_and_expand_add_to_the_body(
    api: Api, reading: Company, whole: Whole, version: str, view: View,
) -> None:
    plain = whole(version, view)[:20]
    path = path_of(version, view)
    params: Json = {"company_id": reading.ident, "limit": 20}
    rows = api.get(path, **params, select="raw_data,data_hash")["data"]
    for row, before in zip(rows, plain, strict=True):
        assert {**before, "raw_data": row["raw_data"], "data_hash": row["data_hash"]} == row
        assert len(row["data_hash"]) == 32
        assert row["raw_data"] is None or isinstance(row["raw_data"], dict)
    if view.noun not in ("fulfillment", "transaction"):
        assert all(row["raw_data"]["id"] == row["platform_unique_id"] for row in rows)
    for name, expansion in view.expansions.items():
        for row, before in zip(api.get(path, **params, expand=name)["data"], plain, strict=True):
            target = row.pop(expansion.key)
            assert row == before
            assert (target is None) == (row[name] is None)
            assert target is None or target["platform_id"] == row[name]


def test_lines_of_v3_come_with_expand_only(api: Api, reading: Company, whole: Whole) -> None:
    newer = {one["rootfi_id"]: one for one in whole("v4", v4.ORDER)}
    assert all("line_items" not in one for one in whole("v3", v3.ORDER))
    for spelled in ({"expand": "line_items"}, {"expand[line_items]": "true"}):
        for row in api.rows("/v3/ecommerce/orders", company_id=reading.ident, **spelled):
            lines = row["line_items"]
            assert [one["platform_id"] for one in lines] == [
                one["platform_id"] for one in newer[row["rootfi_id"]]["line_items"]]
            assert {one["line_item_type_id"] for one in lines} == {row["platform_id"]}


def test_both_versions_tell_the_same(whole: Whole) -> None:
    names = {"customers": v4.CONTACT, "products": v4.ITEM}
    for older in v3.VIEWS:
        newer = names.get(older.path) or next(view for view in v4.VIEWS if view.path == older.path)
        first, second = whole("v3", older), whole("v4", newer)
        for base in ("rootfi_id", "platform_id", "rootfi_updated_at", "rootfi_created_at", "platform_unique_id"):
            assert [one[base] for one in first] == [one[base] for one in second], older.path
    for old, new in zip(whole("v3", v3.ORDER), whole("v4", v4.ORDER), strict=True):
        assert (old["order_status"], old["payment_status"]) == (new["status"].upper(), new["payment_status"].upper())
        assert (old["total_amount"], old["tax_amount"]) == (new["total_amount"], new["total_tax"])
    for old, new in zip(whole("v3", v3.BALANCE), whole("v4", v4.BALANCE), strict=True):
        assert isinstance(old["available_balance"], str)
        assert Decimal(old["available_balance"]) == new["available_balance"]


def test_a_companys_records_are_its_own(api: Api, reading: Company, writing: Company, whole: Whole) -> None:
    mine = set(idents(whole("v4", v4.ORDER)))
    others = set(idents(api.rows("/v4/ecommerce/orders", company_id=writing.ident)))
    everything = idents(api.rows("/v4/ecommerce/orders", limit=50))
    assert everything == sorted(set(everything))
    assert mine | others <= set(everything)
    assert not mine & others
    assert api.rows("/v4/ecommerce/orders", **{"company_id": reading.ident, "rootfi_company_id[eq]": writing.ident}) \
        == []
    linked = api.rows("/v4/ecommerce/orders", company_id=reading.ident, connection_id=reading.connection_id)
    assert set(idents(linked)) == mine
    for before, after in pairwise(linked):
        assert before["rootfi_id"] < after["rootfi_id"]
