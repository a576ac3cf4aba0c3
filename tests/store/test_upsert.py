"""Upsert: told apart by hash, embedded ids carried, families kept whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from entrepot.errors import RowUnmappable
from entrepot.kit.spec import Family, Mapped
from entrepot.model.base import Address
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.order import Order
from entrepot.store.records import Counts, Outcome, prepare, tombstone, upsert
from entrepot.store.records_read import PageQuery, count, document_of, page, raw_of
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import OutOfScope
from tests.store.shops import Shop, customer, family


def put(shop: Shop, *families: Family, initial: bool = False, **target: Any) -> Outcome:
    with shop.store.write(shop.scope) as session:
        return upsert(session, replace(shop.target, **target), families, cause="sync", initial=initial)


def listed(shop: Shop, noun: str, **query: Any) -> list[dict[str, Any]]:
    with shop.store.read(shop.scope) as session:
        found = page(session, PageQuery(noun, shop.target.company_id, **query))
        return [json.loads(row.body) for row in found.rows]


def changes(shop: Shop) -> Sequence[Any]:
    with shop.store.read(SYSTEM) as session:
        return session.unscoped("SELECT seq, noun, operation, cause FROM changes ORDER BY seq")


def test_inserted_then_same_then_changed(shop: Shop) -> None:
    first = put(shop, family(1), family(2))
    assert first.counts == {"order": Counts(inserted=2)}
    again = put(shop, family(1), family(2))
    assert again.counts == {"order": Counts(same=2)}
    assert again.ids == first.ids
    changed = put(shop, family(1, total="99"), family(2))
    assert changed.counts == {"order": Counts(changed=1, same=1)}
    assert [row[2] for row in changes(shop)] == ["CREATE", "CREATE", "UPDATE"]
    bodies = listed(shop, "order")
    assert [body["record"]["total_amount"] for body in bodies] == [99, 12.34]


def test_embedded_rows_keep_their_ids(shop: Shop) -> None:
    ids = put(shop, family(1, lines=2)).ids
    with shop.store.read(shop.scope) as session:
        before = document_of(session, "order", shop.target.company_id, ids["order", "order_1"])
    assert isinstance(before, Order)
    assert len({row.rootfi_id for row in [*before.line_items, *before.addresses]}) == 4
    moved = family(1, lines=3)
    assert isinstance(moved.parent.record, Order)
    moved.parent.record.line_items.reverse()
    moved.parent.record.addresses[1] = Address(type="shipping", city="Köln")
    put(shop, moved)
    with shop.store.read(shop.scope) as session:
        after = document_of(session, "order", shop.target.company_id, ids["order", "order_1"])
    assert isinstance(after, Order)
    old = {row.platform_unique_id: row.rootfi_id for row in before.line_items}
    assert [old.get(row.platform_unique_id) for row in after.line_items][1:] == [
        row.rootfi_id for row in after.line_items][1:]
    assert after.line_items[0].rootfi_id not in old.values()
    assert [row.rootfi_id for row in after.addresses] == [row.rootfi_id for row in before.addresses]


def test_ids_in_the_input_do_not_count(shop: Shop) -> None:
    put(shop, family(1))
    same = family(1)
    assert isinstance(same.parent.record, Order)
    same.parent.record.line_items[0].rootfi_id = 5
    assert put(shop, same).counts["order"].same == 1


def test_a_child_belongs_to_its_parents_body_and_hash(shop: Shop) -> None:
    put(shop, family(1, parcels=[1, 2], payments=[5]))
    (body,) = listed(shop, "order")
    assert [one["record"]["platform_unique_id"] for one in body["fulfillment"]] == ["ful_1_1", "ful_1_2"]
    more = put(shop, family(1, parcels=[1, 2, 3], payments=[5]))
    assert more.counts["order"].changed == 1
    assert more.counts["fulfillment"] == Counts(inserted=1, same=2)
    (body,) = listed(shop, "order")
    assert [one["record"]["platform_unique_id"] for one in body["fulfillment"]] == ["ful_1_1", "ful_1_2", "ful_1_3"]
    assert len(body["transaction"]) == 1


def test_children_in_another_order_are_the_same(shop: Shop) -> None:
    put(shop, family(1, parcels=[1, 2]))
    assert put(shop, family(1, parcels=[2, 1])).counts["order"].same == 1


def test_missing_children_are_tombstoned_and_come_back(shop: Shop) -> None:
    ids = put(shop, family(1, parcels=[1, 2])).ids
    gone = put(shop, family(1, parcels=[2]))
    assert gone.counts["fulfillment"] == Counts(same=1, deleted=1)
    assert len(listed(shop, "fulfillment")) == 1
    assert len(listed(shop, "fulfillment", include_deleted=True)) == 2
    (body,) = listed(shop, "order")
    assert [one["record"]["platform_unique_id"] for one in body["fulfillment"]] == ["ful_1_2"]
    back = put(shop, family(1, parcels=[1, 2]))
    assert back.counts["fulfillment"] == Counts(inserted=1, same=1)
    assert back.ids["fulfillment", "ful_1_1"] == ids["fulfillment", "ful_1_1"]
    assert [row[2] for row in changes(shop) if row[1] == "fulfillment"] == ["CREATE", "CREATE", "DELETE", "CREATE"]


def test_children_of_another_stream_are_left_alone(shop: Shop) -> None:
    put(shop, family(1, payments=[1]), stream="payments")
    put(shop, family(1, total="5"), stream="orders")
    assert len(listed(shop, "transaction")) == 1


def test_children_go_with_their_parent(shop: Shop) -> None:
    put(shop, family(1, parcels=[1], payments=[2]), family(2))
    with shop.store.write(shop.scope) as session:
        outcome = tombstone(session, shop.target, "order", ["order_1", "nobody"], cause="sync")
    assert {noun: counts.deleted for noun, counts in outcome.counts.items()} == {
        "order": 1, "fulfillment": 1, "transaction": 1}
    (gone,) = [body for body in listed(shop, "order", include_deleted=True) if body["deleted"]]
    assert gone["fulfillment"][0]["deleted"]
    back = put(shop, family(1, parcels=[1], payments=[2]))
    assert back.counts["order"].inserted == 1
    assert len(listed(shop, "order")) == 2


def test_a_parent_that_loses_a_child_is_written_anew(shop: Shop) -> None:
    put(shop, family(1, parcels=[1, 2]))
    with shop.store.write(shop.scope) as session:
        outcome = tombstone(session, shop.target, "fulfillment", ["ful_1_1"], cause="sync")
    assert outcome.counts["order"].changed == 1
    assert len(listed(shop, "order")[0]["fulfillment"]) == 1
    assert put(shop, family(1, parcels=[2])).counts["order"].same == 1


def test_raw_moves_without_an_event(shop: Shop) -> None:
    ids = put(shop, customer("a", name="Jane")).ids
    other = Family(Mapped(Customer(platform_unique_id="a", name="Jane"), b'{"id":2}'))
    assert put(shop, other).counts["customer"].same == 1
    assert len(changes(shop)) == 1
    with shop.store.read(shop.scope) as session:
        assert raw_of(session, "customer", shop.target.company_id, ids["customer", "a"]) == b'{"id":2}'


def test_a_new_mapping_version_is_kept_without_an_event(shop: Shop) -> None:
    put(shop, family(1))
    assert put(shop, family(1), mapping_version=2).counts["order"].same == 1
    with shop.store.read(SYSTEM) as session:
        assert session.unscoped("SELECT mapping_version FROM ecommerce_orders") == [(2,)]
    assert len(changes(shop)) == 1


def test_the_last_of_two_wins_and_families_win_over_loose(shop: Shop) -> None:
    outcome = put(shop, family(1, total="1"), family(1, total="2", parcels=[1]), family(2, guest="g"),
                  customer("g", name="Real"), family(3, guest="g"))
    assert outcome.counts["order"].inserted == 3
    assert listed(shop, "order")[0]["record"]["total_amount"] == 2
    assert listed(shop, "customer")[0]["record"]["name"] == "Real"


def test_a_first_load_is_logged_as_ranges(shop: Shop) -> None:
    put(shop, *(family(n, parcels=[1]) for n in range(10)), initial=True)
    with shop.store.read(SYSTEM) as session:
        ranges = session.unscoped("SELECT noun, first_seq, last_seq FROM change_ranges ORDER BY first_seq")
        seqs = session.unscoped("SELECT seq FROM ecommerce_orders ORDER BY rootfi_id")
    assert changes(shop) == []
    assert ranges == [("fulfillment", 1, 10), ("order", 11, 20)]
    assert [row[0] for row in seqs] == list(range(11, 21))


def test_the_clock_of_a_company_only_moves_on(shop: Shop) -> None:
    with shop.store.write(SYSTEM) as session:
        session.unscoped("UPDATE companies SET clock = ?", (9_000_000_000_000,))
    put(shop, family(1))
    put(shop, family(2))
    assert [body["at"] for body in listed(shop, "order")] == [9_000_000_000_001, 9_000_000_000_002]


def test_counts_are_kept(shop: Shop) -> None:
    put(shop, *(family(n, parcels=[1, 2]) for n in range(5)))
    put(shop, family(0, parcels=[1]))
    query = PageQuery("fulfillment", shop.target.company_id)
    with shop.store.read(shop.scope) as session:
        assert count(session, query) == 9
        assert count(session, PageQuery("fulfillment", include_deleted=True)) == 10
        assert count(session, PageQuery("order", shop.target.company_id, shop.target.connection_id)) == 5


def test_another_scope_sees_and_writes_nothing(shop: Shop) -> None:
    put(shop, family(1))
    stranger = Scope(1, 3)
    with shop.store.read(stranger) as session:
        assert page(session, PageQuery("order")).rows == []
        with pytest.raises(OutOfScope):
            page(session, PageQuery("order", shop.target.company_id))
    with pytest.raises(OutOfScope), shop.store.write(stranger) as session:
        upsert(session, shop.target, [family(2)], cause="sync")
    with shop.store.read(shop.scope) as session, pytest.raises(AssertionError, match="without a scope"):
        session.hot("SELECT * FROM ecommerce_orders")


def test_what_cannot_be_stored_is_left_out_and_named(shop: Shop) -> None:
    bad = [Customer(platform_unique_id=""), Customer(platform_unique_id="x" * 501),
           Customer(platform_unique_id="a", total_spent=Decimal("NaN")), Customer(platform_unique_id="\ud800")]
    families = [customer("good"), *(Family(Mapped(one)) for one in bad)]
    prepared = prepare(families)
    assert sorted(prepared.refused) == [1, 2, 3, 4]
    with shop.store.write(shop.scope) as session:
        assert upsert(session, shop.target, prepared, cause="sync").counts["customer"].inserted == 1
        with pytest.raises(RowUnmappable, match="no own id"):
            upsert(session, shop.target, families, cause="sync")


def test_odd_texts_and_numbers_survive(shop: Shop) -> None:
    put(shop, customer("nul\x00", name="a\x00b \U0001f600 'quoted\" \\u0000", email="x" * 3000,
                       total_spent=Decimal("1E-7")))
    (body,) = listed(shop, "customer")
    assert body["record"]["name"] == "a�b \U0001f600 'quoted\" \\u0000"
    assert body["record"]["platform_unique_id"] == "nul�"
    again = put(shop, customer("nul\x00", name="a\x00b \U0001f600 'quoted\" \\u0000", email="x" * 3000,
                               total_spent=Decimal("1E-7")))
    assert again.counts["customer"].same == 1
    put(shop, family(1, total="999999999999999999.99999999"))
    with shop.store.read(shop.scope) as session:
        row = page(session, PageQuery("order", shop.target.company_id)).rows[0]
    assert b'"total_amount":999999999999999999.99999999' in row.body
