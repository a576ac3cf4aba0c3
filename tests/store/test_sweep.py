"""What a complete scan did not see is gone."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from entrepot.store import sweep as sweeping
from entrepot.store.records import Counts, upsert
from entrepot.store.records_read import PageQuery, count, page
from entrepot.store.sweep import remember_seen, sweep, unseen
from tests.store.shops import Shop, family


@pytest.mark.parametrize("window", [1, 3, 10_000])
def test_the_unseen_of_the_stream_are_deleted(shop: Shop, monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(sweeping, "_WINDOW", window)
    other = replace(shop.target, stream="drafts")
    with shop.store.write(shop.scope) as session:
        upsert(session, other, [family(n) for n in range(100, 103)], cause="sync")
        upsert(session, shop.target, [family(n, parcels=[1]) for n in range(20)], cause="sync")
    numbers = [n for n in range(20) if n % 4]
    random.Random(1).shuffle(numbers)
    for place in range(0, len(numbers), 4):
        with shop.store.write(shop.scope) as session:
            seen = upsert(session, shop.target, [family(n, parcels=[1]) for n in numbers[place:place + 4]],
                          cause="sync").seen
            for noun, ids in seen.items():
                for _ in range(2):  # a page that is repeated after a crash
                    remember_seen(session, shop.target, noun, 7, place, ids)
    with shop.store.write(shop.scope) as session:
        assert unseen(session, shop.target, "order", 7) == 5
        outcome = sweep(session, shop.target, "order", 7, cause="sync", batch=2)
        assert outcome.counts["order"] == Counts(deleted=5)
        assert outcome.counts["fulfillment"] == Counts(deleted=5)
        assert sweep(session, shop.target, "fulfillment", 7, cause="sync").counts == {}
        assert session.unscoped("SELECT COUNT(*) FROM scan_seen") == [(0,)]
    with shop.store.read(shop.scope) as session:
        assert count(session, PageQuery("order", shop.target.company_id)) == 18
        left = page(session, PageQuery("order", shop.target.company_id)).rows
    assert len(left) == 18
