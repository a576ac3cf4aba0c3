"""The core names no platform: what it knows of one, it reads from the connector's manifest.

Prose may (a comment that gives a platform's habit as the reason for a rule is worth having); code may not. The command
line may use a word that is one of its own commands, even when a connector happens to be called the same.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tests.fitness.sources import Module, docstrings, files, module, modules, nothing, read

CORE = "src/entrepot/"
CONNECTORS = "src/entrepot/connectors/"


def platforms() -> frozenset[str]:
    """Every connector's folder, id, integration type and name, lower case."""
    words = set()
    for path in files():
        if path.startswith(CONNECTORS) and path.endswith("/manifest.toml"):
            manifest = tomllib.loads(read(path))
            words |= {PurePosixPath(path).parent.name, manifest["id"], manifest["integration_type"], manifest["name"]}
    return frozenset(word.lower() for word in words)


def commands() -> frozenset[str]:
    """The command line's own words: one file a command, or the name of a function in it."""
    return frozenset(PurePosixPath(path).stem for path in files() if path.startswith("src/entrepot/cli/"))


def named(one: Module, words: Iterable[str]) -> list[str]:
    """Where the code of a module says one of the words: imports, names and strings, not prose."""
    pattern = re.compile("|".join(rf"(?<![a-z]){re.escape(word)}(?![a-z])" for word in sorted(words)), re.IGNORECASE)
    return [f"{one.path}:{line}: {said!r}" for line, said in _spoken(one.tree) if words and pattern.search(said)]


def _spoken(tree: ast.Module) -> Iterator[tuple[int, str]]:
    prose = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module or ''}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def test_the_core_names_no_platform() -> None:
    words = platforms()
    found = []
    for one in modules("src/entrepot"):
        if not one.path.startswith(CONNECTORS):
            found += named(one, words - commands() if one.path.startswith(f"{CORE}cli/") else words)
    nothing(found)


def test_data_files_of_the_core_name_none_either() -> None:
    pattern = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in sorted(platforms())), re.IGNORECASE)
    found = [path for path in files() if path.startswith(CORE) and not path.startswith(CONNECTORS)
             and not path.endswith(".py") and platforms() and pattern.search(read(path))]
    nothing(found)


def test_a_connector_is_found_at_all() -> None:
    assert len(platforms()) >= 2


def test_a_named_platform_is_found() -> None:
    words = {"shopmatic", "shopmatic_sandbox"}
    for code in (
        'x = "SHOPMATIC"', 'x = f"is {y} shopmatic?"', "import entrepot.connectors.shopmatic",
        "from entrepot.connectors import shopmatic", "def read_shopmatic(): pass", "x = Kind.SHOPMATIC_SANDBOX",
    ):
        assert named(module("src/entrepot/engine/x.py", code), words), code


def test_prose_and_other_words_are_not() -> None:
    code = '"""On Shopmatic the date lies."""\n# Shopmatic again\nx = "shopmatics"\nfield: str\n"""Of Shopmatic."""'
    assert named(module("src/entrepot/engine/x.py", code), {"shopmatic"}) == []
