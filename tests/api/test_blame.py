"""Errors name the field as the caller sent it."""

from __future__ import annotations

import pytest

from entrepot.api import v3, v4
from entrepot.api.blame import blame
from entrepot.api.view import View
from entrepot.errors import ApiError, invalid_params

TWO = {"shipping_address": {"city": "Bonn"}, "billing_address": {"city": "Rome"}}


@pytest.mark.parametrize(("view", "field", "sent", "public"), [
    (v4.ORDER, "customer_id", {"customer_id": "x"}, "customer_id"),
    (v4.ORDER, "customer_id", {"contact_id": "x"}, "contact_id"),
    (v4.ORDER, "addresses[1].city", TWO, "billing_address.city"),
    (v4.ORDER, "addresses", TWO, "shipping_address"),
    (v4.ORDER, "line_items[2].item_id", {"line_items": []}, "line_items[2].item_id"),
    (v4.CONTACT, "addresses[0].city", {"addresses": [{}]}, "addresses[0].city"),
    (v4.FULFILLMENT, "carrier_name", {"tracking_info": {"company": "x"}}, "tracking_info"),
    (v3.CUSTOMER, "addresses[0].city", {"address": {"city": "Bonn"}}, "address.city"),
    (v3.CUSTOMER, "addresses", {}, "address"),
    (v4.CONTACT, "no_such_field", {}, "no_such_field"),
])
def test_a_field_has_the_name_that_was_sent(view: View, field: str, sent: dict[str, object], public: str) -> None:
    error = invalid_params(f"data[1].{field}", "It is wrong.")
    blame(view, error, [{}, sent])
    assert error.field == f"data[1].{public}"
    assert error.message == f"Invalid field: data[1].{public}. It is wrong."


@pytest.mark.parametrize("field", [None, "company_id", "data", "data[0]"])
def test_what_is_no_field_of_a_record_stays(field: str | None) -> None:
    error = ApiError(400, "invalid-params", "No.", field=field)
    blame(v4.ORDER, error, [])
    assert (error.field, error.message) == (field, "No.")
