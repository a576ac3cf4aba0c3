"""A plain page joined by the database is the page whose rows are joined here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from entrepot.store.query import Condition, PageQuery, Position, Sort
from entrepot.store.records import tombstone, upsert
from entrepot.store.records_read import joined, page
from tests.store.shops import Shop, family

COUNT = 23


@pytest.fixture
def orders(shop: Shop) -> Shop:
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [family(n) for n in range(COUNT)], cause="sync")
    with shop.store.write(shop.scope) as session:
        tombstone(session, shop.target, "order", [family(4).parent.record.platform_unique_id], cause="sync")
    return shop


@pytest.mark.parametrize("limit", [1, 7, COUNT - 2, COUNT - 1, COUNT, 1000])
@pytest.mark.parametrize("include_deleted", [False, True])
@pytest.mark.parametrize("older", [False, True])
def test_it_is_the_same_page(orders: Shop, limit: int, include_deleted: bool, older: bool) -> None:
    query = PageQuery("order", orders.target.company_id, limit=limit, include_deleted=include_deleted, older=older)
    with orders.store.read(orders.scope) as session:
        while True:
            rows, text = page(session, query), joined(session, query)
            assert text is not None
            assert text.bodies == b",".join(row.body for row in rows.rows)
            assert (text.count, text.has_more) == (len(rows.rows), rows.has_more)
            assert (text.first, text.last) == (rows.rows[0].rootfi_id, rows.rows[-1].rootfi_id)
            if not rows.has_more:
                return
            query = replace(query, after=rows.rows[-1].position)


def test_whatever_needs_rows_gets_none(orders: Shop) -> None:
    plain = PageQuery("order", orders.target.company_id, limit=5)
    with orders.store.read(orders.scope) as session:
        for other in (
            replace(plain, sort=Sort("total_amount")), replace(plain, before=Position(10**9)), replace(plain, raw=True),
            replace(plain, hash=True), replace(plain, refs=("customer_id",)), replace(plain, fragment=True),
            replace(plain, conditions=[Condition("status", "eq", "pending")]),
            replace(plain, after=Position(2**53)),
        ):
            assert joined(session, other) is None
