"""Rows inside a record (an address, a line item) as one version shows and takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from entrepot.api import takes
from entrepot.api.frame import Frame
from entrepot.api.layout import Bound, Layout, Shown, bind, input_struct
from entrepot.api.shapes import Shape
from entrepot.errors import invalid_params, missing_params
from entrepot.model.base import Address, Embedded

IDS = (("rootfi_id", int | None), ("platform_id", str | None))
"""What every embedded row shows first."""

OWN_IDS = frozenset({"rootfi_id", "platform_id", "platform_unique_id"})


@dataclass(frozen=True, eq=False)
class Part:
    """The public form of an embedded row.

    ``required`` are public names that must come with a new row; ``unshown`` can be sent and are not shown.
    """

    name: str
    struct: type[Embedded]
    fields: tuple[Shown, ...]
    required: tuple[str, ...] = ()
    unshown: tuple[Shown, ...] = ()

    @cached_property
    def bound(self) -> tuple[Bound, ...]:
        """The fields, settled."""
        return tuple(bind(self.struct, self.fields))

    @cached_property
    def layout(self) -> Layout:
        """The compiled form."""
        return Layout(self.name, IDS, self.bound)

    @cached_property
    def inputs(self) -> Mapping[str, Bound]:
        """What may be sent, by public name."""
        unshown = bind(self.struct, self.unshown)
        return {one.name: one for one in (*self.bound, *unshown) if one.writable}

    @cached_property
    def input_type(self) -> type[msgspec.Struct]:
        """The schema of what may be sent."""
        return input_struct(f"{self.name}Input", self.inputs.values(), self.required, IDS)

    def show(self, row: Any, frame: Frame) -> msgspec.Struct:
        """One row as public struct. Ids that came with an address are shown as they came."""
        own, platform = row.rootfi_id, row.platform_unique_id
        shown = None if platform is None else platform + frame.suffix
        if isinstance(row, Address):
            own = own if row.given_rootfi_id is None else row.given_rootfi_id
            shown = shown if row.given_platform_id is None else row.given_platform_id
        return self.layout.fill(row, frame, (own, shown))

    def take(self, value: object, where: str, **fixed: Any) -> object:
        """One sent row as the model's struct, with ``fixed`` fields; ABSENT for null and for an object of nothing."""
        if value is None:
            return takes.ABSENT
        if not isinstance(value, dict):
            raise invalid_params(where, "It must be an object.")
        values: dict[str, Any] = {}
        for name, item in value.items():
            if name in OWN_IDS:
                self._keep_id(values, name, item, f"{where}.{name}")
                continue
            one = self.inputs.get(name)
            if one is None or one.field is None or one.shape.take is None:
                raise invalid_params(f"{where}.{name}", self._why_not(name))
            taken = one.shape.take(item, f"{where}.{name}")
            if taken is not takes.ABSENT:
                values[one.field.name] = taken
        return self.struct(**{**values, **fixed}) if values else takes.ABSENT

    def missing(self, value: object, where: str) -> None:
        """Raise ``missing-params`` for the first required name that a sent row lacks."""
        if isinstance(value, dict):
            for name in self.required:
                if value.get(name) in (None, ""):
                    raise missing_params(f"{where}.{name}", "Every new row needs it.")

    def _why_not(self, name: str) -> str:
        known = any(one.name == name for one in self.bound)
        return "It is computed by the shop." if known else f"Known are: {', '.join(self.inputs)}."

    def _keep_id(self, values: dict[str, Any], name: str, item: object, where: str) -> None:
        """Ids are echoed on addresses, which have no better key; on other rows they tell which row is meant."""
        if item is None or item == "":
            return
        if name == "rootfi_id":
            number = takes.integer(item, where)
            values["given_rootfi_id" if issubclass(self.struct, Address) else "rootfi_id"] = number
        else:
            text = takes.text(item, where)
            values["given_platform_id" if issubclass(self.struct, Address) else "platform_unique_id"] = text


def one(part: Part) -> Shape:
    """The first of a list, as a single object (v3's ``address``)."""

    def show(rows: Sequence[Any], frame: Frame) -> object:
        return part.show(rows[0], frame) if rows else None

    def take(value: object, where: str) -> object:
        row = part.take(value, where)
        return row if row is takes.ABSENT else [row]

    return Shape(part.layout.type | None, show, take, sent=part.input_type)


def many(part: Part) -> Shape:
    """The whole list."""

    def show(rows: Sequence[Any], frame: Frame) -> object:
        return [part.show(row, frame) for row in rows]

    def take(value: object, where: str) -> object:
        if value is None:
            return takes.ABSENT
        if not isinstance(value, list):
            raise invalid_params(where, "It must be a list.")
        rows = [part.take(item, f"{where}[{index}]") for index, item in enumerate(value)]
        return [row for row in rows if row is not takes.ABSENT]

    row, sent = part.layout.type, part.input_type
    return Shape(list[row], show, take, sent=list[sent], row=row)  # type: ignore[valid-type]
