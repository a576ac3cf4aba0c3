"""A migrated, empty store of either kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from entrepot.api.renderer import RENDERERS
from entrepot.store.migrate import migrate
from entrepot.store.store import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on an empty database."""
    migrate(database_url)
    opened = Store.open(database_url, RENDERERS)
    yield opened
    opened.close()
