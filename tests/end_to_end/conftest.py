"""One server for each database, shared by all tests here; those that need another one start it themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import postgres_database, unreachable
from tests.end_to_end.client import Api
from tests.end_to_end.house import Company, House, served


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A served installation on each database in turn."""
    home: Path = tmp_path_factory.mktemp(f"house-{request.param}") / "home"
    if request.param == "sqlite":
        with served(home, f"sqlite:///{home / 'entrepot.sqlite'}") as house:
            yield house
        return
    if why := unreachable():
        pytest.skip(why)
    with postgres_database() as url, served(home, url) as house:
        yield house


@pytest.fixture
def api(house: House) -> Api:
    """A client with every right."""
    return house.api


@pytest.fixture(scope="session")
def reading(house: House) -> Company:
    """A synced company that no test writes to."""
    return house.synced(160)


@pytest.fixture(scope="session")
def writing(house: House) -> Company:
    """A synced company that tests write to."""
    return house.synced(31)
