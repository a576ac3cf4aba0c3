"""What an older mapping made is found again, page by page, with its payload."""

from __future__ import annotations

from dataclasses import replace

from entrepot.store.records import tombstone, upsert
from entrepot.store.remapping import older
from tests.store.shops import Shop, family


def test_older_parents_of_the_stream_are_gone_through_once(shop: Shop) -> None:
    newer = replace(shop.target, mapping_version=2)
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [family(n, guest="g", payments=[1]) for n in range(7)], cause="sync")
        upsert(session, replace(shop.target, stream="drafts"), [family(50)], cause="sync")
        upsert(session, newer, [family(3)], cause="sync")
        tombstone(session, shop.target, "order", ["order_5"], cause="sync")
    after, seen = 0, []
    while True:
        with shop.store.write(shop.scope) as session:
            rows = older(session, newer, "order", after=after, limit=2)
            families = [family(int(row.uid.removeprefix("order_")), payments=[1]) for row in rows]
            assert all(row.raw.startswith(b'{"id":"order_') for row in rows)
            counts = upsert(session, newer, families, cause="remap").counts
        if not rows:
            break
        assert counts["order"].same == len(rows)
        seen += [row.uid for row in rows]
        after = rows[-1].rootfi_id
    assert seen == [f"order_{n}" for n in (0, 1, 2, 4, 6)]
    with shop.store.read(shop.scope) as session:
        assert older(session, newer, "order") == []
        assert len(older(session, newer, "order", everything=True)) == 6
