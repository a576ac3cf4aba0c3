"""The body of a create or update, turned into drafts of the model's records.

References stay as the caller sent them: the engine resolves them, because that needs the store. The record's own ids
are ignored, so that what was read can be sent back; anything that is not known is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.api import takes
from entrepot.api.dialect import BASE
from entrepot.api.view import View, Write
from entrepot.engine.write import Draft
from entrepot.errors import ApiError, invalid_params, missing_params
from entrepot.model.base import Embedded, Record
from entrepot.model.registry import embedded_lists

MAX_RECORDS = 1000
"""Of one asynchronous request: one operation each, all in one commit."""

_IGNORED = frozenset(name for name, _ in BASE) | {"data_hash"}
_ENVELOPE = frozenset({"company_id", "rootfi_company_id", "connection_id", "data", "run_async"})
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True)
class Body:
    """A request's envelope, checked; ``data`` still as it was sent."""

    company_id: int | None
    connection_id: int | None
    run_async: bool
    data: list[object]


def decode(text: bytes) -> dict[str, object]:
    """The JSON object of a request's body; numbers are int or Decimal."""
    try:
        value = _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(400, "invalid-params", f"The body is no valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise ApiError(400, "invalid-params", "The body must be a JSON object.")
    return value


def read_body(body: Mapping[str, object], query: Mapping[str, str]) -> Body:
    """The envelope of a write: ``company_id``, ``connection_id`` and ``run_async`` stand in the body or the query."""
    for name in body:
        if name not in _ENVELOPE:
            raise invalid_params(name, "A write has company_id, connection_id, data and run_async.")
    data = body.get("data")
    if data is None:
        raise missing_params("data", "Send a list of records.")
    if not isinstance(data, list):
        raise invalid_params("data", "It must be a list of records.")
    if not data:
        raise missing_params("data", "Send at least one record.")
    if len(data) > MAX_RECORDS:
        raise invalid_params("data", f"It holds more than {MAX_RECORDS} records.")
    company = body.get("company_id", body.get("rootfi_company_id", query.get("company_id")))
    found = Body(
        company_id=_ident(company, "company_id"),
        connection_id=_ident(body.get("connection_id", query.get("connection_id")), "connection_id"),
        run_async=_flag(query.get("run_async", body.get("run_async")), "run_async"),
        data=data,
    )
    if len(data) > 1 and not found.run_async:
        raise invalid_params("run_async", "More than one record needs run_async=true.")
    return found


def read_items(view: View, write: Write, data: list[object], ordinal: int | None = None) -> list[Draft]:
    """The records of a write. ``ordinal`` is the connection's that is written to, where that is known already."""
    return [_item(view, write, value, f"data[{index}]", ordinal) for index, value in enumerate(data)]


def _item(view: View, write: Write, value: object, where: str, ordinal: int | None) -> Draft:
    if not isinstance(value, dict):
        raise invalid_params(where, "It must be an object.")
    values: dict[str, Any] = {}
    extra: Mapping[str, Any] = {}
    for name, sent in value.items():
        place = f"{where}.{name}"
        if name == "raw_data":
            extra = _extra(sent, place)
        elif name not in _IGNORED:
            _merge(values, _taken(view, write, name, sent, place), place)
    if write == "create":
        _require(view, value, values, where)
        values = {**(view.defaults() if view.defaults else {}), **values}
    record = view.model(platform_unique_id="", **values)
    _settle_rows(record, write, ordinal)
    return Draft(record, frozenset(values), extra)


def _taken(view: View, write: Write, name: str, sent: object, where: str) -> Mapping[str, object]:
    one = view.inputs.get(name)
    if one is not None and one.field is not None and one.shape.take is not None:
        taken = one.shape.take(sent, where)
        if taken is not takes.ABSENT:
            return {one.field.name: taken}
        # In an update null says "empty it"; the empty string says nothing, as in the documented bodies.
        clears = write == "update" and sent is None and one.field.optional
        return {one.field.name: None} if clears else {}
    for given in view.given:
        if given.name == name:
            return given.take(sent, where)
    if any(one.name == name for one in view.bound):
        raise invalid_params(where, "It is computed by the shop and cannot be sent.")
    known = ", ".join([*view.inputs, *(given.name for given in view.given)])
    raise invalid_params(where, f"Known are: {known}.")


def _merge(values: dict[str, Any], more: Mapping[str, object], where: str) -> None:
    for name, value in more.items():
        if name not in values:
            values[name] = value
        elif isinstance(value, list) and isinstance(values[name], list):
            values[name] = [*values[name], *value]  # shipping_address beside billing_address
        elif values[name] != value:
            raise invalid_params(where, "It contradicts another field that means the same.")


def _require(view: View, sent: Mapping[str, object], values: Mapping[str, object], where: str) -> None:
    sources = {one.name: one.field.name for one in view.bound if one.field is not None}
    for name in view.required:
        if not values.get(sources[name]):
            raise missing_params(f"{where}.{name}", "Every new record needs it.")
    for name, part in view.parts.items():
        rows = sent.get(name)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            part.missing(row, f"{where}.{name}[{index}]")


def _settle_rows(record: Record, write: Write, ordinal: int | None) -> None:
    """Ids of embedded rows mean something only where rows exist already; there they are the platform's own again."""
    suffix = f"_{ordinal}"
    for field in embedded_lists(type(record)):
        rows: list[Embedded] = getattr(record, field.name)
        for row in rows:
            if write == "create":
                row.rootfi_id = row.platform_unique_id = None
            elif row.platform_unique_id is not None:
                row.platform_unique_id = row.platform_unique_id.removesuffix(suffix)


def _extra(sent: object, where: str) -> Mapping[str, Any]:
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise invalid_params(where, "It must be an object.")
    return sent


def _ident(value: object, where: str) -> int | None:
    number = takes.integer(value, where)
    if number is takes.ABSENT:
        return None
    if not isinstance(number, int) or not 0 < number < 2**53:
        raise invalid_params(where, "It must be a positive whole number.")
    return number


def _flag(value: object, where: str) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0", ""):
        return value.lower() in ("true", "1")
    taken = takes.boolean(value, where)
    return taken is True
