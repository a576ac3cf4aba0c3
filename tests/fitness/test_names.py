"""A file is named after the one thing it answers; names that mean "everything else" are refused."""

from __future__ import annotations

import ast
import re

import pytest

from tests.fitness.sources import Module, module, modules, nothing

DRAWERS = re.compile(r"^(utils?|helpers?|common|misc|shared|base_.+|.+_(utils?|helpers?|manager|service))$")
CLASSES = re.compile(r"(Manager|Service|Helper|Utils?)$")
FUNCTIONS = re.compile(r"^_?process_")


def vague(one: Module) -> list[str]:
    """Folders, files, classes and functions of a module whose names say nothing."""
    found = [f"{one.path}: {part}" for part in one.path.removesuffix(".py").split("/") if DRAWERS.match(part)]
    for node in ast.walk(one.tree):
        if isinstance(node, ast.ClassDef) and CLASSES.search(node.name):
            found.append(f"{one.path}:{node.lineno}: class {node.name}")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and FUNCTIONS.match(node.name):
            found.append(f"{one.path}:{node.lineno}: def {node.name}")
    return found


def test_names_say_what_things_are() -> None:
    nothing([line for one in modules() for line in vague(one)])


@pytest.mark.parametrize(("path", "code"), [
    ("src/entrepot/kit/utils.py", ""),
    ("src/entrepot/helpers/money.py", ""),
    ("src/entrepot/kit/base_client.py", ""),
    ("src/entrepot/kit/sync_manager.py", ""),
    ("src/entrepot/kit/x.py", "class SyncManager: pass"),
    ("src/entrepot/kit/x.py", "class OrderService: pass"),
    ("src/entrepot/kit/x.py", "async def process_orders(): pass"),
])
def test_a_vague_name_is_found(path: str, code: str) -> None:
    assert vague(module(path, code))


def test_a_plain_name_is_not() -> None:
    assert vague(module("src/entrepot/model/base.py", "class Order: pass\ndef processor(): pass")) == []
