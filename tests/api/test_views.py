"""What a record looks like: order of keys, amounts, times, references, echoed ids, children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot import clock
from entrepot.api import examples
from entrepot.api.numbers import amount_text, encode, minor_digits
from entrepot.api.renderer import RENDERERS
from entrepot.api.times import ms_text, time_text
from entrepot.model.base import Address, Record
from entrepot.model.ecommerce.balance import Balance
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.order import LineItem, Order
from entrepot.model.ecommerce.transaction import Transaction
from entrepot.store.rendering import Base

BASE = Base(1001, 42, 3, "own", 1_705_900_051_465, 1_705_900_051_466, None)


def bodies(
    record: Record, children: Mapping[str, Sequence[bytes]] | None = None, base: Base = BASE,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record in v3 and v4, v3's fragment included."""
    noun = type(record).__name__.lower()
    older = RENDERERS.older.render(noun, record, base, children or {})
    newest = RENDERERS.newest.render(noun, record, base, children or {})
    v3 = msgspec.json.decode(older.body)
    if older.fragment:
        v3 |= msgspec.json.decode(b"{%b}" % older.fragment)
    return v3, msgspec.json.decode(newest.body)


def test_keys_come_in_the_order_of_the_documented_answers() -> None:
    v3, _ = bodies(examples.RECORDS["customer"])
    assert list(v3) == [
        "rootfi_id", "rootfi_deleted_at", "rootfi_created_at", "rootfi_updated_at", "rootfi_company_id", "platform_id",
        "platform_unique_id", "name", "email", "phone", "currency_id", "status", "updated_at", "created_at", "address"]
    _, v4 = bodies(examples.RECORDS["order"])
    told = ["rootfi_id", "rootfi_created_at", "rootfi_updated_at", "rootfi_company_id", "platform_id", "order_number",
            "contact_id", "currency_id", "status"]
    assert [name for name in v4 if name in told] == told


def test_ids_times_and_references() -> None:
    order = Order(platform_unique_id="own", customer_id="cus_1",
                  created_at=datetime(2024, 1, 22, 7, 7, 31, 465_999, tzinfo=timezone(timedelta(hours=2))))
    v3, v4 = bodies(order)
    for body in (v3, v4):
        assert body["platform_id"] == "own_3"
        assert body["customer_id"] == "cus_1_3"
        assert body["created_at"] == "2024-01-22T05:07:31.465Z"
        assert body["rootfi_created_at"] == "2024-01-22T05:07:31.465Z"
        assert body["rootfi_deleted_at"] is None
    assert v4["contact_id"] == v4["customer_id"]


def test_a_deleted_record_says_when() -> None:
    gone = Base(1001, 42, 3, "own", 1, 2, 1_705_900_051_465)
    for body in bodies(Customer(platform_unique_id="own"), base=gone):
        assert body["rootfi_deleted_at"] == "2024-01-22T05:07:31.465Z"


def test_ids_that_came_with_an_address_are_shown_as_they_came() -> None:
    address = Address(rootfi_id=7, platform_unique_id="a1", street="Main", given_rootfi_id=278264,
                      given_platform_id="CONTACTS_1_ADDRESS")
    v3, v4 = bodies(Customer(platform_unique_id="own", addresses=[address]))
    for shown in (v3["address"], v4["addresses"][0]):
        assert (shown["rootfi_id"], shown["platform_id"]) == (278264, "CONTACTS_1_ADDRESS")
    plain = Address(rootfi_id=7, platform_unique_id="a1", street="Main")
    v3, v4 = bodies(Customer(platform_unique_id="own", addresses=[plain]))
    for shown in (v3["address"], v4["addresses"][0]):
        assert (shown["rootfi_id"], shown["platform_id"]) == (7, "a1_3")


@pytest.mark.parametrize(("amount", "currency", "text"), [
    ("100", "USD", "100.00"), ("100.5", "EUR", "100.50"), ("100.555", "EUR", "100.555"), ("100", "JPY", "100"),
    ("100.00", "JPY", "100"), ("1.5", "KWD", "1.500"), ("1E+3", "USD", "1000.00"), ("0E-8", "USD", "0.00"),
    ("-3.1", "usd", "-3.10"), ("7", None, "7.00"), ("7", "nonsense", "7.00"), ("12.50000000", "USD", "12.50"),
])
def test_amounts_as_text(amount: str, currency: str | None, text: str) -> None:
    assert amount_text(Decimal(amount), currency) == text
    v3, _ = bodies(Transaction(platform_unique_id="own", amount=Decimal(amount), currency_id=currency))
    assert v3["amount"] == text


def test_v3_balances_are_text_and_v4_numbers() -> None:
    v3, v4 = bodies(Balance(platform_unique_id="own", available_balance=Decimal("1.5"), currency_id="KWD"))
    assert v3["available_balance"] == "1.500"
    assert v4["available_balance"] == 1.5
    assert v4["pending_balance"] is None


def test_minor_digits() -> None:
    assert [minor_digits(code) for code in ("EUR", "JPY", "KWD", "CLF", None)] == [2, 0, 3, 4, 2]


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_numbers_are_plain_json(value: Decimal) -> None:
    text = encode({"x": value, "rows": [value]})
    shown = msgspec.json.decode(text, type=dict[str, msgspec.Raw])["x"]
    raw = bytes(shown).decode()
    if value.is_finite():
        assert "E" not in raw
        assert Decimal(raw) == value
    else:
        assert raw == "null"


def test_a_text_that_looks_like_an_exponent_changes_nothing() -> None:
    order = Order(platform_unique_id="own", description="5E+2 NaN Infinity", total_amount=Decimal("1E+2"),
                  line_items=[LineItem(name="1E-9", unit_amount=Decimal("0E-9"))])
    fulfillment = RENDERERS.newest.render("fulfillment", examples.RECORDS["fulfillment"], BASE, {}).body
    v3, v4 = bodies(order, {"fulfillment": [fulfillment]})
    assert v3["description"] == "5E+2 NaN Infinity"
    assert v3["total_amount"] == v4["total_amount"] == 100
    assert v4["line_items"][0]["name"] == "1E-9"
    assert v4["fulfillments"] == [msgspec.json.decode(fulfillment)]


def test_v4_orders_hold_the_bodies_of_their_children() -> None:
    payment = RENDERERS.newest.render("transaction", examples.RECORDS["transaction"], BASE, {}).body
    _, v4 = bodies(examples.RECORDS["order"], {"transaction": [payment, payment]})
    assert v4["transactions"] == [msgspec.json.decode(payment)] * 2
    assert v4["fulfillments"] == []


def test_v3_lines_know_their_order() -> None:
    older = RENDERERS.older.render("order", examples.RECORDS["order"], BASE, {})
    assert "line_items" not in msgspec.json.decode(older.body)
    line = msgspec.json.decode(b"{%b}" % (older.fragment or b""))["line_items"][0]
    assert line["line_item_type_id"] == "own_3"
    assert line["line_item_type"] == "ECOMMERCE_ORDERS"
    assert line["platform_id"] == "line_1_3"


def test_v3_strings_that_the_client_requires_are_never_null() -> None:
    v3, v4 = bodies(Inventory(platform_unique_id="own", quantity=5))
    assert (v3["quantity"], v3["sku"], v3["product_id"], v3["created_at"]) == ("5", "", "", "")
    assert (v4["quantity"], v4["sku"], v4["item_id"], v4["created_at"]) == (5, None, None, None)


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30),  # noqa: DTZ001
                    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))])))
def test_fast_times_are_the_clocks_times(at: datetime) -> None:
    assert time_text(at) == clock.text(at)


@given(st.integers(min_value=-62_135_000_000_000, max_value=253_402_000_000_000))
def test_fast_milliseconds_are_the_clocks(ms: int) -> None:
    assert ms_text(ms) == clock.text_ms(ms)
