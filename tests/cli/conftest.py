"""Homes and processes for the tests of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.cli.processes import Running


class Start(Protocol):
    """Starts a command that goes on until the test ends it."""

    def __call__(self, *args: str, **more: str) -> Running:
        """``start("serve", "--port", "0")``"""


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that Entrepot runs on."""
    return "asyncio"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that is not there yet, and an environment without the developer's settings."""
    for name in [name for name in os.environ if name.startswith("ENTREPOT_") and "_TEST_" not in name]:
        monkeypatch.delenv(name)
    return tmp_path / "home"


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Start commands in the home; whatever still runs at the end is killed."""
    begun: list[Running] = []

    def starting(*args: str, **more: str) -> Running:
        begun.append(Running(home, *args, **more))
        return begun[-1]

    yield starting
    for one in begun:
        one.close()
