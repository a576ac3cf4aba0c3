"""What the command line says: plain text to standard output, trouble in red to standard error."""

from __future__ import annotations

import sys
from functools import cache
from typing import NoReturn

import typer
from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 200
"""Characters of a line where no terminal says how wide it is."""


@cache
def console() -> Console:
    """Standard output: tables and progress. Nothing in it is taken for markup, and no number coloured."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def table(*columns: str, wraps: str = "") -> Table:
    """A plain table whose columns keep to one line each, but for the one that ``wraps``."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        made.add_column(name, no_wrap=name != wraps, overflow="fold")
    return made


def say(text: str) -> None:
    """One line for the operator, at once even into a pipe, never wrapped."""
    console().print(text, soft_wrap=True)
    console().file.flush()


def trouble(text: str) -> None:
    """One red sentence on standard error."""
    Console(stderr=True, highlight=False, markup=False).print(text, style="red", soft_wrap=True)


def fail(text: str) -> NoReturn:
    """Say what is wrong and end the command with exit code 1."""
    trouble(text)
    raise typer.Exit(1)
