"""/core/passthrough: a raw call to the connected platform, with its credentials."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from entrepot.api import idempotency
from entrepot.api.core.bodies import Ident, read
from entrepot.api.core.pages import LIMIT, NEXT, edge, read_page
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply, Work
from entrepot.api.failures import error_bytes, seconds_until
from entrepot.api.times import ms_text
from entrepot.engine.context import Engine
from entrepot.engine.passthrough import Asked, Passed, Request, pass_through
from entrepot.engine.refusals import refusal
from entrepot.errors import ApiError, NeedsReauth, Rejected, Transient, invalid_params
from entrepot.store import passthrough_calls
from entrepot.store.passthrough_calls import PassthroughCall

CALLS = "passthrough_calls"
WITH_BODIES = frozenset({"POST", "PUT", "PATCH"})
"""Methods for which ``data: {}`` is a body; the published client sends it with every method."""
SHOWN_AT_MOST = 64 * 1024
"""Bytes of a refused call's body that are shown."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SCALARS = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
_PARAMS = {"additionalProperties": {"anyOf": [*_SCALARS, {"type": "null"},
                                              {"type": "array", "items": {"anyOf": _SCALARS}}]}}


def _nothing() -> msgspec.Raw:
    return msgspec.Raw(b"null")


class PassthroughRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The call as the platform's own documents describe it."""

    method: Annotated[str, Meta(description="GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS.")]
    path: Annotated[str, Meta(description="Below the connection's base URL: /admin/orders. A whole link of the "
                              "same origin, as platforms put into their pages, is taken too.")]
    headers: Annotated[dict[str, str], Meta(
        description="Sent along. The connection's own (credentials, host, cookies, length) are refused.")] = {}
    data: Annotated[msgspec.Raw, Meta(
        description="The body: JSON of any kind, or a string where encoding says so. Null is none, and so is {} with a "
        "method that usually has none.")] = msgspec.field(default_factory=_nothing)
    params: Annotated[dict[str, msgspec.Raw], Meta(
        description="The query: texts, numbers, booleans, and lists of them (the name is repeated). Null leaves a name "
        "out.", extra_json_schema=_PARAMS)] = {}
    encoding: Annotated[Literal["json", "text", "base64"], Meta(
        description="What data is: JSON as it stands, or a string that holds the body as text or in base64. The type "
        "of such a body is said by the header content-type.")] = "json"


class PassthroughBody(msgspec.Struct, forbid_unknown_fields=True):
    """Whose platform is called, and how."""

    company_id: Ident
    data: PassthroughRequest
    connection_id: Ident | None = None
    integration_type: str | None = None


class CallShown(msgspec.Struct):
    """A passthrough call in the audit. Neither status nor error: it was sent, and no answer has been noted."""

    rootfi_id: int
    rootfi_company_id: int
    rootfi_created_at: str
    connection_id: int
    api_key_id: int | None
    request_id: str | None
    method: str
    path: str
    """Without the query."""
    status: int | None
    error: str | None
    bytes_out: int
    bytes_in: int
    took_ms: int


_EXAMPLE_CALL = {
    "rootfi_id": 1201, "rootfi_company_id": 42, "rootfi_created_at": "2024-01-22T05:07:31.465Z", "connection_id": 43,
    "api_key_id": 7, "request_id": "5f1c9a0be7d24c38", "method": "GET", "path": "/orders", "status": 200, "error": None,
    "bytes_out": 0, "bytes_in": 607, "took_ms": 41}


class CallList(msgspec.Struct):
    """A page of them, newest first."""

    data: list[CallShown]
    next: str | None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    example: dict[str, Any] = {"company_id": 42, "data": {"method": "GET", "path": "/orders", "headers": {}, "data": {},
                                                          "params": {"limit": 2}}}
    answer_example: dict[str, Any] = {"data": {"orders": [{"id": "ord_1"}, {"id": "ord_2"}], "count": 2}}
    if version == "v4":
        answer_example |= {"status": 200, "headers": {"content-type": "application/json"}}
    found = [Endpoint(
        "POST", f"/{version}/core/passthrough", "passthrough", "Call the connected platform as it is", "passthrough",
        "passthrough", _passing(engine, version), _answer(version), body=PassthroughBody, body_example=example,
        answer_example=answer_example)]
    if version == "v4":
        found.append(_audit(engine))
    return found


def _answer(version: str) -> dict[str, Any]:
    properties: dict[str, Any] = {"data": {
        "description": "The platform's JSON; a string where it answered text, {content_type, base64} where it answered "
        "something else, null where it answered nothing."}}
    if version == "v4":
        properties |= {
            "status": {"type": "integer", "description": "The platform's, below 400."},
            "headers": {"type": "object", "additionalProperties": {"type": "string"},
                        "description": "Of the platform's headers those that are safe to show: type, links, limits."}}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _passing(engine: Engine, version: str) -> Work:
    async def work(call: Call) -> Reply:
        body = read(call.body, PassthroughBody)
        asked = Asked(
            company_id=body.company_id, request=_request(body.data), request_id=call.trace.request_id,
            connection_id=body.connection_id, integration_type=body.integration_type or None,
            api_key_id=call.key.id if call.key else None)

        async def send() -> Reply:
            try:
                passed = await pass_through(engine, call.scope, asked)
            except (Rejected, NeedsReauth, Transient) as fault:  # nothing happened there
                raise refusal(fault, "data").told() from fault
            return _replied(call, version, passed, body.company_id)

        call.trace.via = "live"
        return await idempotency.unsafe(engine, call, send)

    return work


def _request(given: PassthroughRequest) -> Request:
    return Request(method=given.method, path=given.path, headers=given.headers, body=_body(given),
                   params=_params(given.params))


def _body(given: PassthroughRequest) -> tuple[bytes, str] | None:
    """The body and its type; None for none."""
    raw = bytes(given.data)
    if raw == b"null":
        return None
    if given.encoding == "json":
        empty = raw.startswith(b"{") and not raw.strip(b"{} \t\r\n")
        return None if empty and given.method.upper() not in WITH_BODIES else (raw, "application/json")
    try:
        text = msgspec.json.decode(raw, type=str)
    except msgspec.ValidationError as error:
        raise invalid_params("data.data", f"With encoding {given.encoding} it must be a string.") from error
    if given.encoding == "text":
        return text.encode(), "text/plain; charset=utf-8"
    try:
        return base64.b64decode(text, validate=True), "application/octet-stream"
    except (binascii.Error, ValueError) as error:
        raise invalid_params("data.data", "It is no base64.") from error


def _params(given: Mapping[str, msgspec.Raw]) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    for name, raw in given.items():
        text = bytes(raw)
        if text == b"null":
            continue
        if text.startswith(b"["):
            found[name] = [_param(name, bytes(one)) for one in msgspec.json.decode(text, type=list[msgspec.Raw])]
        else:
            found[name] = _param(name, text)
    return found


def _param(name: str, text: bytes) -> str:
    """A parameter as it goes into the query: numbers and booleans as they were written."""
    if text[:1] in (b"{", b"["):
        raise invalid_params(f"data.params.{name[:100]}", "Send a text, number or boolean, or a list of them.")
    return msgspec.json.decode(text, type=str) if text[:1] == b'"' else text.decode()


def _replied(call: Call, version: str, passed: Passed, company_id: int) -> Reply:
    if passed.status >= 400 or (passed.status in REDIRECTS and "location" in passed.headers):
        return _denied(call, passed, company_id)
    if version == "v3":
        return Reply(b'{"data":%b}' % passed.data, company_id=company_id)
    headers = msgspec.json.encode(dict(passed.headers))
    return Reply(b'{"data":%b,"status":%d,"headers":%b}' % (passed.data, passed.status, headers),
                 company_id=company_id)


def _denied(call: Call, passed: Passed, company_id: int) -> Reply:
    """The error: raised where nothing happened, and answered, to be kept with the call's key, where something may
    have."""
    body = passed.data
    if len(body) > SHOWN_AT_MOST:
        body = msgspec.json.encode(body[:SHOWN_AT_MOST].decode("utf-8", "replace"))
    told = ApiError(
        429 if passed.until else 400, "platform-denied",
        f"The underlying platform denied the request: {passed.platform} answered {passed.status}.",
        platform_error=(b'{"status":%d,"body":%b}' % (passed.status, body)).decode())
    if passed.until:
        call.trace.headers.append((b"retry-after", b"%d" % seconds_until(passed.until)))
    if passed.wrote and (passed.status < 400 or passed.status == 408 or passed.status >= 500):
        return Reply(error_bytes(told), told.status, company_id=company_id)
    raise told


def _audit(engine: Engine) -> Endpoint:
    company = Parameter("company_id", "Only this company's calls.", {"type": "integer"})
    connection = Parameter("connection_id", "Only this connection's.", {"type": "integer"})

    async def work(call: Call) -> Reply:
        page = read_page(call.query, frozenset({"company_id", "connection_id"}))
        asked = _ident(page.plain, "company_id"), _ident(page.plain, "connection_id")
        rows = await engine.store.reading(call.scope, lambda session: passthrough_calls.listed(
            session, *asked, before=page.next, limit=page.limit + 1))
        shown = rows[:page.limit]
        return Reply(msgspec.json.encode(CallList(
            [_shown(one) for one in shown], edge(shown[-1].id) if len(rows) > page.limit else None)))

    return Endpoint(
        "GET", f"/v4/core/{CALLS}", "listPassthroughCalls", "List passthrough calls, newest first", "passthrough",
        "admin", work, CallList, parameters=(company, connection, LIMIT, NEXT),
        answer_example={"data": [_EXAMPLE_CALL], "next": None})


def _ident(plain: Mapping[str, str], name: str) -> int | None:
    text = plain.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise invalid_params(name, "It must be a positive whole number.")
    return int(text) if text else None


def _shown(one: PassthroughCall) -> CallShown:
    return CallShown(
        rootfi_id=one.id, rootfi_company_id=one.company_id, rootfi_created_at=ms_text(one.created_at),
        connection_id=one.connection_id, api_key_id=one.api_key_id, request_id=one.request_id, method=one.method,
        path=one.path, status=one.status, error=one.error, bytes_out=one.bytes_out, bytes_in=one.bytes_in,
        took_ms=one.took_ms)
