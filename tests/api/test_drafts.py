"""What may be sent: the documented bodies word for word, everything else refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.api import drafts, examples, v3, v4
from entrepot.api.view import View
from entrepot.errors import ApiError
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment
from entrepot.model.ecommerce.order import Order
from entrepot.model.ecommerce.product import Product

AT = datetime(2024, 1, 22, 5, 7, 31, 465_000, tzinfo=UTC)
LINE = {"item_id": "prod_1_1", "description": "Shirt", "quantity": 2, "unit_amount": Decimal("44.99")}
ORDER: dict[str, Any] = {"customer_id": "cus_1_1", "currency_id": "USD", "line_items": [LINE]}


def create(view: View, sent: dict[str, Any]) -> Any:
    """The draft of one record."""
    return drafts.read_items(view, "create", [sent])[0]


def refused(view: View, sent: object, *, update: bool = False) -> ApiError:
    """The error that a record is answered with."""
    with pytest.raises(ApiError) as caught:
        drafts.read_items(view, "update" if update else "create", [sent])
    assert caught.value.status == 400
    return caught.value


def test_the_documented_customer() -> None:
    sent = examples.body_example(v3.CUSTOMER, "create")["data"][0]
    draft = create(v3.CUSTOMER, sent)
    customer = draft.record
    assert isinstance(customer, Customer)
    assert (customer.name, customer.phone, customer.currency_id, customer.status) == (
        "John Doe", "1234567890", "1234567890", "active")
    assert customer.email is None
    assert customer.created_at == customer.updated_at == AT
    address = customer.addresses[0]
    assert (address.given_rootfi_id, address.postal_code, address.locality) == (278264, "123456", "Main Street")
    assert address.given_platform_id == "CONTACTS_1af68894-ea9f-ee11-be36-7c1e520f50bc_ADDRESS"
    assert (address.rootfi_id, address.platform_unique_id) == (None, None)
    assert draft.given == {"name", "phone", "currency_id", "status", "created_at", "updated_at", "addresses"}


def test_the_documented_order_and_its_defaults() -> None:
    draft = create(v4.ORDER, {**ORDER, "shipping_address": {"street": "Main", "postal_code": "1"},
                              "billing_address": {"pincode": "2"}})
    order = draft.record
    assert isinstance(order, Order)
    assert (order.customer_id, order.currency_id, order.status) == ("cus_1_1", "USD", "pending")
    assert order.order_date is not None
    assert abs((datetime.now(UTC) - order.order_date).total_seconds()) < 60
    assert [(one.type, one.postal_code) for one in order.addresses] == [("shipping", "1"), ("billing", "2")]
    assert order.line_items[0].unit_amount == Decimal("44.99")
    assert order.order_number is None


def test_contact_id_is_customer_id() -> None:
    sent = {**ORDER, "contact_id": "cus_1_1"}
    assert create(v4.ORDER, sent).record.customer_id == "cus_1_1"
    del sent["customer_id"]
    assert create(v4.ORDER, sent).record.customer_id == "cus_1_1"
    assert refused(v4.ORDER, {**ORDER, "contact_id": "other"}).field == "data[0].contact_id"


def test_a_singular_address_joins_the_contacts_addresses() -> None:
    draft = create(v4.CONTACT, {"name": "Jane", "address": {"city": "Bonn"}})
    assert [one.city for one in draft.record.addresses] == ["Bonn"]
    assert create(v4.CONTACT, {"name": "Jane", "address": None}).record.addresses == []


def test_a_parcels_carrier_may_stand_flat_or_inside() -> None:
    flat = create(v4.FULFILLMENT, {"order_id": "o", "tracking_number": "1Z", "carrier_name": "UPS"}).record
    inside = create(v4.FULFILLMENT, {"order_id": "o", "tracking_info": {
        "number": "1Z", "company": "UPS", "url": "", "status": "in_transit"}}).record
    assert isinstance(flat, Fulfillment)
    assert flat == inside
    assert refused(v4.FULFILLMENT, {"order_id": "o", "tracking_info": {"x": 1}}).field == "data[0].tracking_info.x"


@pytest.mark.parametrize("missing", ["customer_id", "currency_id", "line_items"])
@pytest.mark.parametrize("blank", [None, "", ...])
def test_what_is_required_is_asked_for(missing: str, blank: object) -> None:
    sent = {**ORDER, missing: blank}
    if blank is ... or (missing == "line_items" and blank == ""):
        del sent[missing]
    error = refused(v4.ORDER, sent)
    assert (error.code, error.field) == ("missing-params", f"data[0].{missing}")


@pytest.mark.parametrize("missing", ["item_id", "description", "quantity", "unit_amount"])
def test_a_lines_required_fields_are_asked_for(missing: str) -> None:
    line = {name: value for name, value in LINE.items() if name != missing}
    error = refused(v4.ORDER, {**ORDER, "line_items": [LINE, line]})
    assert (error.code, error.field) == ("missing-params", f"data[0].line_items[1].{missing}")


@pytest.mark.parametrize(("view", "sent", "field"), [
    (v4.CONTACT, {"name": "J", "colour": "red"}, "data[0].colour"),
    (v4.CONTACT, {"name": "J", "address": {"planet": "x"}}, "data[0].address.planet"),
    (v4.CONTACT, {"name": 5}, "data[0].name"),
    (v4.CONTACT, {"name": "J", "status": "gone"}, "data[0].status"),
    (v4.CONTACT, {"name": "J", "created_at": "yesterday"}, "data[0].created_at"),
    (v4.CONTACT, {"name": "J", "address": "Main"}, "data[0].address"),
    (v4.CONTACT, {"name": "J\x00"}, "data[0].name"),
    (v4.CONTACT, {"name": "J", "raw_data": 5}, "data[0].raw_data"),
    (v4.CONTACT, "J", "data[0]"),
    (v4.ORDER, {**ORDER, "total_amount": 5}, "data[0].total_amount"),
    (v4.ORDER, {**ORDER, "fulfillments": []}, "data[0].fulfillments"),
    (v4.ORDER, {**ORDER, "line_items": [{**LINE, "quantity": "many"}]}, "data[0].line_items[0].quantity"),
    (v4.ORDER, {**ORDER, "line_items": [{**LINE, "quantity": True}]}, "data[0].line_items[0].quantity"),
    (v4.ORDER, {**ORDER, "line_items": [{**LINE, "unit_amount": Decimal(10) ** 18}]},
     "data[0].line_items[0].unit_amount"),
    (v4.ORDER, {**ORDER, "line_items": [{**LINE, "unit_amount": Decimal("1E-9")}]},
     "data[0].line_items[0].unit_amount"),
    (v4.ORDER, {**ORDER, "line_items": LINE}, "data[0].line_items"),
    (v4.ORDER, {**ORDER, "line_items": [{**LINE, "quantity": 0}]}, "data[0].line_items[0].quantity"),
    (v4.ORDER, {**ORDER, "currency_id": "dollars"}, "data[0].currency_id"),
    (v4.ITEM, {"name": "J", "variants": [{"price": 1, "currency_id": "€"}]}, "data[0].variants[0].currency_id"),
    (v4.INVENTORY, {"quantity": Decimal("1.5")}, "data[0].quantity"),
])
def test_what_does_not_fit_is_named(view: View, sent: object, field: str) -> None:
    error = refused(view, sent, update="update" in view.writes and "create" not in view.writes)
    assert (error.code, error.field) == ("invalid-params", field)


def test_the_records_own_ids_are_ignored_so_that_what_was_read_can_be_sent_back() -> None:
    sent = {"rootfi_id": 5, "platform_id": "x_1", "platform_unique_id": "x", "rootfi_created_at": "2024", "name": "J"}
    draft = create(v4.CONTACT, sent)
    assert draft.record == Customer(platform_unique_id="", name="J")
    assert draft.given == {"name"}


def test_rows_of_an_update_say_which_they_mean() -> None:
    sent: list[object] = [
        {"variants": [{"platform_id": "var_1_3", "price": 5}, {"platform_id": "var_2", "price": "6"}]}]
    item = drafts.read_items(v4.ITEM, "update", sent, ordinal=3)[0].record
    assert isinstance(item, Product)
    assert [one.platform_unique_id for one in item.variants] == ["var_1", "var_2"]
    made = create(v4.ITEM, {"name": "Shirt", "variants": [{"platform_id": "var_1_3", "price": 5}]}).record
    assert made.variants[0].platform_unique_id is None


def test_null_empties_in_an_update_and_says_nothing_in_a_create() -> None:
    update = drafts.read_items(v4.CONTACT, "update", [{"phone": None, "email": "", "status": None}])[0]
    assert update.given == {"phone"}
    assert create(v4.CONTACT, {"name": "J", "phone": None}).given == {"name"}


def test_words_of_either_spelling() -> None:
    for word in ("canceled", "cancelled", "CANCELED"):
        assert create(v4.ORDER, {**ORDER, "status": word}).record.status == "canceled"
    assert create(v3.CUSTOMER, {"status": "ARCHIVED"}).record.status == "archived"
    assert create(v4.ITEM, {"name": "S", "status": "inactive"}).record.status == "draft"


@pytest.mark.parametrize("text", [
    b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000,
])
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        drafts.decode(text)
    assert (caught.value.status, caught.value.code) == (400, "invalid-params")


@pytest.mark.parametrize(("body", "field"), [
    ({"company_id": 1}, "data"), ({"company_id": 1, "data": []}, "data"), ({"company_id": 1, "data": {}}, "data"),
    ({"company_id": "x", "data": [{}]}, "company_id"), ({"company_id": -1, "data": [{}]}, "company_id"),
    ({"company_id": 1, "data": [{}, {}]}, "run_async"), ({"company_id": 1, "data": [{}], "run_async": 5}, "run_async"),
    ({"company_id": 1, "data": [{}], "shop": 1}, "shop"), ({"company_id": True, "data": [{}]}, "company_id"),
])
def test_the_envelope_is_checked(body: dict[str, object], field: str) -> None:
    with pytest.raises(ApiError) as caught:
        drafts.read_body(body, {})
    assert caught.value.field == field


def test_run_async_may_stand_in_either_place() -> None:
    for body, query in (({"run_async": True}, {}), ({}, {"run_async": "true"}), ({"run_async": "true"}, {})):
        assert drafts.read_body({"company_id": 1, "data": [{}, {}], **body}, query).run_async


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6)
WRITABLE = [view for view in (*v3.VIEWS, *v4.VIEWS) if view.writes]


@given(st.data())
def test_whatever_is_sent_is_a_draft_or_an_api_error(data: st.DataObject) -> None:
    view = data.draw(st.sampled_from(WRITABLE))
    names = st.sampled_from([*view.inputs, *(one.name for one in view.given), "raw_data"]) | st.text(max_size=5)
    sent = data.draw(st.dictionaries(names, JSON, max_size=5))
    refusal = None
    try:
        drafts.read_items(view, view.writes[0], [sent])
    except ApiError as error:
        refusal = error
    assert refusal is None or (refusal.status == 400 and refusal.field)
