"""Writes what was measured into docs/performance.md, between two markers; what was not measured keeps its cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.budgets import BUDGETS, Budget, Measured

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_BETWEEN = re.compile(rf"{BEGIN}\n.*?{END}", re.DOTALL)
_CELLS = re.compile(r"^\| (?P<what>.+?) \| (?P<promise>.+?) \| (?P<cell>.*?) \|$", re.MULTILINE)
_MACHINE = re.compile(r"^Machine: (.*)$", re.MULTILINE)


def written(text: str, measured: Mapping[str, Measured], machine: str | None) -> str:
    """The page with the numbers in it. Raises ValueError when the page has lost its markers."""
    found = _BETWEEN.search(text)
    if found is None:
        raise ValueError(f"{PAGE} has no {BEGIN} and {END}")
    before = {(row["what"], row["promise"]): row["cell"] for row in _CELLS.finditer(found.group())}
    if machine is None:
        known = _MACHINE.search(found.group())
        machine = known.group(1) if known else ""
    rows = ["| what | budget | measured |", "|---|---|---|"]
    rows += [_row(one, measured.get(one.key), before) for one in BUDGETS]
    block = "\n".join([BEGIN, *rows, "", f"Machine: {machine}", END])
    return text[:found.start()] + block + text[found.end():]


def _row(one: Budget, got: Measured | None, before: Mapping[tuple[str, str], str]) -> str:
    cell = before.get((one.what, one.promise), "") if got is None else cell_of(one, got)
    return f"| {one.what} | {one.promise} | {cell} |"


def cell_of(one: Budget, got: Measured) -> str:
    """``**0.25** (1,234/s of 5,000/s)``; bold where the promise is kept."""
    if got.value is None:
        return got.detail
    number = f"{got.value:.{one.digits}f}"
    return f"{f'**{number}**' if one.kept(got.value) else f'{number}, missed'} ({got.detail})"
