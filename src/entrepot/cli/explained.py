"""Everything that is known of a field, computed from the model, the views, the tables and the measured coverage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from entrepot.cli.counting import plural
from entrepot.cli.field_docs import field_docs
from entrepot.cli.public_names import PublicName, public_names, views_of
from entrepot.errors import SetupError
from entrepot.kit.installed import Installed, find_installed
from entrepot.kit.testing import coverage
from entrepot.model.registry import NOUNS, Field, Noun, field_map, fields

KINDS = {"text": "text", "integer": "whole number", "money": "exact decimal", "number": "number",
         "boolean": "yes or no", "time": "time (UTC)", "map": "object"}
SCALES = {"money": "in millionths", "time": "in milliseconds since 1970"}


class Filled(msgspec.Struct):
    """What fills a field on one platform; ``reason`` where nothing does."""

    connector: str
    integration_type: str
    paths: list[str]
    """Of the payload, ``[]`` for any item of a list; ``settings.`` leads what the connection knows."""
    reason: str | None = None


class Explained(msgspec.Struct):
    """A field, explained."""

    field: str
    about: str
    type: str
    optional: bool
    column: str | None
    """``table.column``; None: it lies in the JSON document."""
    table: str
    unit: str | None
    indexed: bool
    refers_to: str | None
    personal: bool
    read_only: bool
    public: list[PublicName]
    filled: list[Filled]


def find_noun(word: str) -> Noun:
    """A noun by any of its names: inside, plural, or as a version calls it. SetupError listing them."""
    for noun in NOUNS:
        names = {noun.name, plural(noun.name), noun.data_model.lower()}
        for _, view in views_of(noun.name):
            names |= {view.path, view.path.removesuffix("s"), view.name.lower()}
        if word.lower() in names:
            return noun
    raise SetupError(f"{word} is no data model. Known are {', '.join(noun.name for noun in NOUNS)}.")


def explain_field(noun: Noun, path: str) -> Explained:
    """One field: ``total_amount``, ``line_items.unit_amount``, or a public name. SetupError listing what there is."""
    names = path.replace("[]", "").split(".")
    owner = field_map(noun.type).get(names[0]) or _by_public_name(noun, names[0])
    if owner is None or len(names) > 2:
        known = ", ".join(field.name for field in fields(noun.type))
        raise SetupError(f"{noun.name} has no field {path}. Known are {known}.")
    if len(names) == 1:
        return _explained(noun, owner, None)
    row = field_map(owner.item).get(names[1]) if owner.item is not None else None
    if row is None:
        known = ", ".join(field.name for field in fields(owner.item)) if owner.item else "none"
        raise SetupError(f"{noun.name}.{owner.name} has no field {names[1]}. Known are {known}.")
    return _explained(noun, row, owner)


def explain_noun(noun: Noun) -> Iterator[Explained]:
    """All fields of a noun, rows inside it not taken apart."""
    return (_explained(noun, field, None) for field in fields(noun.type))


def _by_public_name(noun: Noun, name: str) -> Field | None:
    found = [one.field for _, view in views_of(noun.name) for one in view.bound if one.name == name]
    return next((field for field in found if field is not None), None)


def _explained(noun: Noun, field: Field, owner: Field | None) -> Explained:
    struct = noun.type if owner is None or owner.item is None else owner.item
    mark = "[]" if owner is not None and owner.kind == "list" else ""
    path = field.name if owner is None else f"{owner.name}{mark}.{field.name}"
    public = public_names(noun.name, [field.name] if owner is None else [owner.name, field.name])
    told = next((name.about for name in public if name.about), "")
    queried = field.query is not None and owner is None
    return Explained(
        field=f"{noun.name}.{path}", about=field_docs(struct).get(field.name) or told, type=_type(field),
        optional=field.optional, column=f"{noun.table}.{field.name}" if queried else None, table=noun.table,
        unit=SCALES.get(field.kind) if queried else None, indexed=bool(queried and field.query and field.query.indexed),
        refers_to=_target(field), personal=field.personal, read_only=field.read_only, public=public,
        filled=[_filled(one, noun, path) for one in _installed()],
    )


def _type(field: Field) -> str:
    if field.kind == "enum":
        return f"one of {', '.join(field.choices)}"
    if field.item is not None:
        return f"list of {field.item.__name__}" if field.kind == "list" else field.item.__name__
    return "list of texts" if field.kind == "list" else KINDS[field.kind]


def _target(field: Field) -> str | None:
    if field.ref is None:
        return None
    return f"{field.ref.noun}.{field.ref.part}" if field.ref.part else field.ref.noun


@cache
def _installed() -> tuple[Installed, ...]:
    return tuple(find_installed().values())


def _filled(installed: Installed, noun: Noun, path: str) -> Filled:
    manifest, connector = installed.manifest, installed.connector
    paths, reason = _paths(coverage.stored(installed).get(noun.name, {}), path), None
    if noun.name in connector.refusals:
        reason = connector.refusals[noun.name]
    elif not paths and not any(noun.name in (*stream.nouns, *stream.loose) for stream in connector.streams):
        reason = "it is not read"
    elif not paths:
        reason = "nothing in the recorded payloads moves it"
    return Filled(manifest.id, manifest.integration_type, paths, reason)


def _paths(fields: Mapping[str, object], path: str) -> list[str]:
    """The paths of a field, and for a list or object those of what is inside."""
    found: set[str] = set()
    for name, paths in fields.items():
        if name == path or name.startswith((f"{path}.", f"{path}[]")):
            found.update(map(str, paths if isinstance(paths, list) else ()))
    return sorted(found)
