"""Explain: computed from model, tables, views and measured coverage; for people and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from entrepot.cli.explained import explain_field, explain_noun, find_noun
from entrepot.cli.field_docs import field_docs
from entrepot.errors import SetupError
from entrepot.model.ecommerce.order import Order
from entrepot.model.registry import NOUNS
from tests.cli.processes import entrepot


def test_a_page_for_people(home: Path) -> None:
    text = entrepot(home, "explain", "order.total_amount").stdout
    assert "ecommerce_orders.total_amount, in millionths" in text
    assert "/v3/ecommerce/orders: total_amount" in text
    assert "/v4/ecommerce/orders: total_amount; filters eq ne gt gte lt lte in; sorts" in text
    assert not home.exists()


def test_json(home: Path) -> None:
    one = json.loads(entrepot(home, "explain", "order.order_number", "--json").stdout)
    assert one["field"] == "order.order_number"
    assert one["column"] == "ecommerce_orders.order_number"
    assert one["indexed"]
    many = json.loads(entrepot(home, "explain", "customer", "--json").stdout)
    assert "customer.email" in [field["field"] for field in many]


def test_every_connector_is_answered_for() -> None:
    found = explain_field(find_noun("order"), "total_amount")
    assert len(found.filled) >= 2
    assert all(one.paths for one in found.filled), found.filled


def test_public_names_and_words_are_understood() -> None:
    assert find_noun("contacts").name == find_noun("ECOMMERCE_CUSTOMERS").name == "customer"
    assert explain_field(find_noun("orders"), "contact_id").field == "order.customer_id"


def test_rows_inside_a_record() -> None:
    one = explain_field(find_noun("order"), "line_items[].unit_amount")
    assert one.field == "order.line_items[].unit_amount"
    assert one.column is None
    assert {name.name for name in one.public} == {"line_items[].unit_amount"}
    assert [name.sent for name in one.public if name.version == "v4"] == [["create", "update"]]


@pytest.mark.parametrize("noun", [noun.name for noun in NOUNS])
def test_every_field_of_every_noun_is_explained(noun: str) -> None:
    for one in explain_noun(find_noun(noun)):
        assert one.type
        assert (one.column is None) == (one.unit is None and not one.indexed and one.column is None)


def test_docs_are_read_from_the_source() -> None:
    docs = field_docs(Order)
    assert docs["order_number"].startswith("The number that people read")
    assert docs["platform_unique_id"].startswith("The platform's own id")
    assert "reference" not in docs


@pytest.mark.parametrize("path", ["totl", "line_items.prize", "total_amount.x", "line_items.taxes.name"])
def test_what_there_is_not(path: str) -> None:
    with pytest.raises(SetupError, match="Known are"):
        explain_field(find_noun("order"), path)
