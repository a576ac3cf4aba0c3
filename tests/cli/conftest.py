"""Homes and processes for the tests of the command line."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Shown:
    """A home whose demo was run to its end and stopped."""

    home: Path
    company: str
    key: str


@pytest.fixture(scope="session")
def shown_once(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Such a home, run once for all tests: not to be touched."""
    home = tmp_path_factory.mktemp("shown") / "home"
    running = Running(home, "demo", "--port", "0", "--orders", "60")
    try:
        found = re.search(r"API key (\S+), company (\d+)", running.wait_for("API key"))
        assert found
        running.wait_for("Ctrl-C stops it")
        assert running.stop() == 0
    finally:
        running.close()
    return Shown(home, found[2], found[1])


@pytest.fixture
def shown(home: Path, shown_once: Shown) -> Shown:
    """A copy of it for one test, as the test's home."""
    shutil.copytree(shown_once.home, home)
    return Shown(home, shown_once.company, shown_once.key)
