"""An installation on each database in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hooks.house import House, installed


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A new installation without companies."""
    with installed(tmp_path / "home", database_url) as made:
        yield made
