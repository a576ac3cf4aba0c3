"""Keyset pages: every row once, in order, in both directions, whatever the size of the page."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from entrepot.kit.spec import Family, Mapped
from entrepot.model.ecommerce.product import Product
from entrepot.store.query import Condition, PageQuery, Position, Row, Sort
from entrepot.store.records import upsert
from entrepot.store.records_read import count, page
from entrepot.store.scope import Scope
from entrepot.store.store import Session
from tests.store.shops import Shop, customer, family, shop_in

SORTS = [None, *(Sort(field, down) for down in (False, True) for field in (
    "total_amount", "order_number", "status", "updated_at", "rootfi_updated_at", "rootfi_id", "email", "description"))]


def walk(session: Session, query: PageQuery, *, backward: bool = False) -> list[Row]:
    found: list[Row] = []
    edge: Position | None = None
    if backward:
        found = [walk(session, query)[-1]]
        edge = found[0].position
    while True:
        got = page(session, replace(query, before=edge) if backward else replace(query, after=edge))
        assert len(got.rows) <= query.limit
        found = [*got.rows, *found] if backward else [*found, *got.rows]
        if not got.has_more:
            return found
        edge = (got.rows[0] if backward else got.rows[-1]).position


@pytest.fixture
def orders(shop: Shop) -> Shop:
    amounts = ["5", "5", "5", "0.1", "-3", "12.345678", "99"]
    families = [family(n, total=amounts[n % 7]) for n in range(20)]
    for n, one in enumerate(families):
        record: Any = one.parent.record
        record.email = None if n % 3 else f"{'aBcÄ'[n % 4]}@x"
        record.description = None if n % 2 else str(n % 4)
        record.order_number = f"n{n // 2}"
        record.status = "pending" if n % 2 else "shipped"
        if n % 5 == 0:
            record.total_amount = None
    with shop.store.write(shop.scope) as session:
        for start in range(0, 20, 3):
            upsert(session, shop.target, families[start:start + 3], cause="sync")
    return shop


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_all_rows_once_and_in_order(orders: Shop, sort: Sort | None) -> None:
    query = PageQuery("order", orders.target.company_id, sort=sort, limit=1000)
    with orders.store.read(orders.scope) as session:
        whole = page(session, query).rows
        assert len(whole) == 20
        known = [row.sort_value for row in whole if row.sort_value is not None]
        assert [row.sort_value for row in whole[len(known):]] == [None] * (20 - len(known))
        if sort is not None:
            key = [value.encode() if isinstance(value, str) else value for value in known]
            assert key == sorted(key, reverse=sort.descending)
        for one, two in pairwise(whole):
            if one.sort_value == two.sort_value:
                assert one.rootfi_id < two.rootfi_id
        for size in (1, 2, 3, 7, 19, 20):
            assert walk(session, replace(query, limit=size)) == whole
            assert walk(session, replace(query, limit=size), backward=True) == whole


def test_a_page_in_the_middle_has_neighbours_on_both_sides(orders: Shop) -> None:
    query = PageQuery("order", orders.target.company_id, limit=5)
    with orders.store.read(orders.scope) as session:
        whole = page(session, replace(query, limit=20)).rows
        second = page(session, replace(query, after=whole[4].position))
        assert second.rows == whole[5:10]
        assert second.has_more
        first = page(session, replace(query, before=second.rows[0].position))
        assert first.rows == whole[:5]
        assert not first.has_more


def test_parts_of_a_row(orders: Shop) -> None:
    query = PageQuery("order", orders.target.company_id, limit=1, older=True, fragment=True, raw=True, hash=True,
                      refs=("customer_id",))
    with orders.store.read(orders.scope) as session:
        (row,) = page(session, query).rows
        assert row.body.startswith(b'{"v":3')
        assert row.fragment == b'"line_items":[]'
        assert (row.raw or b"").startswith(b'{"id"')
        assert len(row.data_hash or "") == 32
        assert row.refs == ("cus_0",)
        assert row.uid == "order_0"
        with pytest.raises(ValueError, match="no column"):
            page(session, replace(query, refs=("body",)))


def test_a_position_of_another_order_is_refused(orders: Shop) -> None:
    query = PageQuery("order", orders.target.company_id, sort=Sort("total_amount"), after=Position(1, "text"))
    with orders.store.read(orders.scope) as session, pytest.raises(ValueError, match="another order"):
        page(session, query)


def test_booleans_sort_and_page(shop: Shop) -> None:
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [customer(str(n), is_guest=bool(n % 2)) for n in range(6)], cause="sync")
    with shop.store.read(shop.scope) as session:
        rows = walk(session, PageQuery("customer", shop.target.company_id, sort=Sort("is_guest"), limit=2))
    assert [row.sort_value for row in rows] == [0, 0, 0, 1, 1, 1]


def test_lists_across_companies_stay_in_the_environment(shop: Shop) -> None:
    second, foreign = shop_in(shop.store, shop.scope), shop_in(shop.store, Scope(1, 9))
    for one in (shop, second, foreign):
        with shop.store.write(one.scope) as session:
            upsert(session, one.target, [family(1), family(2)], cause="sync")
    with shop.store.read(shop.scope) as session:
        rows = walk(session, PageQuery("order", limit=3))
        assert [row.company_id for row in rows] == [shop.target.company_id] * 2 + [second.target.company_id] * 2
        assert count(session, PageQuery("order")) == 4
        only = PageQuery("order", conditions=[Condition("rootfi_company_id", "eq", second.target.company_id)])
        assert len(page(session, only).rows) == count(session, only) == 2
        with pytest.raises(ValueError, match="within a company"):
            page(session, PageQuery("order", conditions=[Condition("description", "eq", "x")]))


def test_a_list_of_one_connection(shop: Shop) -> None:
    second = shop_in(shop.store, shop.scope, company_id=shop.target.company_id, ordinal=2)
    for one in (shop, second):
        with shop.store.write(one.scope) as session:
            upsert(session, one.target, [Family(Mapped(Product(platform_unique_id="p")))], cause="sync")
    with shop.store.read(shop.scope) as session:
        both = page(session, PageQuery("product", shop.target.company_id)).rows
        only = page(session, PageQuery("product", shop.target.company_id, second.target.connection_id)).rows
    assert [row.connection_id for row in both] == [shop.target.connection_id, second.target.connection_id]
    assert only == both[1:]
