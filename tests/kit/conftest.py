"""Async tests of the kit run on asyncio."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that Entrepot runs on."""
    return "asyncio"
