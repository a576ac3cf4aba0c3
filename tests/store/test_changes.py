"""The log: numbered without gaps, ranges spelled out, replaced documents kept."""

from __future__ import annotations

from decimal import Decimal

from entrepot.model.ecommerce.order import Order
from entrepot.store.changes import newest, replaced, since
from entrepot.store.records import upsert
from tests.store.shops import Shop, family


def test_every_change_is_read_once_and_in_order_whatever_the_page(shop: Shop) -> None:
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [family(n, parcels=[1]) for n in range(5)], cause="sync", initial=True)
        upsert(session, shop.target, [family(n) for n in range(5, 8)], cause="sync", initial=True)
        upsert(session, shop.target, [family(2, total="7"), family(9)], cause="hook")
        upsert(session, shop.target, [family(n) for n in range(20, 25)], cause="sync", initial=True)
    company = shop.target.company_id
    with shop.store.read(shop.scope) as session:
        whole = since(session, company, 0)
        assert [change.seq for change in whole] == list(range(1, newest(session, company) + 1))
        for size in (1, 2, 3, 7, 100):
            after, seen = 0, []
            while part := since(session, company, after, size):
                seen += part
                after = part[-1].seq
            assert seen == whole
        creations = [change for change in whole if change.operation == "CREATE"]
        assert len({(change.noun, change.rootfi_id) for change in creations}) == len(creations) == 19
        (update,) = [change for change in whole if change.operation == "UPDATE"]
        found = replaced(session, company, update.seq)
        assert found is not None
        noun, before = found
        assert isinstance(before, Order)
        assert (noun, before.total_amount, update.cause) == ("order", Decimal("12.34"), "hook")
        assert replaced(session, company, 1) is None
