"""What is served is what was frozen: v3 for its clients' sake, v4 so that a change is seen by whoever makes it."""

from __future__ import annotations

import dataclasses

import pytest

from entrepot.kit.installed import find_installed
from tests.api.frozen import current, differences, frozen
from tests.api.house import House

WHY = {
    "v3": "v3 is what published clients were made for: it must not change unplanned.",
    "v4": "v4 may grow, but not by accident.",
}
HOW = "Where the change is meant: make openapi, look at the difference of docs/openapi, and name it in CHANGELOG.md."


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_the_document_is_the_frozen_one(house: House, version: str) -> None:
    changes = list(differences(frozen(version), current(house.engine, version)))
    assert not changes, "\n".join(["", WHY[version], HOW, *changes])


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_the_document_does_not_depend_on_what_is_installed(house: House, version: str) -> None:
    everything = dataclasses.replace(house.engine, installed=find_installed())
    assert everything.installed
    assert list(differences(current(house.engine, version), current(everything, version))) == []


def test_differences_are_told_by_place() -> None:
    before = {"a": {"b": 1, "gone": {}}, "parameters": [{"name": "limit", "max": 1}, {"name": "next"}], "e": ["x"]}
    after = {"a": {"b": 2}, "parameters": [{"name": "next"}, {"name": "limit", "max": 2}], "e": ["x", "y"], "new": 0}
    assert list(differences(before, after)) == [
        "changed /a/b from 1 to 2", "removed /a/gone", "changed /parameters/limit/max from 1 to 2",
        'changed /e from ["x"] to ["x", "y"]', "added   /new"]
    assert list(differences(after, after)) == []
