"""Typed conditions as SQL that means the same in both databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from entrepot import clock
from entrepot.model import registry
from entrepot.store import scaling
from entrepot.store.driver import Driver
from entrepot.store.query import Condition

_STORE_FIELDS = {
    "rootfi_id": ("rootfi_id", "integer"), "rootfi_company_id": ("company_id", "integer"),
    "rootfi_created_at": ("rootfi_created_at", "time"), "rootfi_updated_at": ("rootfi_updated_at", "time"),
    "rootfi_deleted_at": ("rootfi_deleted_at", "time"), "platform_unique_id": ("platform_unique_id", "text"),
}
_SCALED: dict[str, Callable[[Any], int | bool]] = {
    "integer": scaling.integer, "money": scaling.money, "time": clock.to_ms, "boolean": bool,
}
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
# Either database refuses more parameters than this in one statement, with room for the rest of it.
LONGEST_LIST = 1000


@dataclass(frozen=True)
class Expression:
    """A field as SQL, and how values are to be scaled to be compared with it."""

    sql: str
    kind: str
    clipped: bool = False
    has_column: bool = True
    indexed: bool = False
    """Behind the company."""


def expression(driver: Driver, noun: str, field: str) -> Expression:
    """The SQL of a field. A field without a column is taken from the document, with the default of its declaration
    where the document leaves it out. Raises KeyError for a field that is not there, ValueError for a list."""
    if field in _STORE_FIELDS:
        column, kind = _STORE_FIELDS[field]
        return Expression(column, kind, indexed=column == "rootfi_updated_at")
    declared = registry.field_map(registry.noun(noun).type)[field]
    if declared.kind in ("list", "struct", "map"):
        raise ValueError(f"{noun}.{field} is not a single value")
    if declared.query is not None:
        indexed = declared.query.indexed
        return Expression(field, declared.kind, clipped=indexed and declared.kind == "text", indexed=indexed)
    extracted = driver.extracted(declared.kind, field)
    default = _default(noun, field)
    if default is not None:
        extracted = f"COALESCE({extracted}, {default})"
    return Expression(f"({extracted})", declared.kind, has_column=False)


@cache
def _default(noun: str, field: str) -> str | None:
    """The literal of a default that documents leave out; our own declarations only, so quoting is enough."""
    info = next(one for one in msgspec.structs.fields(registry.noun(noun).type) if one.name == field)
    if isinstance(info.default, bool):
        return "true" if info.default else "false"
    if isinstance(info.default, str):
        return "'" + info.default.replace("'", "''") + "'"
    return None


def scaled(kind: str, value: Any, *, clip: bool = False) -> int | str | bool | None:
    """A value as columns of that kind hold it."""
    if value is None:
        return None
    if kind in _SCALED:
        return _SCALED[kind](value)
    text = str(value).replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return scaling.clipped(text) if clip else text


def where(driver: Driver, noun: str, conditions: Sequence[Condition]) -> tuple[list[str], list[object]]:
    """The conditions as SQL terms to be joined by AND, and their parameters in order."""
    terms: list[str] = []
    params: list[object] = []
    for condition in conditions:
        term, values = _term(driver, noun, condition)
        terms.append(term)
        params += values
    return terms, params


def _term(driver: Driver, noun: str, condition: Condition) -> tuple[str, Sequence[object]]:
    target = expression(driver, noun, condition.field)
    if condition.op == "in":
        return _in(driver, target, condition)
    value = scaled(target.kind, condition.value, clip=target.clipped)
    if condition.op == "contains":
        if not isinstance(value, str):
            raise ValueError(f"{condition.field} is not a text")
        return driver.contains(target.sql), (value.translate(_ASCII_LOWER),)
    if value is None:
        if condition.op not in ("eq", "ne"):
            raise ValueError(f"{condition.field} cannot be ordered against nothing")
        return f"{target.sql} IS {'NOT ' if condition.op == 'ne' else ''}NULL", ()
    if condition.op == "eq":
        return f"{target.sql} = ?", (value,)
    if condition.op == "ne":
        return f"({target.sql} <> ? OR {target.sql} IS NULL)", (value,)
    return f"{target.sql} {_COMPARISONS[condition.op]} ?", (value,)


def _in(driver: Driver, target: Expression, condition: Condition) -> tuple[str, Sequence[object]]:
    if isinstance(condition.value, str) or not isinstance(condition.value, Sequence):
        raise TypeError(f"{condition.field}: in takes a list")
    if len(condition.value) > LONGEST_LIST:
        raise ValueError(f"{condition.field}: at most {LONGEST_LIST} values")
    values = [scaled(target.kind, one, clip=target.clipped) for one in condition.value if one is not None]
    if not values:
        return "1 = 0", ()
    return f"{target.sql} IN ({', '.join('?' * len(values))})", values
