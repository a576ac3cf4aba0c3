"""A connection to a demo shop whose clock stands still until it is told to go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.demo.mirror import Mirror


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """300 orders, 40 articles."""
    one = Mirror(tmp_path)
    yield one
    one.close()
