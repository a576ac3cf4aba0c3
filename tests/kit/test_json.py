"""Decimals leave as plain numbers; a broken text is told from a strange one."""

from __future__ import annotations

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import Transient
from entrepot.kit.json import ENCODER, decode, decode_answer, is_whole


@pytest.mark.parametrize(("value", "text"), [
    (Decimal("1E+2"), b"100"), (Decimal("0E-8"), b"0.00000000"), (Decimal("1E-9"), b"0.000000001"),
    (Decimal("-1.10"), b"-1.10"), ({"a": [Decimal("1E+2")], "b": "x:1E+2"}, b'{"a":[100],"b":"x:1E+2"}'),
    ({"b": "x:NaN"}, b'{"b":"x:NaN"}'), (None, b"null"),
])
def test_decimals_are_plain_numbers(value: object, text: bytes) -> None:
    assert ENCODER.encode(value) == text


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_json_does_not_have_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="NaN"):
        ENCODER.encode({"a": [1, {"b": Decimal(value)}]})


_VALUES = st.recursive(
    st.decimals(allow_nan=False, allow_infinity=False) | st.text() | st.integers(-(2**63), 2**63 - 1) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12)


@given(_VALUES)
def test_what_is_written_reads_back_exactly(value: object) -> None:
    def bare(one: object) -> object:
        if isinstance(one, dict):
            return {key: bare(item) for key, item in one.items()}
        if isinstance(one, list):
            return [bare(item) for item in one]
        return Decimal(one) if isinstance(one, int) else one

    text = ENCODER.encode(value)
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal) == bare(value)


class Row(msgspec.Struct):
    """A row of a platform."""

    id: str
    amount: Decimal


class Rows(msgspec.Struct):
    """A page of a platform."""

    rows: list[msgspec.Raw]


def test_numbers_keep_every_digit() -> None:
    assert decode(b'{"id":"1","amount":0.10}', Row).amount == Decimal("0.10")
    assert str(decode(b'{"a":0.10}', dict)["a"]) == "0.10"


def test_rows_are_cut_out_as_they_are() -> None:
    page = decode_answer(b'{"rows":[{"id": 1}, {"x":2.50}]}', Rows)
    assert [bytes(row) for row in page.rows] == [b'{"id": 1}', b'{"x":2.50}']


@pytest.mark.parametrize(("body", "says"), [
    (b'{"rows":[', "not whole"), (b'{"rows":null}', "Expected `array`, got `null`"), (b"{}", "missing required"),
])
def test_an_answer_of_another_shape_is_named_without_its_values(body: bytes, says: str) -> None:
    with pytest.raises(Transient, match=says):
        decode_answer(body, Rows)


def test_an_answers_values_are_never_repeated() -> None:
    class Kind(msgspec.Struct, tag="a"):
        """A tagged value: msgspec's message would repeat the tag that came."""

    with pytest.raises(Transient) as caught:
        decode_answer(b'{"type":"sk_secret"}', Kind)
    assert "sk_secret" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(("text", "whole"), [
    (b'{"a":{"b":1}}', True), (b' [1] ', True), (b'{"a":{"b":1}', False), (b'{"a":tru}', False), (b"", False),
    (b'{"a":1}{', False),
])
def test_whole(text: bytes, whole: bool) -> None:
    assert is_whole(text) is whole
