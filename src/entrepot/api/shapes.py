"""The ways in which a field of the model becomes a public one, and back.

A shape stands beside a public name (:class:`entrepot.api.view.Shown`) and says three things about one value: its public
type, how it is shown, and what may be sent for it. Whether anything may be sent at all is the model's word: fields
marked ``ReadOnly`` never are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from entrepot.api import takes
from entrepot.api.frame import Frame
from entrepot.api.numbers import amount_text
from entrepot.api.times import time_text
from entrepot.model.registry import Field

Show = Callable[[Any, Frame], object]
"""The model's value (never None) and the record around it to the public value. Fields differ, hence ``Any``."""


@dataclass(frozen=True)
class Shape:
    """What one kind of public value is."""

    hint: object
    """The public type, without null."""
    show: Show | None = None
    """None: the model's value as it is."""
    take: takes.Take | None = None
    """None: it cannot be sent."""
    blank: bool = False
    """Unknown is shown as "" (v3 requires the string), else as null."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Public word in lower case to the model's values that are shown by it; for filters."""
    sent: Any = None
    """The public type of what may be sent, where it is not the shown one."""
    row: type[msgspec.Struct] | None = None
    """Of a list of rows: their public struct."""
    computed: bool = False
    """Worked out from the whole record: it has no field of the model, is never sent and never filtered by."""


ShapeOf = Callable[[Field], Shape]
"""A shape that depends on the field: its choices, say."""

TIME_HINT = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]


def _time(value: datetime, frame: Frame) -> str:
    return time_text(value)


def _reference(value: str, frame: Frame) -> str:
    return value + frame.suffix


def _amount(value: Decimal, frame: Frame) -> str:
    return amount_text(value, frame.record.currency_id)


def _digits(value: int, frame: Frame) -> str:
    return str(value)


def _upper(value: str, frame: Frame) -> str:
    return value.upper()


TEXT = Shape(str, take=takes.text)
TEXT_OR_BLANK = Shape(str, take=takes.text, blank=True)
NUMBER = Shape(float, take=takes.decimal)
QUANTITY = Shape(float, take=takes.above_zero)
CURRENCY = Shape(str, take=takes.currency)
AMOUNT_TEXT = Shape(str, _amount, takes.decimal, blank=True)
INTEGER = Shape(int, take=takes.integer)
INTEGER_TEXT = Shape(str, _digits, takes.integer, blank=True)
BOOLEAN = Shape(bool, take=takes.boolean)
TIME = Shape(TIME_HINT, _time, takes.time)
TIME_OR_BLANK = Shape(str, _time, takes.time, blank=True)
REFERENCE = Shape(str, _reference, takes.reference)
REFERENCE_OR_BLANK = Shape(str, _reference, takes.reference, blank=True)


def lower(source: Field) -> Shape:
    """An enum in the model's own lower case, as v4 has it. ``cancelled`` is accepted beside ``canceled``."""
    accepted = {word: word for word in source.choices}
    if "canceled" in accepted:
        accepted["cancelled"] = "canceled"
    if "draft" in accepted:
        accepted["inactive"] = "draft"  # v4's create and update texts call an unpublished item inactive
    return Shape(Literal[source.choices], take=takes.choice(accepted), words={word: (word,) for word in source.choices},
                 sent=Literal[tuple(accepted)])


def upper(source: Field) -> Shape:
    """An enum in upper case where v3's client types it as free text."""
    accepted = {word: word for word in source.choices}
    return Shape(str, _upper, takes.choice(accepted), blank=True, words={word: (word,) for word in source.choices},
                 sent=Literal[tuple(word.upper() for word in accepted)])


def base_status(source: Field) -> Shape:
    """v3's BaseStatus: ACTIVE, ARCHIVED, and UNKNOWN for whatever else the model knows."""
    shown = {word: word.upper() if word in ("active", "archived") else "UNKNOWN" for word in source.choices}
    words = {public.lower(): tuple(word for word in shown if shown[word] == public) for public in shown.values()}
    accepted = {"active": "active", "archived": "archived", "unknown": "unknown",
                "inactive": "inactive" if "inactive" in source.choices else "draft"}

    def show(value: str, frame: Frame) -> str:
        return shown.get(value, "UNKNOWN")

    return Shape(Literal["ACTIVE", "ARCHIVED", "UNKNOWN"], show, takes.choice(accepted), words=words,
                 sent=Literal["ACTIVE", "ARCHIVED", "UNKNOWN", "INACTIVE"])


def computed(hint: object, show: Callable[[Frame], object]) -> Shape:
    """A value that is worked out from the whole record."""
    return Shape(hint, lambda _, frame: show(frame), computed=True)


def children(noun: str, hint: object) -> Shape:
    """The bodies of a record's children in the same version, as they were rendered."""

    def show(frame: Frame) -> object:
        return [msgspec.Raw(body) for body in frame.children.get(noun, ())]

    return computed(hint, show)
