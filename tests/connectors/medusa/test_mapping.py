"""Recorded rows to records: what a real Medusa answered, without one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec
import pytest

from entrepot.connectors.medusa.mapping.countries import two_letters
from entrepot.connectors.medusa.mapping.names import first_and_last
from entrepot.errors import RowUnmappable
from entrepot.kit.installed import load
from entrepot.kit.json import ENCODER
from entrepot.kit.spec import Family
from entrepot.kit.testing.coverage import measure, stored
from entrepot.kit.testing.fixtures import Row, rows_of, settings_of
from entrepot.kit.testing.leaves import GONE, decode_tree, encode_tree, leaves
from entrepot.model.base import Record
from entrepot.model.ecommerce.company_info import CompanyInfo
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.order import Order
from entrepot.model.ecommerce.product import Product
from entrepot.model.ecommerce.transaction import Transaction

RecordT = TypeVar("RecordT", bound=Record)

MEDUSA = load("entrepot.connectors.medusa")
SETTINGS = settings_of(MEDUSA)
ROWS = list(rows_of(MEDUSA))


def mapped(row: Row) -> Family:
    """A recorded row's family."""
    return MEDUSA.connector.stream(row.stream).map(row.raw, SETTINGS)


def records(kind: type[RecordT]) -> Iterator[RecordT]:
    """All recorded records of a noun, parents and children."""
    for row in ROWS:
        family = mapped(row)
        for one in (family.parent, *family.children):
            if isinstance(one.record, kind):
                yield one.record


def test_every_stream_has_rows_and_every_row_maps() -> None:
    assert {row.stream for row in ROWS} == {stream.name for stream in MEDUSA.connector.streams}
    for row in ROWS:
        assert mapped(row) == mapped(row)
        assert mapped(row).parent.raw == row.raw


def test_the_list_and_the_single_order_give_the_same() -> None:
    single = {mapped(row).parent.record.platform_unique_id: mapped(row) for row in ROWS if row.file == "orders.json"}
    listed = [mapped(row) for row in ROWS if row.file == "orders_listed.json"]
    assert len(listed) == 2
    for family in listed:
        other = single[family.parent.record.platform_unique_id]
        assert family.parent.record == other.parent.record
        assert [one.record for one in family.children] == [one.record for one in other.children]


def test_what_lies_in_the_recorded_shop() -> None:
    orders = list(records(Order))
    assert {one.currency_id for one in orders} == {"EUR", "USD", "JPY"}
    assert {one.status for one in orders} >= {"pending", "processing", "shipped", "delivered", "completed", "canceled"}
    assert {one.payment_status for one in orders} >= {
        "pending", "authorized", "partially_paid", "paid", "partially_refunded", "voided"}
    assert {one.fulfillment_status for one in orders} >= {"unfulfilled", "fulfilled"}
    assert {one.taxes_included for one in orders} == {True, False}
    assert any(one.discounts for one in orders)
    assert {one.status for one in records(Fulfillment)} == {"pending", "in_transit", "delivered", "canceled"}
    assert {one.type for one in records(Transaction)} == {"payment", "capture", "refund"}
    assert {one.status for one in records(Product)} == {"active", "draft"}
    assert {one.status for one in records(Inventory)} >= {"in_stock", "low_stock"}


def test_lines_add_up_to_the_order() -> None:
    for one in records(Order):
        lines = sum((line.total_amount or Decimal(0) for line in one.line_items), Decimal(0))
        credit = sum((part.amount or Decimal(0) for part in records(Transaction)
                      if part.order_id == one.platform_unique_id and part.type == "refund"), Decimal(0))
        total = lines + (one.shipping_amount or 0) - (credit if one.refunded_amount else 0)
        assert abs(total - (one.total_amount or 0)) < Decimal("0.0001"), one.order_number


def test_captures_and_refunds_name_their_payment() -> None:
    payments = {one.platform_unique_id for one in records(Transaction) if one.type == "payment"}
    parts = [one for one in records(Transaction) if one.type != "payment"]
    assert parts
    assert {one.original_transaction_id for one in parts} <= payments
    assert all(one.amount is not None and one.amount > 0 for one in parts)


def test_times_are_aware_and_ids_are_texts() -> None:
    for kind in (CompanyInfo, Customer, Product, Inventory, Order, Fulfillment, Transaction):
        for one in records(kind):
            assert isinstance(one.platform_unique_id, str)
            assert one.created_at is not None
            assert one.created_at.tzinfo is UTC


def test_what_was_sent_comes_back() -> None:
    doe = next(one for one in records(Customer) if one.note)
    sent = datetime(2024, 1, 22, 5, 7, 31, 465000, tzinfo=UTC)
    assert (doe.name, doe.currency_id, doe.type, doe.tags, doe.tax_number, doe.accepts_marketing) == (
        "John Doe", "1234567890", "both", ["tea"], "X1", True)
    assert (doe.created_at, doe.updated_at) == (sent, sent)
    assert (doe.addresses[0].country, doe.addresses[0].locality, doe.addresses[0].given_rootfi_id) == (
        "USA", "Main Street", 278264)
    order = next(one for one in records(Order) if one.order_number == "WEB-1001")
    assert (order.order_name, order.reference, order.tags, order.phone, order.description) == (
        "#WEB-1001", "PO-7", ["b2b"], "+1 555", "by hand")
    assert order.line_items[0].description == "the large tin"
    parcel = next(one for one in records(Fulfillment) if one.carrier_name)
    assert (parcel.name, parcel.weight, parcel.weight_unit, parcel.delivery_service) == (
        "Box 1", Decimal(2), "kg", "next day")
    pot = next(one for one in records(Product) if one.vendor)
    assert (pot.variants[0].cost, pot.variants[0].compare_at_price, pot.variants[0].weight_unit) == (
        Decimal(20), Decimal(60), "g")
    level = next(one for one in records(Inventory) if one.reorder_level)
    assert (level.quantity, level.reorder_level, level.reorder_quantity, level.description) == (
        9, 12, 50, "the first shelf")


def _order(**values: object) -> Order:
    row = msgspec.json.encode({"id": "order_1", "created_at": "2026-01-01T00:00:00.000Z", **values})
    record = MEDUSA.connector.stream("orders").map(row, SETTINGS).parent.record
    assert isinstance(record, Order)
    return record


@pytest.mark.parametrize(("platform", "parcels", "kept", "ours"), [
    ("pending", "not_fulfilled", None, "pending"), ("pending", "not_fulfilled", "processing", "processing"),
    ("pending", "fulfilled", None, "processing"), ("pending", "partially_shipped", None, "processing"),
    ("pending", "shipped", "processing", "shipped"), ("pending", "delivered", None, "delivered"),
    ("completed", "delivered", None, "completed"), ("canceled", "shipped", None, "canceled"),
    ("archived", None, None, "completed"), ("requires_action", None, None, "on_hold"),
    ("draft", None, None, "pending"), ("surprise", None, None, "unknown"), (None, None, None, "unknown"),
])
def test_statuses(platform: str | None, parcels: str | None, kept: str | None, ours: str) -> None:
    metadata = {"entrepot": {"status": kept}} if kept else None
    assert _order(status=platform, fulfillment_status=parcels, metadata=metadata).status == ours


def test_a_sent_updated_at_holds_until_somebody_else_changes_the_record() -> None:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    sent = "2024-05-05T00:00:00.000Z"
    for seconds, ours in ((0, 2024), (20, 2024), (31, 2026)):
        updated = (created + timedelta(seconds=seconds)).isoformat()
        one = _order(updated_at=updated, metadata={"entrepot": {"updated_at": sent}})
        assert one.updated_at is not None
        assert one.updated_at.year == ours


@pytest.mark.parametrize("entrepot", ["text", 7, ["x"], {"tags": "x", "order_date": "never", "order_number": 5}])
def test_metadata_that_is_not_ours_is_passed_over(entrepot: object) -> None:
    one = _order(display_id=12, metadata={"entrepot": entrepot})
    assert (one.order_number, one.order_name, one.tags) == ("12", "#12", [])
    assert one.order_date == one.created_at


@pytest.mark.parametrize(("sent", "code"), [
    ("US", "us"), ("usa", "us"), ("United  States", "us"), ("DEU", "de"), ("GBR", "gb"), ("UK", "gb"), ("de", "de"),
    ("Narnia", None), ("XXX", None), ("", None),
])
def test_countries(sent: str, code: str | None) -> None:
    assert two_letters(sent) == code


@pytest.mark.parametrize(("name", "parts"), [
    ("John Doe", ("John", "Doe")), ("Cher", ("Cher", None)), ("Anna Maria  Rossi", ("Anna Maria", "Rossi")),
    ("", (None, None)), (None, (None, None)),
])
def test_names(name: str | None, parts: tuple[str | None, str | None]) -> None:
    assert first_and_last(name, None, None) == parts


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_row_without_any_one_key_maps_or_is_set_aside(row: Row) -> None:
    stream, tree = MEDUSA.connector.stream(row.stream), decode_tree(row.raw)
    for leaf in leaves(tree):
        for value in (GONE, None):
            leaf.put(value)
            try:
                ENCODER.encode(stream.map(encode_tree(tree), SETTINGS).parent.record)
            except (RowUnmappable, msgspec.ValidationError):
                pass
            finally:
                leaf.restore()


def test_coverage_is_current() -> None:
    assert stored(MEDUSA) == measure(MEDUSA)


def test_fixtures_hold_no_key_and_no_address_of_a_machine() -> None:
    for row in ROWS:
        assert not re.search(rb"\b[sp]k_|127\.0\.0\.1|localhost", row.raw), row.file
        mails = set(re.findall(rb"[\w.]+@[\w.]+", row.raw))
        assert all(mail.endswith(b"@example.test") for mail in mails), mails
