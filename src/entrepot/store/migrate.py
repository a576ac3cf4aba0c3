"""Bring a database to today's tables, one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from entrepot.errors import SetupError
from entrepot.store.store import driver_of

_LOCK = 0x656E7472
"""Any number, the same in every release: the advisory lock of migrations on PostgreSQL."""
_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Create or upgrade all tables; returns at once when there is nothing to do.

    SQLite runs it all in one BEGIN IMMEDIATE (others wait for the write lock), PostgreSQL in one transaction under an
    advisory lock; a failure leaves the database as it was. Raises SetupError when the database is newer than this
    program.
    """
    reader, writer = driver_of(url).engines(url)
    try:
        with reader.connect() as connection:
            if _current(connection) == head():
                return
        with writer.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _refuse_newer(connection)
            command.upgrade(_config(connection), "head")
    finally:
        reader.dispose()
        writer.dispose()


def ensure_current(url: str) -> None:
    """Raise SetupError unless the database has exactly the tables that this program needs."""
    reader, writer = driver_of(url).engines(url)
    try:
        with reader.connect() as connection:
            found = _current(connection)
    finally:
        reader.dispose()
        writer.dispose()
    if found != head():
        raise SetupError(f"the database is at version {found or 'none'}, this program needs {head()}: "
                         "start `entrepot serve` once, or restore a backup made by this version")


def head() -> str | None:
    """The newest version that this program knows."""
    return _scripts().get_current_head()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    found = _current(connection)
    if found is not None and found not in {script.revision for script in _scripts().walk_revisions()}:
        raise SetupError(f"the database is at version {found}, which this program does not know: "
                         "it was made by a newer Entrepot. Upgrade the program, or restore an older backup.")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_SCRIPTS))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
