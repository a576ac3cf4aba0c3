"""``field[op]=value`` of a query: which operators a field knows, and the values as the store compares them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from entrepot.api import takes
from entrepot.api.view import Comparable
from entrepot.errors import invalid_params
from entrepot.model.registry import Kind

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains"]
Value: TypeAlias = str | int | Decimal | bool | datetime

ALL: tuple[Operator, ...] = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "contains")
_ORDERED: tuple[Operator, ...] = ("eq", "ne", "gt", "gte", "lt", "lte", "in")
_SAME: tuple[Operator, ...] = ("eq", "ne", "in")
OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    "text": ALL, "enum": _SAME, "boolean": _SAME,
    "integer": _ORDERED, "money": _ORDERED, "number": _ORDERED, "time": _ORDERED,
}
"""What each kind of field can be asked."""

LONGEST_LIST = 200
"""Values of one ``in``."""
_INT64 = 2**63
_YES_NO = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Filter:
    """One condition in public terms, its values typed. ``values`` has one entry but for ``in`` and enum words; None is
    "unknown", which is how nothing compares."""

    name: str
    on: Comparable
    operator: Operator
    values: tuple[Value | None, ...]


def operators(on: Comparable) -> tuple[Operator, ...]:
    """The operators of a field; a reference is the same or is not."""
    return _SAME if on.noun is not None else OPERATORS[on.kind]


def read_filter(name: str, on: Comparable, operator: str, text: str) -> Filter:
    """Check the operator and type the values; ``invalid-params`` naming the field. ``status=`` asks for the unknown,
    ``status[ne]=`` for the known."""
    known = operators(on)
    if operator not in known:
        raise invalid_params(name, f"It has no operator {operator[:40]}; send one of {', '.join(known)}.")
    chosen = next(one for one in known if one == operator)
    if text == "" and chosen in ("eq", "ne"):
        return Filter(name, on, chosen, (None,))
    texts = text.split(",") if chosen == "in" else [text]
    if len(texts) > LONGEST_LIST:
        raise invalid_params(name, f"in takes at most {LONGEST_LIST} values.")
    values = [value for one in texts for value in _values(name, on, one.strip() if chosen == "in" else one)]
    return Filter(name, on, chosen, tuple(values))


def _values(name: str, on: Comparable, text: str) -> list[Value]:
    """Usually one; a v3 word such as UNKNOWN stands for several values of the model."""
    if on.words:
        words = on.words.get(text.lower())
        if words is None:
            raise invalid_params(name, f"It must be one of: {', '.join(on.words)}.")
        return list(words)
    return [_value(name, on.kind, text)]


def _value(name: str, kind: Kind, text: str) -> Value:
    if kind in ("text", "enum"):
        taken = takes.text(text, name) if text else text
        return text if taken is takes.ABSENT else str(taken)
    if kind == "boolean":
        if text.lower() not in _YES_NO:
            raise invalid_params(name, "It must be true or false.")
        return _YES_NO[text.lower()]
    if not text:
        raise invalid_params(name, "It has no value.")
    if kind == "time":
        return takes.moment(text, name)
    taken = takes.integer(text, name) if kind == "integer" else takes.decimal(text, name)
    if isinstance(taken, int) and -_INT64 <= taken < _INT64:
        return taken
    if isinstance(taken, Decimal):
        return taken
    raise invalid_params(name, "It is too large a number.")
