"""A migrated store on either database, and a shop in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from entrepot.store.all_tables import metadata
from entrepot.store.migrate import migrate
from entrepot.store.scope import Scope
from entrepot.store.store import Store
from tests.conftest import server, unreachable
from tests.store.plain_renderer import PLAIN
from tests.store.shops import Shop, shop_in

SCOPE = Scope(1, 2)


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """One migrated database for all tests of the session: making one takes seconds, emptying it milliseconds."""
    if why := unreachable():
        pytest.skip(why)
    name = f"ent_store_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server()}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            migrate(f"{server()}/{name}")
            yield f"{server()}/{name}"
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database of either kind."""
    if request.param == "sqlite":
        file = f"sqlite:///{tmp_path / 'entrepot.db'}"
        migrate(file)
        return file
    url: str = request.getfixturevalue("migrated_postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        for table in metadata.tables:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("ALTER SEQUENCE rootfi_id RESTART")
    return url


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    """An empty store, on each database in turn."""
    opened = Store.open(migrated_url, PLAIN)
    yield opened
    opened.close()


@pytest.fixture
def shop(store: Store) -> Shop:
    """A company with one connection."""
    return shop_in(store, SCOPE)
