"""What `entrepot doctor` asks of a database, without changing it and without needing today's tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from entrepot.clock import now_ms
from entrepot.store.core_tables import api_keys, companies, connections, jobs
from entrepot.store.migrate import head
from entrepot.store.store import driver_of

OVERDUE_MS = 60_000
MOST_SECRETS = 200


@dataclass
class Signs:
    """What was found. Times in ms; ``refused`` says why the database cannot be written, None when it can."""

    version: str | None
    newest: str | None
    refused: str | None = None
    clock_ahead_ms: int = 0
    """How far the database's clock is before this machine's."""
    newest_change_ms: int = 0
    """The newest time that was ever given to a record."""
    overdue_jobs: int = 0
    keys: int = 0
    """API keys that open something."""
    sealed: list[tuple[int, bytes]] = field(default_factory=list)
    """Connections and their sealed credentials, the first few."""
    integration_types: list[str] = field(default_factory=list)


def examine(url: str) -> Signs:
    """Look at a database. Raises SQLAlchemyError when it cannot be reached, SetupError for an unknown kind."""
    reader, writer = driver_of(url).engines(url)
    try:
        with reader.connect() as connection:
            signs = Signs(MigrationContext.configure(connection).get_current_revision(), head())
            signs.clock_ahead_ms = _clock(connection)
            if signs.version == signs.newest:
                _look(connection, signs)
        try:
            with writer.connect() as connection, connection.begin() as transaction:
                _try_to_write(connection)
                transaction.rollback()
        except SQLAlchemyError as problem:
            signs.refused = str(getattr(problem, "orig", problem)).strip().splitlines()[0]
    finally:
        reader.dispose()
        writer.dispose()
    return signs


def _clock(connection: Connection) -> int:
    if connection.dialect.name != "postgresql":
        return 0  # the embedded database has this machine's clock
    before = now_ms()
    theirs = int(connection.execute(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")).scalar_one())
    return theirs - (before + now_ms()) // 2


def _try_to_write(connection: Connection) -> None:
    # Rolled back: proves the rights and, on SQLite, that the file and its folder can be written.
    connection.execute(text("CREATE TABLE entrepot_doctor (a integer)"))


def _look(connection: Connection, signs: Signs) -> None:
    now = now_ms()
    signs.newest_change_ms = connection.execute(select(func.max(companies.c.clock))).scalar() or 0
    signs.overdue_jobs = connection.execute(
        select(func.count()).select_from(jobs).where(jobs.c.state == "ready", jobs.c.run_at < now - OVERDUE_MS)
    ).scalar_one()
    signs.keys = connection.execute(
        select(func.count()).select_from(api_keys)
        .where(api_keys.c.revoked_at.is_(None), func.coalesce(api_keys.c.expires_at, now + 1) > now)
    ).scalar_one()
    rows = connection.execute(
        select(connections.c.id, connections.c.credentials)
        .where(connections.c.credentials.is_not(None), connections.c.deleted_at.is_(None))
        .order_by(connections.c.id.desc()).limit(MOST_SECRETS))
    signs.sealed = [(row[0], row[1]) for row in rows]
    signs.integration_types = list(connection.execute(
        select(connections.c.integration_type).where(connections.c.deleted_at.is_(None)).distinct()).scalars())

