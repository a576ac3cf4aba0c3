"""What webhooks send, for the OpenAPI documents: the bodies of every event in both versions, with an example each."""

from __future__ import annotations

from typing import Any

from entrepot.api import examples, v3, v4
from entrepot.api.data_docs import reference
from entrepot.engine.webhook_filters import OPERATIONS

_VIEWS = {"v3": v3.VIEWS, "v4": v4.VIEWS}
_AT = "2024-01-22T05:07:31.465Z"
_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_MAYBE_WHOLE: dict[str, Any] = {"type": ["integer", "null"]}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_ID = {"type": "string", "description": "The same on every try and replay, and in the header webhook-id."}
_SEQUENCE = {"type": ["integer", "null"], "description": "Rises with every change of the company: of two bodies of "
             "one record the higher one is newer."}
_INITIAL = {"type": "boolean", "description": "Whether the record belongs to a first load."}
_HEADERS = {
    "webhook-id": "The event's id, the same on every try: what to know doubles by.",
    "webhook-timestamp": "Seconds since 1970 at this try.",
    "webhook-signature": "v1, and base64 of an HMAC-SHA256 over id.timestamp.body, by the webhook's secret; one for "
    "each secret that signs, a blank between.",
}

_CONNECTION = {"connection_id": 43, "company_id": 42, "integration_type": "EXAMPLE_SHOP", "category": "ECOMMERCE",
               "connection_status": "HEALTHY"}
_JOB = {"rootfi_id": 902, "data_model": "ECOMMERCE_ORDERS", "job_type": "PULL", "status": "SUCCESS", "announced": 60,
        "fetched": 60, "stored": 60, "changed": 2, "same": 58, "set_aside": 0, "deleted": 0, "error": None}
_SYNC = {
    "rootfi_id": 901, "sync_id": examples.SYNC_ID, "rootfi_company_id": 42, "connection_id": 43,
    "integration_type": "EXAMPLE_SHOP", "full_sync": False, "sync_type": "MANUAL", "config_mode": "READ",
    "sync_data_models": ["ECOMMERCE_ORDERS"], "status": "SUCCESS", "start_time": _AT,
    "end_time": "2024-01-22T05:07:33.012Z", "total_count": 1, "success_count": 1, "failed_count": 0, "jobs": [_JOB]}

_TURNED_OFF = {"webhook_id": 77, "name": "Orders", "state": "PAUSED", "reason": "Nothing was delivered since "
               f"{_AT}. The last of 412 failures: the connection was refused. Enable the webhook when it works again."}


def document(version: str) -> dict[str, Any]:
    """The top-level ``webhooks`` of a version's document."""
    found = {
        "dataModelChanges": _item(version, "A record was made, changed or deleted", _change(version)),
        "connectionChanged": _item(version, "A shop was connected, or its connection came into another state",
                                   _plain(version, "CONNECTION_CHANGED", _of(_CONNECTION), _CONNECTION)),
        "syncCompleted": _item(version, "A sync, or an asynchronous write, has ended",
                               _plain(version, "SYNC_COMPLETED", _sync(), _SYNC)),
        "test": _item(version, "Somebody asked for a test", _tested(version)),
    }
    if version == "v4":
        begun = {**_SYNC, "status": "RUNNING", "end_time": None, "success_count": 0, "jobs": []}
        found["syncStarted"] = _item(version, "A sync has begun", _plain(version, "SYNC_STARTED", _sync(), begun))
        found["webhookTurnedOff"] = _item(
            version, "Another webhook is not delivered to any more", _plain(
                version, "WEBHOOK_TURNED_OFF", _of(_TURNED_OFF), _TURNED_OFF, of_company=False))
    return found


def change_example(version: str) -> dict[str, Any]:
    """The body of a changed order."""
    example: dict[str, Any] = _change(version)["examples"][0]
    return example


def test_example(version: str) -> dict[str, Any]:
    """The body of a test."""
    example: dict[str, Any] = _tested(version)["examples"][0]
    return example


def _tested(version: str) -> dict[str, Any]:
    data = {"message": "A test of the webhook Orders."}
    return _plain(version, "TEST", _of(data), data, of_company=False)


def _item(version: str, summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    parameters = [{"name": name, "in": "header", "required": True, "description": about, "schema": _TEXT}
                  for name, about in _HEADERS.items()]
    example = schema.pop("examples")[0]
    return {"post": {
        "summary": summary, "tags": ["webhooks"], "security": [], "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}},
        "responses": {
            "2XX": {"description": "Received. Every other answer, and none in 15 seconds, is followed by another try."},
            "410": {"description": "Nobody wants this any more: the webhook is disabled."},
        },
    }}


def _change(version: str) -> dict[str, Any]:
    views = _VIEWS[version]
    order = next(view for view in views if view.noun == "order")
    data = {"anyOf": [reference(view.name) for view in views],
            "description": f"The record, as /{version} answers it."}
    operation = {"type": "string", "enum": [*OPERATIONS]}
    if version == "v3":
        properties = {**_head_v3(operation), "data_model": _TEXT, "initial": _INITIAL, "data": data}
        example = _example_v3("UPDATE", examples.answer_example(order)) | {"data_model": "ECOMMERCE_ORDERS"}
        optional = {"initial"}
    else:
        properties = {**_head_v4("DATA_MODEL_CHANGES"), "data_model": _TEXT, "operation": operation,
                      "initial": _INITIAL, "data": data}
        example = _example_v4("DATA_MODEL_CHANGES", examples.answer_example(order)) | {
            "data_model": "ECOMMERCE_ORDERS", "operation": "UPDATE", "initial": False}
        optional = set()
    return {"type": "object", "properties": properties, "examples": [example],
            "required": [name for name in properties if name not in optional]}


def _plain(
    version: str, kind: str, data: dict[str, Any], example: dict[str, Any], *, of_company: bool = True,
) -> dict[str, Any]:
    """An event that is no record's."""
    if version == "v3":
        properties = {**_head_v3({"const": kind}), "data_model": {"type": "null"}, "data": data}
        whole = _example_v3(kind, example)
    else:
        properties, whole = {**_head_v4(kind), "data": data}, _example_v4(kind, example)
    if not of_company:
        whole |= dict.fromkeys(("company_id", "connection_id", "integration_type", "sequence"))
    return {"type": "object", "properties": properties, "required": [*properties], "examples": [whole]}


def _head_v3(kind: dict[str, Any]) -> dict[str, Any]:
    return {"id": _ID, "type": kind, "created_at": _TIME, **_place()}


def _head_v4(kind: str) -> dict[str, Any]:
    return {"id": _ID, "type": {"const": kind}, "timestamp": _TIME, **_place()}


def _place() -> dict[str, Any]:
    return {"sequence": _SEQUENCE, "company_id": _MAYBE_WHOLE, "connection_id": _MAYBE_WHOLE,
            "integration_type": _MAYBE_TEXT}


def _example_v3(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": "evt_42_1007", "type": kind, "created_at": _AT, **_PLACE, "data_model": None, "data": data}


def _example_v4(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": "evt_42_1007", "type": kind, "timestamp": _AT, **_PLACE, "data": data}


_PLACE: dict[str, Any] = {"sequence": 1007, "company_id": 42, "connection_id": 43, "integration_type": "EXAMPLE_SHOP"}


def _of(example: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object of texts and whole numbers, from one of them."""
    properties = {name: more.get(name) or (_WHOLE if isinstance(value, int) else _TEXT)
                  for name, value in example.items()}
    return {"type": "object", "properties": properties, "required": [*properties]}


def _sync() -> dict[str, Any]:
    job = _of(_JOB, announced=_MAYBE_WHOLE, error={"type": ["object", "null"]})
    return _of(_SYNC, full_sync={"type": "boolean"}, sync_data_models={"type": "array", "items": _TEXT},
               start_time=_MAYBE_TIME, end_time=_MAYBE_TIME, jobs={"type": "array", "items": job})
