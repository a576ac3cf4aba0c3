"""The OpenAPI 3.1 documents at /openapi/v3.json and /openapi/v4.json, made of the endpoints and the views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot import __version__
from entrepot.api import error_docs, header_docs, schema_docs, tag_docs, webhook_docs
from entrepot.api.data_docs import reference
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.examples import SYNC_ID

_SECURITY = {
    "api_key": {"type": "apiKey", "in": "header", "name": "api_key"},
    "x_api_key": {"type": "apiKey", "in": "header", "name": "X-Api-Key",
                  "description": "For proxies that drop headers with underscores."},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def endpoint(version: str, endpoints: Sequence[Endpoint]) -> Endpoint:
    """The call that serves a version's document, written once."""
    body = msgspec.json.encode(document(version, endpoints))

    async def work(call: Call) -> Reply:
        return Reply(body)

    return Endpoint("GET", f"/openapi/{version}.json", "openapi", "This document", "documents", None, work,
                    {"type": "object"})


def document(version: str, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The document of one version as plain JSON values."""
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Entrepot {version}", "version": __version__,
            "summary": tag_docs.SUMMARY, "description": tag_docs.ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that this document came from."}],
        "security": [{name: []} for name in _SECURITY],
        "tags": tag_docs.tags(one.tag for one in endpoints),
        "paths": paths,
        "webhooks": webhook_docs.document(version),
        "components": {
            "schemas": schema_docs.components(version, endpoints),
            "securitySchemes": _SECURITY,
            "parameters": header_docs.SENT,
            "headers": header_docs.TOLD,
            "responses": error_docs.components(reference("ErrorBody")),
        },
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": one.name, "summary": one.summary, "tags": [one.tag], "description": _scope(one),
        "parameters": [*(_parameter(parameter) for parameter in one.parameters), *header_docs.sent_with(one)],
        "responses": _successes(one) | error_docs.refusals(one),
        # In 3.1 the list of a scheme without scopes of its own names the roles that are needed.
        "security": [] if one.needs is None else [{name: [one.needs]} for name in _SECURITY],
    }
    if one.body is not None:
        content = {"schema": schema_docs.schema(one.body), "example": one.body_example}
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    if one.deprecated:
        found["deprecated"] = True
    return found


def _scope(one: Endpoint) -> str:
    if one.needs is None:
        return "No API key is needed."
    apart = ", which `admin` does not include" if one.needs == "credentials" else ""
    return f"Needs the scope `{one.needs}`{apart}."


def _successes(one: Endpoint) -> dict[str, Any]:
    headers = header_docs.told_with(one)
    if one.answer is None:
        return {"204": {"description": "Done.", "headers": headers}}
    found = {"200": {"description": "Done.", "headers": headers, "content": _json(one.answer, one.answer_example)}}
    if one.accepted is not None:
        found["202"] = {"description": "Accepted; it goes on behind sync_id.", "headers": headers,
                        "content": _json(one.accepted, {"data": [], "sync_id": SYNC_ID})}
    return found


def _json(kind: Any, example: object) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema_docs.schema(kind)}
    if example is not None:
        content["example"] = example
    return {"application/json": content}


def _parameter(one: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {"name": one.name, "in": one.where, "description": one.about, "schema": one.schema}
    if one.required:
        found["required"] = True
    if one.example is not None:
        found["example"] = one.example
    if one.schema.get("type") == "object":
        found |= {"style": "deepObject", "explode": True}
    return found
