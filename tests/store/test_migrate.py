"""Migrations make exactly the declared tables, once, whoever calls at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from entrepot.errors import SetupError
from entrepot.store.all_tables import metadata
from entrepot.store.migrate import ensure_current, head, migrate
from entrepot.store.store import driver_of


def test_the_migrated_tables_are_the_declared_ones(database_url: str) -> None:
    with pytest.raises(SetupError, match="at version none"):
        ensure_current(database_url)
    migrate(database_url)
    migrate(database_url)
    ensure_current(database_url)
    reader, writer = driver_of(database_url).engines(database_url)
    with reader.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    reader.dispose()
    writer.dispose()


def test_several_at_once_migrate_once(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [database_url] * 4))
    ensure_current(database_url)


def test_a_newer_database_is_refused(database_url: str) -> None:
    migrate(database_url)
    reader, writer = driver_of(database_url).engines(database_url)
    with writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    reader.dispose()
    writer.dispose()
    with pytest.raises(SetupError, match="newer Entrepot"):
        migrate(database_url)
    with pytest.raises(SetupError, match=f"needs {head()}"):
        ensure_current(database_url)


def test_an_unknown_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="is not a database"):
        migrate(f"mysql://{tmp_path}")
