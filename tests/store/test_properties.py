"""What must hold whatever a platform sends and however it is cut into pages."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from threading import Barrier
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.kit.spec import Family, Mapped
from entrepot.model.base import Address
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment
from entrepot.model.ecommerce.order import LineItem, Order
from entrepot.store.changes import newest, since
from entrepot.store.records import upsert
from entrepot.store.records_read import PageQuery, count, page
from entrepot.store.scope import SYSTEM
from tests.store.shops import Shop, family, shop_in

UIDS = st.text(alphabet="ab1_-é\U0001f600", min_size=1, max_size=3)
AMOUNTS = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-9, max_value=9) | \
    st.sampled_from([Decimal("1E-9"), Decimal("1E+9"), Decimal("0E-12")])
NAMES = st.none() | st.text(max_size=3)
LINES = st.builds(LineItem, platform_unique_id=st.none() | UIDS, name=NAMES, quantity=AMOUNTS)
ADDRESSES = st.builds(Address, type=st.sampled_from([None, "billing", "shipping"]), city=NAMES)
ORDERS = st.builds(
    Order, platform_unique_id=UIDS, email=NAMES, total_amount=AMOUNTS,
    line_items=st.lists(LINES, max_size=3), addresses=st.lists(ADDRESSES, max_size=3))
GUESTS = st.lists(st.builds(Customer, platform_unique_id=UIDS, name=NAMES), max_size=1)


@st.composite
def pages(draw: st.DrawFn) -> list[Family]:
    """Families with own ids of their own; children's own ids hang on their parents'."""
    found = []
    for order in draw(st.lists(ORDERS, max_size=6, unique_by=lambda one: one.platform_unique_id)):
        uid = order.platform_unique_id
        parcels = draw(st.lists(st.integers(0, 3), max_size=3, unique=True))
        children = [Mapped(Fulfillment(platform_unique_id=f"{uid}/{n}", order_id=uid, name="P")) for n in parcels]
        found.append(Family(Mapped(order, uid.encode()), children, [Mapped(one) for one in draw(GUESTS)]))
    return found


def rows(shop: Shop) -> dict[str, list[Any]]:
    """All live rows of the shop's connection, without ids, times and numbers, which hang on the order of arrival."""
    found = {}
    with shop.store.read(SYSTEM) as session:
        for table in ("ecommerce_orders", "ecommerce_fulfillments", "ecommerce_customers"):
            found[table] = session.unscoped(
                f"SELECT platform_unique_id, data_hash, raw_hash, stream FROM {table} WHERE connection_id = ? "
                "AND rootfi_deleted_at IS NULL ORDER BY platform_unique_id", (shop.target.connection_id,))
    return found


def put(shop: Shop, families: Sequence[Family], *, initial: bool = False) -> dict[str, Any]:
    with shop.store.write(shop.scope) as session:
        return upsert(session, shop.target, families, cause="sync", initial=initial).counts


settled = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settled
@given(families=pages())
def test_the_same_again_changes_nothing(shop: Shop, families: list[Family]) -> None:
    fresh = shop_in(shop.store, shop.scope)
    put(fresh, families)
    before = rows(fresh)
    with fresh.store.read(fresh.scope) as session:
        seq = newest(session, fresh.target.company_id)
    again = put(fresh, families)
    assert all(counts.inserted == counts.changed == counts.deleted == 0 for counts in again.values())
    assert rows(fresh) == before
    with fresh.store.read(fresh.scope) as session:
        assert newest(session, fresh.target.company_id) == seq


@settled
@given(families=pages(), edited=pages(), cuts=st.lists(st.integers(0, 6), max_size=3), initial=st.booleans())
def test_however_it_is_cut_the_rows_are_the_same(
    shop: Shop, families: list[Family], edited: list[Family], cuts: list[int], initial: bool,
) -> None:
    whole, cut = shop_in(shop.store, shop.scope), shop_in(shop.store, shop.scope)
    edges = [0, *sorted(cuts), 6]
    for some in (families, edited):
        put(whole, some, initial=initial)
        for start, end in pairwise(edges):
            put(cut, some[start:end], initial=initial)
    assert rows(whole) == rows(cut)
    for one in (whole, cut):
        company = one.target.company_id
        with one.store.read(one.scope) as session:
            for noun in ("order", "fulfillment", "customer"):
                for deleted in (False, True):
                    query = PageQuery(noun, company, include_deleted=deleted, limit=1000)
                    assert count(session, query) == len(page(session, query).rows)
            log = since(session, company, 0)
            assert [change.seq for change in log] == list(range(1, newest(session, company) + 1))


def test_writers_at_the_same_time_lose_and_double_nothing(shop: Shop) -> None:
    barrier = Barrier(4)

    def work(who: int) -> None:
        barrier.wait()
        for turn in range(6):
            families = [family(n, total=str(who * 100 + turn), parcels=[who]) for n in range(turn, turn + 8)]
            with shop.store.write(shop.scope) as session:
                upsert(session, replace(shop.target, stream="orders"), families, cause="sync")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    company = shop.target.company_id
    with shop.store.read(shop.scope) as session:
        found = page(session, PageQuery("order", company, limit=1000)).rows
        assert len(found) == len({row.uid for row in found}) == 13
        log = since(session, company, 0, 10_000)
        assert [change.seq for change in log] == list(range(1, newest(session, company) + 1))
        live = count(session, PageQuery("fulfillment", company))
        assert live == len(page(session, PageQuery("fulfillment", company, limit=1000)).rows) == 13
