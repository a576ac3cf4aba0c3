"""The OpenAPI 3.1 documents at /openapi/v3.json and /openapi/v4.json, made of the endpoints and the views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot import __version__
from entrepot.api import v3, v4
from entrepot.api.data_docs import reference
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.failures import ErrorBody
from entrepot.api.view import View

VIEWS: dict[str, Sequence[View]] = {"v3": v3.VIEWS, "v4": v4.VIEWS}
_TEMPLATE = "#/components/schemas/{name}"

_ERRORS = {
    "400": "A field is missing or wrong, or the platform refuses. The code tells which.",
    "401": "No API key, or one that is unknown, revoked or expired.",
    "403": "The API key lacks a scope.",
    "404": "Nothing with that id is visible to this key.",
    "405": "The path does not know this method.",
    "413": "The body is too large.",
    "415": "The body is no JSON.",
    "500": "A mistake of this server.",
}
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
            "summary": "One schema over every connected shop",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in _SECURITY],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in endpoints)],
        "paths": paths,
        "components": {
            "schemas": _schemas(version, endpoints),
            "securitySchemes": _SECURITY,
            "responses": {f"E{status}": _json(reference("ErrorBody"), about) for status, about in _ERRORS.items()},
        },
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    errors = ["401", "403", "405", "500"] if one.needs else ["405", "500"]
    if one.needs and (one.parameters or one.body):
        errors.append("400")
    if any(parameter.where == "path" for parameter in one.parameters):
        errors.append("404")
    if one.body is not None:
        errors += ["413", "415"]
    responses = {"200": _json(_schema(one.answer), "Done.", one.answer_example)}
    if one.accepted is not None:
        responses["202"] = _json(_schema(one.accepted), "Accepted; it goes on behind sync_id.")
    responses |= {status: {"$ref": f"#/components/responses/E{status}"} for status in sorted(errors)}
    found: dict[str, Any] = {
        "operationId": one.name, "summary": one.summary, "tags": [one.tag],
        "parameters": [_parameter(parameter) for parameter in one.parameters], "responses": responses,
    }
    if one.body is not None:
        content = {"schema": _schema(one.body)} | ({"example": one.body_example} if one.body_example else {})
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    if one.needs is None:
        found["security"] = []
    if one.deprecated:
        found["deprecated"] = True
    return found


def _parameter(one: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {"name": one.name, "in": one.where, "description": one.about, "schema": one.schema}
    if one.required:
        found["required"] = True
    if one.example is not None:
        found["example"] = one.example
    if one.schema.get("type") == "object":
        found |= {"style": "deepObject", "explode": True}
    return found


def _json(schema: dict[str, Any], about: str, example: object = None) -> dict[str, Any]:
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"description": about, "content": {"application/json": content}}


def _schema(kind: Any) -> dict[str, Any]:
    return kind if isinstance(kind, dict) else reference(_public(kind.__name__))


def _schemas(version: str, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    views = VIEWS[version]
    kinds: list[Any] = [ErrorBody, *(view.layout.type for view in views)]
    kinds += [view.input_type(write) for view in views for write in view.writes]
    kinds += [kind for one in endpoints for kind in (one.answer, one.body, one.accepted)
              if kind is not None and not isinstance(kind, dict)]
    kinds += [view.fragment_type for view in views if view.fragment_type is not None]
    _, found = msgspec.json.schema_components(list(dict.fromkeys(kinds)), ref_template=_TEMPLATE)
    renamed = {_public(name): _renamed(schema) for name, schema in found.items()}
    for view in views:
        renamed[view.name]["description"] = view.about
        renamed[view.name]["properties"] |= _added(view, views)
    return dict(sorted(renamed.items()))


def _added(view: View, views: Sequence[View]) -> dict[str, Any]:
    """What select and expand add to a body."""
    found: dict[str, Any] = {
        "raw_data": {"type": ["object", "null"], "description": "With select=raw_data: the platform's own payload."},
        "data_hash": {"type": "string", "description": "With select=data_hash: moves when the record changes."},
    }
    if view.fragment and view.fragment_type:
        found[view.fragment] = {"type": "array", "items": reference(view.fragment_type.__name__),
                                "description": f"With expand={view.fragment}."}
    for one in view.expansions.values():
        target = next(other for other in views if other.noun == one.noun)
        name = target.name if one.part is None else target.row_types[one.part].__name__
        found[one.key] = {"anyOf": [reference(name), {"type": "null"}], "description": f"With expand={one.name}."}
    return found


def _public(name: str) -> str:
    return name.removesuffix("Shown")


def _renamed(schema: Any) -> Any:
    """References follow their components' public names."""
    if isinstance(schema, dict):
        return {key: _public(value) if key in ("$ref", "title") and isinstance(value, str) else _renamed(value)
                for key, value in schema.items()}
    return [_renamed(one) for one in schema] if isinstance(schema, list) else schema
