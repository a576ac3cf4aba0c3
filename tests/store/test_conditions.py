"""Conditions mean the same on both databases, and the same as in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.kit.spec import Family, Mapped
from entrepot.model import registry
from entrepot.model.ecommerce.order import Order
from entrepot.store import scaling
from entrepot.store.query import Condition, PageQuery
from entrepot.store.records import tombstone, upsert
from entrepot.store.records_read import count, page
from tests.store.shops import Shop

COMPARED: dict[str, Callable[[Any, Any], bool]] = {"eq": eq, "ne": ne, "gt": gt, "gte": ge, "lt": lt, "lte": le}
TEXTS = st.one_of(st.none(), st.text(alphabet="aAbBzéÉ%_\\'\" 1\U0001f600\x00", max_size=4))
AMOUNTS = st.one_of(st.none(), st.decimals(
    allow_nan=False, allow_infinity=False, places=8, min_value=Decimal("-1e4"), max_value=Decimal("1e18")),
    st.sampled_from([Decimal("1E-7"), Decimal("-0"), Decimal("10.10"), Decimal("1E+3"), Decimal("0.0000005")]))
TIMES = st.one_of(st.none(), st.datetimes(
    min_value=datetime(1990, 1, 1), max_value=datetime(2040, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
# Fields with a column and without one, of each kind.
FIELDS = {
    "reference": TEXTS, "description": TEXTS, "email": TEXTS, "total_amount": AMOUNTS, "amount_paid": AMOUNTS,
    "order_date": TIMES, "closed_at": TIMES, "is_test": st.booleans(), "taxes_included": st.none() | st.booleans(),
    "status": st.sampled_from(["pending", "unknown", "shipped"]),
}
ORDERS = st.lists(st.fixed_dictionaries(FIELDS), min_size=1, max_size=8)
CONDITIONS = st.sampled_from(sorted(FIELDS)).flatmap(lambda name: st.tuples(
    st.just(name), st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains"]), FIELDS[name],
    st.lists(FIELDS[name], max_size=3)))


def plain(kind: str, value: Any) -> Any:
    """A value as conditions see it."""
    if value is None:
        return None
    if kind == "money":
        return scaling.money(value)
    if kind == "time":
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return value.replace("\x00", "�").encode() if isinstance(value, str) else value


def holds(kind: str, op: str, mine: Any, asked: Any) -> bool:
    """What the condition means, in Python."""
    if op == "in":
        return mine is not None and any(one is not None and plain(kind, mine) == plain(kind, one) for one in asked)
    if op == "contains":
        return mine is not None and plain(kind, asked).lower() in plain(kind, mine).lower()
    if asked is None or mine is None:
        return {"eq": mine is asked, "ne": mine is not asked}.get(op, False)
    return COMPARED[op](plain(kind, mine), plain(kind, asked))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=ORDERS, asked=st.lists(CONDITIONS, min_size=1, max_size=12))
def test_conditions_are_what_python_says(shop: Shop, orders: list[dict[str, Any]], asked: list[Any]) -> None:
    records = [Order(platform_unique_id=str(place), **values) for place, values in enumerate(orders)]
    with shop.store.write(shop.scope) as session:
        tombstone(session, shop.target, "order", [str(n) for n in range(8)], cause="sync")
        upsert(session, shop.target, [Family(Mapped(record)) for record in records], cause="sync")
    kinds = {field.name: field.kind for field in registry.fields(Order)}
    with shop.store.read(shop.scope) as session:
        for name, op, value, values in asked:
            if (op == "contains" and (kinds[name] != "text" or value is None)) or (
                    value is None and op in ("gt", "gte", "lt", "lte")):
                continue
            condition = Condition(name, op, values if op == "in" else value)
            query = PageQuery("order", shop.target.company_id, conditions=[condition])
            expected = [
                str(place) for place, record in enumerate(orders)
                if holds(kinds[name], op, record[name], condition.value)
            ]
            found = sorted(row.uid for row in page(session, query).rows)
            assert found == expected, condition
            assert count(session, query) == len(expected)


@pytest.mark.parametrize(("condition", "error"), [
    (Condition("nothing", "eq", "x"), KeyError), (Condition("line_items", "eq", "x"), ValueError),
    (Condition("email", "gt", None), ValueError), (Condition("total_amount", "contains", Decimal(1)), ValueError),
    (Condition("email", "in", "text"), TypeError), (Condition("email", "in", ["x"] * 1001), ValueError),
])
def test_what_cannot_be_asked_is_refused(shop: Shop, condition: Condition, error: type[Exception]) -> None:
    with shop.store.read(shop.scope) as session, pytest.raises(error):
        page(session, PageQuery("order", shop.target.company_id, conditions=[condition]))


def test_every_single_field_of_every_noun_can_be_asked(shop: Shop) -> None:
    values: dict[str, Any] = {"text": "x", "enum": "x", "integer": 10**30, "money": Decimal("1e30"), "boolean": True,
                              "time": datetime(2024, 1, 1, tzinfo=UTC)}
    own = {"rootfi_id": 1, "rootfi_company_id": 1, "platform_unique_id": "x", "rootfi_created_at": values["time"],
           "rootfi_updated_at": values["time"]}
    with shop.store.write(shop.scope) as session:
        for noun in registry.NOUNS:
            upsert(session, shop.target, [Family(Mapped(noun.type(platform_unique_id="x")))], cause="sync")
    with shop.store.read(shop.scope) as session:
        for noun in registry.NOUNS:
            asked = {one.name: values[one.kind] for one in registry.fields(noun.type) if one.kind in values} | own
            for name, value in asked.items():
                for op in ("eq", "ne", "gt", "lte"):
                    query = PageQuery(noun.name, shop.target.company_id, conditions=[Condition(name, op, value)])
                    page(session, query)
                page(session, replace(query, conditions=[Condition(name, "in", [value])]))


def test_defaults_that_documents_leave_out_are_found(shop: Shop) -> None:
    assert b"is_test" not in msgspec.json.encode(Order(platform_unique_id="1"))
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [Family(Mapped(Order(platform_unique_id="1")))], cause="sync")
    with shop.store.read(shop.scope) as session:
        query = PageQuery("order", shop.target.company_id, conditions=[Condition("is_test", "eq", False)])
        assert len(page(session, query).rows) == 1
