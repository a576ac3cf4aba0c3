"""Files and functions stay small enough to be read at once."""

from __future__ import annotations

from statistics import median

from tests.fitness.sources import Module, functions, module, modules, nothing

FILE_LINES = 400
FUNCTION_LINES = 40
MEDIAN_LINES = 130
"""The aim is near 100; above this, files have begun to hold more than one idea each."""


def too_long(one: Module) -> list[str]:
    """The file, or functions of it, that have outgrown their budget."""
    lines = len(one.text.splitlines())
    found = [f"{one.path}: {lines} lines"] if lines > FILE_LINES else []
    for function in functions(one.tree):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES:
            found.append(f"{one.path}:{function.lineno}: {function.name} has {length} lines")
    return found


def test_files_and_functions_are_within_budget() -> None:
    nothing([line for one in modules() for line in too_long(one)])


def test_the_typical_file_is_short() -> None:
    lengths = [len(one.text.splitlines()) for one in modules("src") if not one.path.endswith("__init__.py")]
    assert median(lengths) <= MEDIAN_LINES


def test_long_ones_are_found() -> None:
    body = "    a = 1\n"
    assert too_long(module("src/x.py", "def f():\n" + body * FUNCTION_LINES))
    assert too_long(module("src/x.py", "a = 1\n" * (FILE_LINES + 1)))
    assert too_long(module("src/x.py", "class A:\n  def f(self):\n" + body * FUNCTION_LINES))
    assert not too_long(module("src/x.py", "def f():\n" + body * (FUNCTION_LINES - 1)))
