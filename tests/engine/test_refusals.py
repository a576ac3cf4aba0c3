"""Refusals reach the caller in the contract's sentences."""

from __future__ import annotations

import pytest

from entrepot.engine.refusals import given_up, refusal
from entrepot.errors import Missing, NeedsReauth, NotSupported, PlatformFault, Rejected


@pytest.mark.parametrize(("fault", "code", "message", "field"), [
    (Rejected("send it", code="missing-params", field="order_id"), "missing-params",
     "Missing required field: data[1].order_id. Send it.", "data[1].order_id"),
    (Rejected("too long.", code="invalid-params", field="line_items[0].sku"), "invalid-params",
     "Invalid field: data[1].line_items[0].sku. Too long.", "data[1].line_items[0].sku"),
    (Rejected("no reason", code="invalid-params"), "invalid-params", "Invalid field: data[1]. No reason.", "data[1]"),
    (Rejected("taken", code="record-already-exists", field="email"), "record-already-exists",
     "Record already exists with given: data[1].email. Taken.", "data[1].email"),
    (NotSupported("no vendors", field="type"), "operation-denied", "Operation Denied: No vendors.", "data[1].type"),
    (Rejected("403"), "platform-denied", "The underlying platform denied the request: 403.", None),
    (NeedsReauth("bad key"), "platform-denied", "The underlying platform denied the request: Bad key.", None),
    (Missing("gone"), "operation-denied", "Operation Denied: The platform does not have it any more. gone.", None),
    (Rejected("?", code="unknown-error"), "unknown-error", "Unknown error: ?.", None),
])
def test_each_fault_has_its_sentence(fault: PlatformFault, code: str, message: str, field: str | None) -> None:
    told = refusal(fault, "data[1]").told()
    assert (told.status, told.code, told.message, told.field) == (400, code, message, field)


def test_a_call_without_records_names_no_record() -> None:
    told = refusal(Rejected("no", code="invalid-params"), None)
    assert (told.message, told.field) == ("No.", None)
    assert refusal(NotSupported("no", field="status"), None).field == "status"


def test_what_was_tried_too_often_is_an_unknown_error() -> None:
    assert given_up("nobody answers", '{"a":1}').message == "Unknown error: Nobody answers."
