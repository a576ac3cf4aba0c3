"""A house per test module on SQLite, filled with sixty orders; tests that write make their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.api.connected import Connected
from tests.api.house import House, build, orders


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that serves."""
    return "asyncio"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Sixty orders of fifty customers."""
    home = tmp_path_factory.mktemp("house")
    made = build(f"sqlite:///{home / 'entrepot.db'}", home)
    made.put(orders(60))
    yield made
    made.engine.store.close()


@pytest.fixture
def empty_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """Nothing but a company with a shop, on each database in turn."""
    made = build(database_url, tmp_path)
    yield made
    made.engine.store.close()


@pytest.fixture
async def connected(database_url: str, tmp_path: Path) -> AsyncIterator[Connected]:
    """A company with a demo shop that was not read yet, on each database in turn."""
    made = Connected.build(database_url, tmp_path / "home")
    made.connection_id = await made.connect()
    yield made
    await made.one.engine.kit.close()
    made.one.close()
