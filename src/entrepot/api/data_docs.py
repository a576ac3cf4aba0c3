"""What the documents say of the data endpoints: parameters, bodies and answers, computed from the views."""

from __future__ import annotations

from typing import Any

from entrepot.api import dialect, filters
from entrepot.api.core.pages import LIMIT, NEXT, PREV
from entrepot.api.endpoint import Parameter
from entrepot.api.view import Comparable, View

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean", "default": False}
_COMPANY = Parameter("company_id", "Only this company; the same as rootfi_company_id[eq]. Needed by every filter and "
                     "sort but rootfi_id's, since no other index spans companies.", {"type": "integer"})
_CONNECTION = Parameter("connection_id", "Only this connection of the company.", {"type": "integer"})
_DELETED = Parameter("include_deleted_records", "Records that are gone on the platform too.", _FLAG)
IDENT = Parameter("id", "rootfi_id (digits alone), platform_id, or platform_unique_id.", _TEXT, "path", required=True,
                  example="1001")
RUN_ASYNC = Parameter("run_async", "Answer at once with the sync_id; more than one record needs it.", _FLAG)

_VALUES: dict[str, dict[str, Any]] = {
    "text": _TEXT, "enum": _TEXT, "boolean": {"type": "boolean"}, "integer": {"type": "integer"},
    "money": {"type": "number"}, "number": {"type": "number"}, "time": {"type": "string", "format": "date-time"},
}
SYNC_ID = {"type": "string", "description": "The write as a sync: GET /core/syncs/{sync_id}."}


def reference(name: str) -> dict[str, Any]:
    """A pointer to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def list_parameters(view: View) -> tuple[Parameter, ...]:
    """Everything that a list of this view understands."""
    fixed = (LIMIT, NEXT, PREV, *extras(view), _DELETED,
             Parameter("return_count", "Fill total_count.", _FLAG), _COMPANY, _CONNECTION)
    names = {"platform_id": Comparable("platform_id", "text", noun="self"), **view.comparables}
    return (*fixed, _sort(view), *(_filter(name, on) for name, on in names.items()))


def single_parameters(view: View) -> tuple[Parameter, ...]:
    """Those of one record."""
    return (IDENT, *extras(view), _DELETED, _COMPANY, _CONNECTION)


def extras(view: View) -> tuple[Parameter, ...]:
    """select and expand."""
    known = [*view.expansions, *sorted(view.embedded), *filter(None, [view.fragment])]
    select = Parameter("select", f"Comma list of {' and '.join(dialect.SELECTABLE)}.", _TEXT, example="data_hash")
    if not known:
        return (select,)
    embeds = "".join(f" {one.name} adds {one.key}." for one in view.expansions.values())
    return (select, Parameter("expand", f"Comma list of {', '.join(known)}.{embeds}", _TEXT))


def _filter(name: str, on: Comparable) -> Parameter:
    value = dict(_VALUES[on.kind])
    if on.words:
        value["enum"] = list(on.words)
    known = {one: dict(value) for one in filters.operators(on)}
    known["in"] = {"type": "string", "description": "Comma list."}
    schema = {"type": "object", "properties": known, "additionalProperties": False}
    return Parameter(name, f"Filter: {name}[op]=value; {name}=value is eq. {name}= asks for what is unknown, "
                     f"{name}[ne]= for what is known.", schema)


def _sort(view: View) -> Parameter:
    way = {"type": "string", "enum": ["ASC", "DESC"]}
    schema = {"type": "object", "properties": dict.fromkeys(view.comparables, way), "maxProperties": 1,
              "additionalProperties": False}
    return Parameter("sort", "Order: sort[field]=ASC or DESC; rootfi_id ascending otherwise, and among equals.",
                     schema)


def list_answer(view: View) -> dict[str, Any]:
    """The envelope of a list."""
    cursor = {"type": ["string", "null"]}
    return _object({
        "data": {"type": "array", "items": reference(view.name)},
        "prev": {**cursor, "description": "Cursor of the page before."},
        "next": {**cursor, "description": "Cursor of the page after; null at the end."},
        "total_count": {"type": ["integer", "null"], "description": "With return_count=true."},
    })


def created_answer(view: View) -> dict[str, Any]:
    """The answer of a create that is done."""
    rows = reference(view.name) if view.single else {"type": "array", "items": reference(view.name)}
    return _object({"data": rows, "sync_id": SYNC_ID})


def accepted_answer() -> dict[str, Any]:
    """The answer of a write that goes on: ``data`` is there, and empty, when it was to be waited for."""
    return {"type": "object", "properties": {"data": {"type": "array", "maxItems": 0}, "sync_id": SYNC_ID},
            "required": ["sync_id"]}


def create_body(view: View) -> dict[str, Any]:
    """The body of a create."""
    return _object({
        "company_id": {"type": "integer"},
        "connection_id": {"type": "integer", "description": "Where the company has several shops."},
        "data": {"type": "array", "minItems": 1, "items": reference(f"{view.name}Create")},
        "run_async": {"type": "boolean", "default": False},
    }, ["company_id", "data"])


def update_body(view: View) -> dict[str, Any]:
    """The body of an update: only the fields to change."""
    return _object({
        "company_id": {"type": "integer"},
        "connection_id": {"type": "integer"},
        "data": {"type": "array", "minItems": 1, "maxItems": 1, "items": reference(f"{view.name}Update")},
        "run_async": {"type": "boolean", "default": False},
    }, ["data"])


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required or list(properties)}
