"""Retention: old payloads and logs go in batches, the newest state stays."""

from __future__ import annotations

import pytest
from msgspec import structs

from entrepot.store import retention
from entrepot.store.records import upsert
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


def test_old_payloads_and_logs_go_and_records_stay(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [family(n, payments=[1]) for n in range(10)], cause="sync", initial=True)
        upsert(session, shop.target, [family(n, total="7") for n in range(5)], cause="sync")
    go(shop, Limits(0, 0, 0))
    query = PageQuery("order", shop.target.company_id, raw=True)
    with shop.store.read(shop.scope) as session:
        before = page(session, query).rows
        assert all(row.raw for row in before)
    assert go(shop, Limits(LATER, LATER, LATER)) > 5
    with shop.store.read(SYSTEM) as session:
        after = page(session, query).rows
        assert not any(row.raw for row in after)
        assert [row.body for row in after] == [row.body for row in before]
        assert session.unscoped("SELECT COUNT(*) FROM changes") == [(0,)]
        assert session.unscoped("SELECT COUNT(*) FROM change_ranges") == [(0,)]
    assert go(shop, Limits(LATER, LATER, LATER)) == 0


def test_a_payload_that_comes_again_is_not_written_again_and_a_new_one_goes_again(shop: Shop) -> None:
    def put(note: str) -> int:
        one = family(1)
        raw = b'{"note":"%s"}' % note.encode()
        one = structs.replace(one, parent=structs.replace(one.parent, raw=raw))
        with shop.store.write(shop.scope) as session:
            upsert(session, shop.target, [one], cause="sync")
        with shop.store.read(SYSTEM) as session:
            return int(session.unscoped("SELECT COUNT(*) FROM ecommerce_orders WHERE raw IS NOT NULL")[0][0])

    assert put("a") == 1
    go(shop, Limits(LATER, 0, 0))
    assert put("a") == 0
    assert put("b") == 1
    go(shop, Limits(LATER, 0, 0))
    with shop.store.read(SYSTEM) as session:
        assert session.unscoped("SELECT COUNT(*) FROM ecommerce_orders WHERE raw IS NOT NULL") == [(0,)]
