"""Every public module, class and function says what it is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.fitness.sources import Module, module, modules, nothing

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def silent(one: Module) -> list[str]:
    """Public things of a module without a docstring."""
    found = [f"{one.path}: the module"] if not ast.get_docstring(one.tree) else []
    nodes = [node for node in _public(one.tree) if not ast.get_docstring(node)]
    return found + [f"{one.path}:{node.lineno}: {node.name}" for node in nodes]


def _public(owner: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in owner.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            if any(_is_overload(decorator) for decorator in node.decorator_list):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def _is_overload(decorator: ast.expr) -> bool:
    name = decorator.id if isinstance(decorator, ast.Name) else getattr(decorator, "attr", "")
    return name in ("overload", "setter")


def test_public_things_have_docstrings() -> None:
    nothing([line for one in modules("src", "benchmarks") for line in silent(one)])


@pytest.mark.parametrize("code", [
    "",
    '"""Doc."""\ndef f(): pass',
    '"""Doc."""\nclass A: pass',
    '"""Doc."""\nclass A:\n    """Doc."""\n    async def f(self): pass',
])
def test_silence_is_found(code: str) -> None:
    assert silent(module("src/x.py", code))


def test_private_things_may_be_silent() -> None:
    assert silent(module("src/x.py", '"""Doc."""\ndef _f(): pass\nclass _A:\n    def g(self): pass')) == []
