"""A new view: bodies anew, nothing else."""

from __future__ import annotations

import json

from entrepot.store.records import tombstone, upsert
from entrepot.store.records_read import PageQuery, page
from entrepot.store.rendering import Renderers
from entrepot.store.rerender import NOUNS, rerender
from entrepot.store.store import Store
from tests.store.plain_renderer import PlainRenderer
from tests.store.shops import Shop, family


def test_bodies_are_written_anew_without_an_event(shop: Shop) -> None:
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [family(n, parcels=[1, 2], payments=[3]) for n in range(5)], cause="sync")
        tombstone(session, shop.target, "order", ["order_4"], cause="sync")
        tombstone(session, shop.target, "fulfillment", ["ful_3_1"], cause="sync")
    query = PageQuery("order", shop.target.company_id, include_deleted=True)
    with shop.store.read(shop.scope) as session:
        before = [row.body for row in page(session, query).rows]
    newer = Store.open(shop.store.url, Renderers(newest=PlainRenderer(5), older=PlainRenderer(3)))
    for noun in NOUNS:
        after: int | None = 0
        while after is not None:
            with newer.write(shop.scope) as session:
                after = rerender(session, shop.target.company_id, noun, after=after, limit=2)
    with newer.read(shop.scope) as session:
        rows = [row.body for row in page(session, query).rows]
    assert rows == [body.replace(b'"v":4', b'"v":5') for body in before]
    assert json.loads(rows[0])["fulfillment"][0]["v"] == 5
    newer.close()
