"""A view: how one noun looks in one version. Declared in v3/ and v4/, one file per noun.

Computed from the declaration: the msgspec Struct of the answer (which is also its schema), the function that fills it,
what may be sent, the names to filter and sort by, and the references to expand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec

from entrepot.api.dialect import BASE, base_values
from entrepot.api.frame import Frame
from entrepot.api.layout import Bound, Layout, Shown, bind, input_struct
from entrepot.api.numbers import encode
from entrepot.api.parts import Part
from entrepot.api.shapes import Show
from entrepot.model import registry
from entrepot.model.base import Record
from entrepot.model.registry import Kind
from entrepot.store.rendering import Base, Rendered

Write = Literal["create", "update"]

ROWS: tuple[Kind, ...] = ("list", "struct", "map")
"""Kinds that cannot be compared with one value."""


@dataclass(frozen=True, eq=False)
class Given:
    """An input that is not shown under this name: ``take`` answers fields of the model and their values.

    ``fills`` are those fields; a list among them gets one row of it.
    """

    name: str
    take: Callable[[object, str], Mapping[str, object]]
    hint: Any
    about: str
    fills: tuple[str, ...]

    @property
    def schema(self) -> Any:
        """Its type, explained."""
        return Annotated[self.hint, msgspec.Meta(description=self.about)]


@dataclass(frozen=True)
class Comparable:
    """A public name that lists can be filtered and sorted by."""

    source: str
    """The unified field, or a base field."""
    kind: Kind
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    noun: str | None = None
    """Of a reference: the noun it points to; ``part`` its embedded list."""
    part: str | None = None


@dataclass(frozen=True)
class Expansion:
    """A reference that can be embedded: ``name`` (customer_id) puts the target beside it under ``key`` (customer)."""

    name: str
    key: str
    noun: str
    column: str
    """The unified field that holds the target record's own id."""
    part: str | None = None
    """The target is a row of this list of the record; ``part_column`` holds the row's own id."""
    part_column: str | None = None


BASE_COMPARABLES: Mapping[str, Comparable] = {
    "rootfi_id": Comparable("rootfi_id", "integer"),
    "rootfi_company_id": Comparable("rootfi_company_id", "integer"),
    "rootfi_created_at": Comparable("rootfi_created_at", "time"),
    "rootfi_updated_at": Comparable("rootfi_updated_at", "time"),
    "platform_unique_id": Comparable("platform_unique_id", "text"),
}


@dataclass(frozen=True, eq=False)
class View:
    """One noun in one version.

    ``path`` is its place below ``/<version>/ecommerce``, ``name`` its schema's name. ``writes`` are the calls that the
    contract has, ``required`` the public names that a create needs. ``fragment`` is a list that is only there with
    ``expand``. ``stored`` says which of the two kept bodies is served. ``single`` is v3's product, whose POST answers
    an object where all others answer a list. ``by_id`` is whether there is a GET of one record.
    """

    noun: str
    path: str
    name: str
    about: str
    fields: tuple[Shown, ...]
    given: tuple[Given, ...] = ()
    writes: tuple[Write, ...] = ()
    required: tuple[str, ...] = ()
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Input names whose rows have required fields of their own when a record is created."""
    defaults: Callable[[], Mapping[str, object]] | None = None
    """Unified fields of a created record that the caller need not send."""
    fragment: str | None = None
    stored: Literal["newest", "older"] = "newest"
    single: bool = False
    by_id: bool = True
    deprecated: bool = False

    @property
    def model(self) -> type[Record]:
        """The noun's struct."""
        return registry.noun(self.noun).type

    @cached_property
    def bound(self) -> tuple[Bound, ...]:
        """All fields, settled."""
        return tuple(bind(self.model, self.fields))

    @cached_property
    def layout(self) -> Layout:
        """The body's compiled form: base fields, then all fields but the fragment."""
        return Layout(self.name, BASE, [one for one in self.bound if one.name != self.fragment])

    @cached_property
    def inputs(self) -> Mapping[str, Bound]:
        """What may be sent under its shown name."""
        return {one.name: one for one in self.bound if one.writable}

    @cached_property
    def row_types(self) -> Mapping[str, type[msgspec.Struct]]:
        """The public structs of its lists of rows, by the model's field."""
        return {one.field.name: one.shape.row for one in self.bound if one.field is not None and one.shape.row}

    @property
    def fragment_type(self) -> type[msgspec.Struct] | None:
        """The struct of the fragment's rows."""
        return next((one.shape.row for one in self.bound if one.name == self.fragment), None)

    def input_type(self, write: Write) -> type[msgspec.Struct]:
        """The schema of a record that is sent; an update needs nothing in particular."""
        more = [*((one.name, one.schema) for one in self.given), ("raw_data", dict[str, Any])]
        required = self.required if write == "create" else ()
        return input_struct(f"{self.name}{write.title()}", self.inputs.values(), required, more)

    @cached_property
    def comparables(self) -> Mapping[str, Comparable]:
        """What can be filtered and sorted by; computed fields and lists cannot."""
        found = dict(BASE_COMPARABLES)
        for one in self.bound:
            if one.field is not None and one.field.kind not in ROWS:
                ref = one.field.ref
                found[one.name] = Comparable(one.field.name, one.field.kind, one.shape.words,
                                             ref.noun if ref else None, ref.part if ref else None)
        return found

    @cached_property
    def expansions(self) -> Mapping[str, Expansion]:
        """References that ``expand`` embeds."""
        found: dict[str, Expansion] = {}
        for one in self.bound:
            ref = one.field.ref if one.field else None
            if one.field is None or ref is None:
                continue
            key = one.name.removesuffix("_id")
            if ref.part is None:
                found[one.name] = Expansion(one.name, key, ref.noun, one.field.name)
                continue
            owner = next(other.name for other in registry.fields(self.model)
                         if other.ref is not None and other.ref.noun == ref.noun and other.ref.part is None)
            found[one.name] = Expansion(one.name, key, ref.noun, owner, ref.part, one.field.name)
        return found

    @cached_property
    def embedded(self) -> frozenset[str]:
        """Rows that are always there, which ``expand`` may name without effect."""
        rows = {one.name for one in self.bound if one.field is None or one.field.kind in ROWS}
        return frozenset(rows - {self.fragment})

    def render(self, record: Record, base: Base, children: Mapping[str, Sequence[bytes]]) -> Rendered:
        """The body that is stored and served as it is, and the fragment that is spliced in on demand."""
        frame = Frame(record, base, children)
        # A number of a view is always one of the record's, as it is.
        body = encode(self.layout.fill(record, frame, base_values(frame)), plain=base.plain)
        return Rendered(body, self._fragment(frame) if self.fragment else None)

    def _fragment(self, frame: Frame) -> bytes:
        name, field, show = self._fragment_shown
        return b'"%b":%b' % (name, encode(show(getattr(frame.record, field), frame), plain=frame.base.plain))

    @cached_property
    def _fragment_shown(self) -> tuple[bytes, str, Show]:
        """The fragment's public name, the model's field, and how its rows are shown."""
        one = next(one for one in self.bound if one.name == self.fragment)
        if one.field is None or one.shape.show is None:
            raise TypeError(f"{self.name}.{one.name} cannot be a fragment")
        return one.name.encode(), one.field.name, one.shape.show
