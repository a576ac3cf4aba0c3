"""The documents cover the command line and the settings, name nothing that does not exist, and link to what does."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import PurePosixPath
from typing import Any

import pytest
import typer.main

from tests.fitness.sources import ROOT, Module, docstrings, files, module, modules, nothing, read

# `[text](path)` and `![text](path)`; what follows a # is a place inside the file.
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_SETTING = re.compile(r"\bENTREPOT_[A-Z][A-Z_]*[A-Z]")
_CODE = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> dict[str, list[str]]:
    """Every command of the command line (``keys create``) and the long names of its options."""
    app = importlib.import_module("entrepot.cli.main").app
    return dict(_commands(typer.main.get_command(app), ()))


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    # Typer carries a click of its own, so what a command is, is told by what it has.
    children = getattr(command, "commands", None)
    if children is not None:
        for name, child in children.items():
            yield from _commands(child, (*path, name))
        return
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    yield " ".join(path), [name for one in options for name in one.opts if name.startswith("--") and name != "--help"]


def undocumented(page: str, wanted: Mapping[str, Iterable[str]]) -> list[str]:
    """Commands without a heading (``## entrepot keys create``), and options that their section does not name."""
    sections = {match.group(1): match.group(2) for match in re.finditer(
        r"^#+ `entrepot ([a-z -]+?)`\n(.*?)(?=^#+ |\Z)", page, re.MULTILINE | re.DOTALL)}
    missing = [name for name in wanted if name not in sections]
    return missing + [f"{name} {option}" for name, options in wanted.items() if name in sections
                      for option in options if f"`{option}" not in sections[name]]


def settings() -> set[str]:
    """Every setting that the program reads, as it declares them."""
    declared = importlib.import_module("entrepot.settings")
    return {name for key in declared.HELP for name in _SETTING.findall(declared.PREFIX + key)}


def spoken(sources: Iterable[Module]) -> set[str]:
    """Every ENTREPOT_ name in the strings of the code, docstrings aside."""
    found: set[str] = set()
    for one in sources:
        prose = docstrings(one.tree)
        for node in ast.walk(one.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                found.update(_SETTING.findall(node.value))
    return found


def unknown_commands(page: str, known: Iterable[str]) -> list[str]:
    """Lines of shell blocks that call a command of entrepot which does not exist."""
    firsts = {name.split()[0] for name in known}
    calls = [match for block in _CODE.findall(page) for match in re.findall(r"\bentrepot ([a-z]\S*)", block)]
    return [call for call in calls if call not in firsts]


def broken_links(path: str, page: str) -> list[str]:
    """Relative links of a page to files that are not there."""
    folder = ROOT / PurePosixPath(path).parent
    links = [link for link in _LINK.findall(page) if "://" not in link and not link.startswith("mailto:")]
    return [f"{path}: {link}" for link in links if not (folder / link).exists()]


def pages() -> list[str]:
    """Every document that is meant to be read."""
    return [path for path in files() if path.endswith(".md")]


def test_every_command_and_option_is_documented() -> None:
    nothing(undocumented(read("docs/cli.md"), commands()))


def test_every_setting_is_documented_and_no_other() -> None:
    known = settings()
    assert known - set(_SETTING.findall(read("docs/operations.md"))) == set()
    for_tests = {name for path in ("Makefile", ".ci/run", "tests/conftest.py") for name in _SETTING.findall(read(path))}
    mentioned = {name for path in pages() for name in _SETTING.findall(read(path))}
    unknown = mentioned - known - for_tests
    assert {name for name in unknown if not name.startswith("ENTREPOT_PLATFORM_URL_")} == set()


def test_every_setting_is_declared_and_held() -> None:
    known, declared = settings(), importlib.import_module("entrepot.settings")
    assert spoken(modules("src")) - known == set()
    held = {declared.PREFIX + field.name.upper() for field in fields(declared.Settings)} - {"ENTREPOT_PLATFORM_URLS"}
    assert known - held == {"ENTREPOT_PLATFORM_URL"}
    assert held - known == set()


def test_documents_call_only_commands_that_exist() -> None:
    known = commands()
    nothing([f"{path}: {call}" for path in pages() for call in unknown_commands(read(path), known)])


def test_links_lead_somewhere() -> None:
    nothing([link for path in pages() for link in broken_links(path, read(path))])


def test_the_readme_begins_with_two_make_targets_that_exist() -> None:
    first = _CODE.findall(read("README.md"))[0]
    targets = re.findall(r"^make ([a-z]+)", first, re.MULTILINE)
    assert targets == ["demo", "test"]
    made = re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE)
    mentioned = {target for path in pages() for target in re.findall(r"`make ([a-z]+)", read(path))}
    assert (set(targets) | mentioned) <= set(made)


def test_paths_that_documents_name_exist() -> None:
    named = {path: re.findall(r"`((?:src|docs|tests|benchmarks|requirements|\.ci)/[\w./-]+)`", read(path))
             for path in pages()}
    nothing([f"{path}: {name}" for path, names in named.items() for name in names if not (ROOT / name).exists()])


def test_every_decision_is_a_page_of_three_parts() -> None:
    decisions = [path for path in files() if re.match(r"docs/decisions/\d{4}-.+\.md$", path)]
    assert decisions
    for path in decisions:
        parts = re.findall(r"^## (\w+)", read(path), re.MULTILINE)
        assert parts[:3] == ["Context", "Decision", "Consequence"], path


def test_the_guides_example_manifest_is_right() -> None:
    parse = importlib.import_module("entrepot.kit.manifest").parse
    example = next(block for block in re.findall(r"^```toml\n(.*?)^```", read("docs/connectors.md"),
                                                 re.MULTILINE | re.DOTALL) if block.startswith("id ="))
    assert parse(example.encode(), "docs/connectors.md").integration_type == "YOURSHOP"


def test_names_that_the_guides_import_exist() -> None:
    pattern = re.compile(r"^from (entrepot[\w.]*) import (.+)$", re.MULTILINE)
    lines = [line for path in pages() for line in pattern.findall(read(path))]
    assert lines
    nothing([f"{name}.{one}" for name, names in lines for one in names.split(", ")
             if not hasattr(importlib.import_module(name), one)])


def test_gaps_are_found() -> None:
    page = "## `entrepot sync`\n\nReads. `--full` reads all.\n\n## `entrepot keys list`\n\nLists.\n"
    assert undocumented(page, {"sync": ["--full"], "keys list": []}) == []
    assert undocumented(page, {"sync": ["--model"], "keys revoke": []}) == ["keys revoke", "sync --model"]
    assert unknown_commands("```sh\nentrepot fly --now\n```", ["sync"]) == ["fly"]
    assert broken_links("docs/x.md", "[a](nowhere.md) [b](https://example.org/x) [c](../README.md#top)") == [
        "docs/x.md: nowhere.md"]


@pytest.mark.parametrize(("code", "found"), [
    ('import os\nx = os.environ["ENTREPOT_ALPHA"]', {"ENTREPOT_ALPHA"}),
    ('"""Reads ENTREPOT_BETA."""', set()),
])
def test_settings_are_read_off_the_code(code: str, found: set[str]) -> None:
    assert spoken([module("src/entrepot/x.py", code)]) == found
