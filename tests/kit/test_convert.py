"""From what platforms write to what the model holds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import RowUnmappable
from entrepot.kit import convert
from entrepot.kit.json import ENCODER, TRUSTED_ENCODER


@pytest.mark.parametrize(("value", "text"), [
    ("10.50", "10.50"), (10, "10"), (0.1, "0.1"), (Decimal("1E+2"), "100"), ("0.00000000", "0"), ("-3.00", "-3.00"),
    ("12.3456789", "12.3456789"), ("12.345678912345", "12.34567891"), (" 7 ", "7"), ("1e3", "1000"),
    ("999999999999999999.99999999", "999999999999999999.99999999"),
])
def test_decimal(value: Any, text: str) -> None:
    assert str(convert.decimal(value)) == text


@pytest.mark.parametrize("value", ["", "abc", "NaN", "Infinity", "1,5", "1" + "0" * 18, 1e18, float("nan"), True])
def test_no_decimal(value: Any) -> None:
    with pytest.raises(RowUnmappable) as caught:
        convert.decimal(value)
    assert str(value) not in caught.value.message or value == ""


@given(st.decimals(min_value=-10**17, max_value=10**17, allow_nan=False) | st.floats(-1e17, 1e17))
def test_decimals_are_plain_from_a_millionth_up(value: Any) -> None:
    number = convert.decimal(value)
    assert abs(number - Decimal(str(value))) <= Decimal("5E-9")
    if number == 0 or abs(number) >= Decimal("0.000001"):
        assert TRUSTED_ENCODER.encode(number) == ENCODER.encode(number)


def test_money_of_every_kind_of_currency() -> None:
    assert convert.money(None) is None
    assert convert.money(" ") is None
    assert str(convert.money("5.00")) == "5.00"
    for minor, code, major in (
        (1999, "USD", "19.99"), ("1999", "jpy", "1999"), (1999, "KWD", "1.999"), (5, None, "0.05"),
    ):
        amount = convert.money_of_minor(minor, code)
        assert amount is not None
        assert str(amount) == major
        assert convert.minor_of_money(amount, code) == int(minor)
    assert convert.money_of_minor(None, "USD") is None
    with pytest.raises(RowUnmappable, match="finer"):
        convert.minor_of_money(Decimal("0.5"), "JPY")


@pytest.mark.parametrize("value", [
    "2024-01-22T05:07:31.465Z", "2024-01-22T06:07:31.465+01:00", "2024-01-22 05:07:31.465+00:00",
])
def test_times(value: str) -> None:
    assert convert.time(value) == datetime(2024, 1, 22, 5, 7, 31, 465000, UTC)


def test_other_times() -> None:
    noon = datetime(2024, 1, 22, 12, tzinfo=UTC)
    assert convert.time("Mon, 22 Jan 2024 12:00:00 +0000") == noon
    assert convert.time(1705924800) == convert.time("1705924800") == convert.time(1705924800.0) == noon
    assert convert.time("2024-01-22T13:00:00", ZoneInfo("Europe/Berlin")) == noon
    assert convert.time("2024-01-22", UTC) == datetime(2024, 1, 22, tzinfo=UTC)
    for blank in (None, "", " ", "0000-00-00 00:00:00"):
        assert convert.time(blank) is None
    at = convert.time("2024-01-22T13:00:00+01:00")
    assert at is not None
    assert at.tzinfo is UTC


@pytest.mark.parametrize("value", ["2024-01-22T13:00:00", "yesterday", "2024-13-01T00:00:00Z", 10**20, "9" * 30])
def test_no_time(value: Any) -> None:
    with pytest.raises(RowUnmappable) as caught:
        convert.time(value)
    assert str(value) not in caught.value.message


def test_texts() -> None:
    assert convert.blank_to_none("  ") is convert.blank_to_none(None) is None
    assert convert.blank_to_none(" a ") == "a"
    assert convert.text_of(7) == "7"
    assert convert.text_of(None) is None
    assert convert.joined("1 Main St", None, " ", "Floor 2 ", by=", ") == "1 Main St, Floor 2"
    assert convert.joined(None, "") is None
    assert convert.currency("usd ") == "USD"
    assert convert.currency("") is None
    with pytest.raises(RowUnmappable):
        convert.currency("dollars")


def test_statuses() -> None:
    statuses = convert.Statuses({"Paid": "paid", "2": "shipped"}, other="other")
    words = ("PAID", 2, "new one", "", None)
    assert [statuses.read(word) for word in words] == ["paid", "shipped", "other", None, None]
