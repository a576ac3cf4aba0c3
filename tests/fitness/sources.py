"""The files that the rules look at: what git tracks or would track, read once."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file: where it lies, its dotted name, its text and its syntax tree."""

    path: str
    name: str
    text: str
    tree: ast.Module


def module(path: str, text: str) -> Module:
    """A module from its path below the root (``src/entrepot/kit/http.py``) and its text."""
    dotted = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Module(path, dotted, text, ast.parse(text))


@cache
def files() -> tuple[str, ...]:
    """Paths below the root of all files that are tracked, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(path for path in set(listed.split("\0")) if path and (ROOT / path).is_file()))


@cache
def read(path: str) -> str:
    """The text of a file; empty for what is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python files below the given folders, or all."""
    wanted = tuple(f"{folder}/" for folder in folders) or ("",)
    return tuple(module(path, read(path)) for path in files() if path.endswith(".py") and path.startswith(wanted))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, however deep."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def docstrings(tree: ast.AST) -> set[int]:
    """The ids of the nodes that are docstrings or bare strings under a field: prose, not code."""
    return {
        id(node.value) for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def nothing(found: list[str]) -> None:
    """Fail with one finding a line, so that each can be clicked."""
    assert not found, "\n" + "\n".join(found)
