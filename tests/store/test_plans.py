"""Hot statements go by the index that answers them: none walks through a whole company to find a page's worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from entrepot.clock import from_ms
from entrepot.store.records import tombstone, upsert
from entrepot.store.records_read import Condition, PageQuery, bodies, find, page, resolve
from entrepot.store.sqlite import SqliteDriver
from entrepot.store.store import Session
from tests.store.shops import Shop, family

WALKS = "(company_id=?)"
"""What SQLite's plan says of an index of which only the company is used."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Every statement that SQLite is sent, with its last parameters."""
    seen: dict[str, Any] = {}
    fetch = SqliteDriver.fetch

    def spy(self: SqliteDriver, connection: Any, sql: str, params: Sequence[object]) -> Any:
        seen[sql] = params
        return fetch(self, connection, sql, params)

    monkeypatch.setattr(SqliteDriver, "fetch", spy)
    return seen


def walking(session: Session, statements: dict[str, Any]) -> list[str]:
    """The statements without a limit, or that sort, whose plan has only the company to go by."""
    found = []
    for sql, params in list(statements.items()):
        plan = [row[3] for row in session.raw.execute(f"EXPLAIN QUERY PLAN {sql}", params)]
        walks = any(line.endswith(WALKS) and "ecommerce_" in line for line in plan)
        if walks and (" LIMIT " not in sql or any("TEMP B-TREE FOR ORDER BY" in line for line in plan)):
            found.append(f"{sql}: {plan}")
    return found


def test_no_hot_statement_walks_a_company(shop: Shop, statements: dict[str, Any]) -> None:
    if shop.store.dialect != "sqlite":
        assert shop.store.dialect == "postgresql"  # which has statistics, and ANALYZE in time: see first_load
        return
    target = shop.target
    with shop.store.write(shop.scope) as session:
        for total in ("1", "2"):
            upsert(session, target, [family(n, parcels=[1], payments=[1], total=total) for n in range(5)],
                   cause="sync")
        tombstone(session, target, "order", ["order_1"], cause="sync")
        tombstone(session, target, "fulfillment", ["ful_2_1"], cause="sync")
        for condition in (Condition("order_number", "eq", "3"), Condition("order_number", "in", ["3", "4"]),
                          Condition("rootfi_updated_at", "gte", from_ms(1))):
            for connection in (None, target.connection_id):
                assert page(session, PageQuery("order", target.company_id, connection, conditions=[condition])).rows
        find(session, "order", "order_3_1")
        bodies(session, "order", target.company_id, [(target.connection_id, "order_3")])
        resolve(session, target.company_id, target.connection_id, "order", "order_3_1")
        assert len(statements) > 20
        assert walking(session, statements) == []
        statements["SELECT 1 FROM ecommerce_orders WHERE company_id = ? AND status = 'x'"] = (1,)
        assert len(walking(session, statements)) == 1
