"""How a field of the model is called, filtered, sorted and sent in each version: read off the views."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import get_args

import msgspec

from entrepot.api import v3, v4
from entrepot.api.filters import operators
from entrepot.api.layout import Bound
from entrepot.api.parts import Part
from entrepot.api.view import View

VERSIONS: tuple[tuple[str, ModuleType, Sequence[View]], ...] = (("v3", v3, v3.VIEWS), ("v4", v4, v4.VIEWS))


class PublicName(msgspec.Struct):
    """A field as one data model of one version has it. ``filters`` are the operators of ``field[op]``."""

    version: str
    path: str
    """Of the list: ``/v4/ecommerce/orders``."""
    name: str
    """``total_amount``; of embedded rows ``line_items[].unit_amount``."""
    about: str
    sent: Sequence[str]
    """The calls that take it: create, update."""
    filters: Sequence[str]
    sorts: bool
    expands: bool


def views_of(noun: str) -> Iterator[tuple[str, View]]:
    """The views of a noun, oldest version first."""
    for version, _, views in VERSIONS:
        for view in views:
            if view.noun == noun:
                yield version, view


def public_names(noun: str, path: Sequence[str]) -> list[PublicName]:
    """Every public name of a field; ``path`` is its name, or the list's and the row's field."""
    return [name for version, view in views_of(noun) for name in _in_view(version, view, path)]


def _in_view(version: str, view: View, path: Sequence[str]) -> Iterator[PublicName]:
    for one in view.bound:
        if one.field is None or one.field.name != path[0]:
            continue
        if len(path) == 1:
            yield _whole(version, view, one)
            continue
        part = _part_of(version, one)
        for row in part.bound if part else ():
            if row.field is not None and row.field.name == path[1]:
                sent = list(view.writes) if one.writable and row.writable else []
                mark = "[]" if one.field.kind == "list" and _is_list(one) else ""
                yield PublicName(version, _address(version, view), f"{one.name}{mark}.{row.name}", row.about, sent, [],
                                 sorts=False, expands=False)


def _whole(version: str, view: View, one: Bound) -> PublicName:
    comparable = view.comparables.get(one.name)
    return PublicName(
        version, _address(version, view), one.name, one.about, list(view.writes) if one.writable else [],
        list(operators(comparable)) if comparable else [], sorts=comparable is not None,
        expands=one.name in view.expansions or one.name == view.fragment,
    )


def _address(version: str, view: View) -> str:
    return f"/{version}/ecommerce/{view.path}"


def _is_list(one: Bound) -> bool:
    return getattr(one.shape.hint, "__origin__", None) is list


def _part_of(version: str, one: Bound) -> Part | None:
    """The rows that a field holds: known by the public struct in its type."""
    hint = one.shape.hint
    types = [hint, *get_args(hint)]
    return next((part for part in _parts(version) if part.layout.type in types), None)


@cache
def _parts(version: str) -> tuple[Part, ...]:
    package = next(module for name, module, _ in VERSIONS if name == version)
    found = []
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found += [value for value in vars(module).values() if isinstance(value, Part)]
    return tuple(found)
