"""Retention: old payloads and logs go in batches, the newest state stays."""

from __future__ import annotations

import pytest

from entrepot.store import deliveries, retention
from entrepot.store.deliveries import NewDelivery
from entrepot.store.records import tombstone, upsert
from entrepot.store.records_read import PageQuery, page
from entrepot.store.retention import Limits, let_go
from entrepot.store.scope import SYSTEM
from tests.store.shops import Shop, family

LATER = 9_000_000_000_000


def go(shop: Shop, limits: Limits) -> int:
    calls = 0
    while True:
        with shop.store.write(SYSTEM) as session:
            if not let_go(session, limits):
                return calls
        calls += 1


def test_logs_go_and_live_records_stay_whole(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [family(n, payments=[1]) for n in range(10)], cause="sync", initial=True)
        upsert(session, shop.target, [family(n, total="7") for n in range(5)], cause="sync")
    go(shop, Limits(0, 0, 0))
    query = PageQuery("order", shop.target.company_id, raw=True)
    with shop.store.read(shop.scope) as session:
        before = page(session, query).rows
    assert go(shop, Limits(LATER, LATER, LATER)) > 3, "in batches"
    with shop.store.read(SYSTEM) as session:
        after = page(session, query).rows
        assert all(row.raw for row in after)
        assert [row.body for row in after] == [row.body for row in before]
        assert session.unscoped("SELECT COUNT(*) FROM changes") == [(0,)]
        assert session.unscoped("SELECT COUNT(*) FROM change_ranges") == [(0,)]
    assert go(shop, Limits(LATER, LATER, LATER)) == 0


def test_payloads_of_the_deleted_go_and_come_back_with_the_record(
    shop: Shop, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)

    def payloads() -> int:
        with shop.store.read(SYSTEM) as session:
            return int(session.unscoped("SELECT COUNT(*) FROM ecommerce_orders WHERE raw IS NOT NULL")[0][0])

    families = [family(n) for n in range(10)]
    uids = [one.parent.record.platform_unique_id for one in families]
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, families, cause="sync")
    with shop.store.write(shop.scope) as session:
        tombstone(session, shop.target, "order", uids[:7], cause="sync")
    go(shop, Limits(1, 0, 0))
    assert payloads() == 10, "deleted a moment ago: kept"
    go(shop, Limits(LATER, 0, 0))
    assert payloads() == 3
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [family(n) for n in range(2)], cause="sync")
    assert payloads() == 5


def test_deliveries_go_with_their_attempts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    with shop.store.write(SYSTEM) as session:
        deliveries.add(session, [
            NewDelivery(scope=shop.scope, endpoint_id=1, event_id=f"evt_{n}", type="TEST", body=b"{}",
                        company_id=shop.target.company_id) for n in range(8)])
        session.unscoped("UPDATE deliveries SET created_at = CASE WHEN event_id < 'evt_5' THEN 5 ELSE 500 END")
        session.unscoped("INSERT INTO delivery_attempts (delivery, number, success, took_ms, at) "
                         "SELECT id, 1, FALSE, 1, 1 FROM deliveries")
    assert go(shop, Limits(0, 0, 0, 0, deliveries_before=100)) == 2
    with shop.store.read(SYSTEM) as session:
        assert session.unscoped("SELECT COUNT(*), MIN(event_id) FROM deliveries") == [(3, "evt_5")]
        assert session.unscoped("SELECT COUNT(*) FROM delivery_attempts") == [(3,)]
