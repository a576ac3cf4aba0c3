"""What the documents say of refusals: every status with its codes, and an example of each."""

from __future__ import annotations

from typing import Any

from entrepot.api.endpoint import Endpoint
from entrepot.api.header_docs import told_with_error

_ABOUT = {
    "400": "A field is missing or wrong, or the platform refuses. The code tells which.",
    "401": "No API key, or one that is unknown, revoked or expired.",
    "403": "The API key lacks a scope.",
    "404": "Nothing with that id is visible to this key.",
    "405": "The path does not know this method.",
    "409": "Something else is in the way: the Idempotency-Key was used for another request, or what is asked for does "
           "not fit the state that things are in.",
    "413": "The body is too large.",
    "415": "The body is no JSON.",
    "429": "The API key has spent its requests, or the platform asks to wait.",
    "500": "A mistake of this server.",
    "503": "Not ready to serve.",
}
_MINIMAL = {"field": None, "platform_error": None}
_EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "400": [
        {"code": "missing-params", "message": "Missing required field: data[0].customer_id. Send the platform_id of a "
         "contact.", "field": "data[0].customer_id", "platform_error": None},
        {"code": "invalid-params", "message": "Invalid field: limit. Send a whole number from 1 to 1000.",
         "field": "limit", "platform_error": None},
        {"code": "record-already-exists", "message": "Record already exists with given: data[0].order_number. The "
         "platform has it.", "field": "data[0].order_number", "platform_error": {"at": "number", "reason": "taken"}},
        {"code": "operation-denied", "message": "Operation Denied: this shop cannot sell in GBP.",
         "field": "data[0].currency_id", "platform_error": None},
        {"code": "platform-denied", "message": "The underlying platform denied the request", "field": None,
         "platform_error": {"type": "unauthorized"}},
        {"code": "unknown-error", "message": "Unknown error: the platform answered with something that nobody can "
         "read.", **_MINIMAL},
    ],
    "401": [{"code": "unauthorized", "message": "This API key is unknown, revoked or expired.", **_MINIMAL}],
    "403": [{"code": "forbidden", "message": "This API key lacks the scope write.", **_MINIMAL}],
    "404": [{"code": "not-found", "message": "No order 1001 is visible to this API key.", **_MINIMAL}],
    "405": [{"code": "method-not-allowed", "message": "This path does not know this method; it knows: GET.",
             **_MINIMAL}],
    "409": [{"code": "conflict", "message": "Conflict: Idempotency-Key. This key was sent with another request. Send a "
             "new key.", "field": "Idempotency-Key", "platform_error": None}],
    "413": [{"code": "too-large", "message": "The body is too large; send fewer records.", **_MINIMAL}],
    "415": [{"code": "unsupported-media-type", "message": "Send the body as JSON, and the header content-type: "
             "application/json.", **_MINIMAL}],
    "429": [
        {"code": "rate-limited", "message": "This API key may ask 6000 times a minute; try again in 2 s.", **_MINIMAL},
        {"code": "platform-denied", "message": "The platform asks us to wait until 2024-01-22T05:08:00+00:00.",
         **_MINIMAL},
    ],
    "500": [{"code": "unknown-error", "message": "Unknown error: the log of this server has it under the request id "
             "5f1c9a0be7d24c38.", **_MINIMAL}],
    "503": [{"code": "unavailable", "message": "The database cannot be reached.", **_MINIMAL}],
}


def components(schema: dict[str, Any]) -> dict[str, Any]:
    """The refusals as component responses; ``schema`` points to the one body that they share."""
    return {f"E{status}": _response(status, schema) for status in _ABOUT}


def _response(status: str, schema: dict[str, Any]) -> dict[str, Any]:
    examples = {one["code"]: {"value": {"error": one}} for one in _EXAMPLES[status]}
    return {"description": _ABOUT[status], "headers": told_with_error(status),
            "content": {"application/json": {"schema": schema, "examples": examples}}}


def refusals(one: Endpoint) -> dict[str, Any]:
    """References to the refusals that a call may answer with."""
    statuses = {405, 500, *one.errors}
    if one.needs is not None:
        statuses |= {400, 401, 403, 429}
        if one.method != "GET":
            # Any of them may say that its body, which it need not have, is something else than JSON.
            statuses |= {409, 413, 415}
    names = {parameter.name for parameter in one.parameters}
    by_id = any(parameter.where == "path" for parameter in one.parameters)
    if by_id or one.body is not None or names & {"company_id", "rootfi_company_id", "connection_id"}:
        statuses.add(404)
    return {str(status): {"$ref": f"#/components/responses/E{status}"} for status in sorted(statuses)}
