"""Every field of the contract is there, in both versions, with the contract's type.

`contract.json` is a frozen copy of the facts: version -> model -> field -> type, nullable, enum.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from entrepot.api import examples, v3, v4
from entrepot.api.view import View
from entrepot.store.rendering import Base

FACTS: dict[str, dict[str, dict[str, dict[str, Any]]]] = json.loads(
    Path(__file__).with_name("contract.json").read_text())
VIEWS: dict[str, tuple[View, ...]] = {"v3": v3.VIEWS, "v4": v4.VIEWS}
BASE = Base(1001, 42, 1, "own", 1_705_900_051_465, 1_705_900_051_465, None)
ADDED_BY_SELECT = {"raw_data", "data_hash"}
CASES = [(version, view) for version, views in VIEWS.items() for view in views]
NAMES = [f"{version}-{view.path}" for version, view in CASES]

JSON_TYPES: dict[str, Any] = {
    "string": str, "string(date-time)": str, "number": (int, float), "decimal": (int, float), "integer": int,
    "boolean": bool,
}


def rendered(view: View, *, bare: bool) -> dict[str, Any]:
    """A record as the view answers it, its fragment included; ``bare``: nothing but its own id is known."""
    record = examples.RECORDS[view.noun]
    if bare:
        record = type(record)(platform_unique_id="own")
    children = {} if bare or view.noun != "order" else {
        noun: [child.render(examples.RECORDS[noun], BASE, {}).body
               for child in v4.VIEWS if child.noun == noun]
        for noun in ("fulfillment", "transaction")}
    made = view.render(record, BASE, children)
    body: dict[str, Any] = msgspec.json.decode(made.body)
    if made.fragment:
        body |= msgspec.json.decode(b"{%b}" % made.fragment)
    return body


def facts(version: str, view: View) -> dict[str, dict[str, Any]]:
    """What the contract says of a view's record."""
    base = {name: fact for name, fact in FACTS[version]["base"].items() if name not in ADDED_BY_SELECT}
    return base | FACTS[version][view.name]


def wrong(version: str, name: str, fact: dict[str, Any], value: Any) -> Iterator[str]:
    """Where a value is not what the contract says; follows embedded rows."""
    kind = fact["type"]
    if value is None:
        if version == "v3" and fact["nullable"] is False:
            yield f"{name} is null"
    elif kind.endswith("[]"):
        if not isinstance(value, list):
            yield f"{name} is no list"
            return
        for row in value:
            yield from wrong(version, name, {"type": kind[:-2], "nullable": False}, row)
    elif kind in JSON_TYPES:
        if not isinstance(value, JSON_TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield f"{name} is {value!r}, not {kind}"
        if version == "v3" and "enum" in fact and value not in fact["enum"]:
            yield f"{name} is {value!r}, which the client does not know"
    else:
        for field, inner in FACTS[version].get(kind, {}).items():
            if field not in value:
                yield f"{name}.{field} is missing"
            else:
                yield from wrong(version, f"{name}.{field}", inner, value[field])


@pytest.mark.parametrize("bare", [False, True], ids=["full", "bare"])
@pytest.mark.parametrize(("version", "view"), CASES, ids=NAMES)
def test_every_field_has_the_contracts_type(version: str, view: View, bare: bool) -> None:
    body = rendered(view, bare=bare)
    problems = [f"{name} is missing" for name in facts(version, view) if name not in body]
    for name, fact in facts(version, view).items():
        problems += wrong(version, name, fact, body.get(name))
    assert problems == []


@pytest.mark.parametrize(("version", "view"), CASES, ids=NAMES)
def test_the_example_fits_its_own_schema(version: str, view: View) -> None:
    body = rendered(view, bare=False)
    known = {name for name in body if name != view.fragment}
    assert known == set(view.layout.type.__struct_fields__)
    msgspec.convert(body, view.layout.type)


@pytest.mark.parametrize(("version", "view"), CASES, ids=NAMES)
def test_every_state_of_the_model_is_one_that_the_version_knows(version: str, view: View) -> None:
    for one in view.bound:
        if one.field is None or one.field.kind != "enum":
            continue
        allowed = FACTS[version][view.name].get(one.name, {}).get("enum") if version == "v3" else None
        for word in one.field.choices:
            record = msgspec.convert({"platform_unique_id": "own", one.field.name: word}, view.model)
            shown = msgspec.json.decode(view.render(record, BASE, {}).body)[one.name]
            assert shown == (shown.upper() if version == "v3" or view.stored == "older" else shown.lower())
            assert allowed is None or shown in allowed


def test_the_frozen_facts_are_those_of_eight_nouns_twice() -> None:
    assert {view.name for view in v3.VIEWS} <= set(FACTS["v3"])
    assert {view.name for view in v4.VIEWS} <= set(FACTS["v4"])
