"""A migrated store on either database, and a shop in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from entrepot.store.migrate import migrate
from entrepot.store.scope import Scope
from entrepot.store.store import Store
from tests.store.plain_renderer import PLAIN
from tests.store.shops import Shop, shop_in

SCOPE = Scope(1, 2)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, on each database in turn."""
    migrate(database_url)
    opened = Store.open(database_url, PLAIN)
    yield opened
    opened.close()


@pytest.fixture
def shop(store: Store) -> Shop:
    """A company with one connection."""
    return shop_in(store, SCOPE)
