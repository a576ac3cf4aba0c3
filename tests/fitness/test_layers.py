"""Who may import whom. The table is the rule; there is no list of exceptions, and a new layer needs a row."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.fitness.sources import Module, module, modules, nothing

PURE = frozenset({"model", "errors", "clock", "ids"})
BELOW = PURE | {"kit", "store", "vault", "jobs", "engine", "settings"}
EVERYTHING = BELOW | {"log", "api", "app", "cli", "connect_page", "dashboard"}
# What reads, waits or talks: not for the pure layers, and not for connectors, which ask the kit instead.
OUTSIDE = frozenset({"asyncio", "http", "io", "logging", "os", "pathlib", "random", "shutil", "socket", "sqlite3",
                     "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request"})


@dataclass(frozen=True)
class Layer:
    """One row: the parts of entrepot it may import, and which packages from outside (None: any)."""

    may: frozenset[str]
    packages: frozenset[str] | None = None
    pure: bool = False


ONLY_MSGSPEC = frozenset({"msgspec"})
LAYERS = {
    "errors": Layer(frozenset(), frozenset(), pure=True),
    "clock": Layer(frozenset(), frozenset()),
    "ids": Layer(frozenset({"clock"}), frozenset()),
    "model": Layer(frozenset({"errors"}), ONLY_MSGSPEC, pure=True),
    "kit": Layer(PURE),
    "connectors": Layer(frozenset({"kit", "model", "errors"}), ONLY_MSGSPEC, pure=True),
    "settings": Layer(PURE | {"kit"}),
    "log": Layer(frozenset({"settings"})),
    "vault": Layer(PURE | {"kit"}),
    "store": Layer(PURE | {"kit.spec"}),
    "jobs": Layer(PURE | {"kit.spec", "store"}),
    "engine": Layer(BELOW),
    "api": Layer(PURE | {"engine", "store", "settings"}),
    "connect_page": Layer(PURE | {"engine", "store", "api", "settings"}),
    "dashboard": Layer(PURE | {"engine", "store", "api", "settings"}),
    "app": Layer(EVERYTHING),
    "cli": Layer(EVERYTHING),
    "__main__": Layer(frozenset({"cli"})),
}


def imports(one: Module) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and dotted names of each import: any one of the names being allowed makes it right."""
    package = one.name if one.path.endswith("__init__.py") else one.name.rpartition(".")[0]
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, (alias.name,)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])
            for alias in node.names:
                yield node.lineno, (f"{base}.{alias.name}", base)


def violations(one: Module) -> list[str]:
    """What a module imports and may not, each with the line."""
    top, _, rest = one.name.partition(".")
    found = []
    for line, names in imports(one):
        wrong = _simulator(names) if top == "entrepot_simulators" else _wrong(rest, names)
        if wrong:
            found.append(f"{one.path}:{line}: {names[-1]} ({wrong})")
    return found


def _simulator(names: tuple[str, ...]) -> str | None:
    return "a simulator stands alone" if names[-1].split(".")[0] == "entrepot" else None


def _wrong(rest: str, names: tuple[str, ...]) -> str | None:
    part = rest.partition(".")[0]
    if not part:
        return "the package itself imports nothing"
    if part not in LAYERS:
        return f"{part} has no row in LAYERS"
    layer = LAYERS[part]
    root = names[-1].split(".")[0]
    if root == "entrepot":
        own = rest.split(".")[:2] if part == "connectors" else [part]
        may = layer.may | {".".join(own), "__version__"}
        reached = [name.removeprefix("entrepot").lstrip(".") for name in names]
        return None if any(_below(name, may) for name in reached) else f"{part} may import {', '.join(sorted(may))}"
    if root in sys.stdlib_module_names:
        return f"{part} does nothing outside itself" if layer.pure and _below(names[-1], OUTSIDE) else None
    return None if layer.packages is None or root in layer.packages else f"{part} does without packages like this"


def _below(name: str, allowed: frozenset[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def test_every_layer_imports_only_what_lies_below_it() -> None:
    nothing([line for one in modules("src") for line in violations(one)])


@pytest.mark.parametrize(("path", "code"), [
    ("src/entrepot/model/x.py", "from entrepot.store.store import Store"),
    ("src/entrepot/model/x.py", "import sqlalchemy"),
    ("src/entrepot/model/x.py", "import socket"),
    ("src/entrepot/kit/x.py", "from entrepot import engine"),
    ("src/entrepot/kit/x.py", "from ..store import page"),
    ("src/entrepot/store/x.py", "from entrepot.kit.http import Client"),
    ("src/entrepot/engine/x.py", "import entrepot.api.query"),
    ("src/entrepot/engine/x.py", "from entrepot.connectors.alpha import CONNECTOR"),
    ("src/entrepot/connectors/alpha/x.py", "from entrepot.connectors.beta.mapping import order"),
    ("src/entrepot/connectors/alpha/x.py", "from entrepot.clock import now"),
    ("src/entrepot/connectors/alpha/x.py", "import aiohttp"),
    ("src/entrepot/connectors/alpha/x.py", "from time import sleep"),
    ("src/entrepot_simulators/alpha/x.py", "from entrepot.model.base import Record"),
    ("src/entrepot/novelty/x.py", "import json"),
])
def test_a_wrong_import_is_found(path: str, code: str) -> None:
    assert violations(module(path, code))


@pytest.mark.parametrize(("path", "code"), [
    ("src/entrepot/store/x.py", "from entrepot.kit.spec import Family\nfrom entrepot import clock\nimport sqlite3"),
    ("src/entrepot/connectors/alpha/x.py", "from .mapping import order\nimport msgspec\nfrom decimal import Decimal"),
    ("src/entrepot/cli/x.py", "from entrepot.api import app"),
])
def test_a_right_import_is_not(path: str, code: str) -> None:
    assert violations(module(path, code)) == []
