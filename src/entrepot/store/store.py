"""The one door to the database: sessions, each one transaction, each confined to a scope."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, Result

from entrepot.errors import SetupError
from entrepot.store.driver import DialectName, Driver, Params, RowValues
from entrepot.store.postgresql import PostgresDriver
from entrepot.store.presence import Presence
from entrepot.store.rendering import Renderers
from entrepot.store.scope import Scope
from entrepot.store.sqlite import SqliteDriver

T = TypeVar("T")
READERS = 4
WRITERS = 4
"""Threads that wait for the database; more would only queue behind two cores and SQLite's one writer."""

TURN_S = 30.0
"""After that a writer goes on to ask the database itself, which waits as long again and then says that it is locked."""


LIVING = "connection_id NOT IN (SELECT id FROM connections WHERE environment_id = ? AND deleted_at IS NOT NULL)"
"""A condition on records; its parameter is the environment."""


class OutOfScope(LookupError):
    """A company that this session's scope does not own, or that does not exist: to its caller the same."""


class Session:
    """One transaction of one scope. Not to be shared between threads, nor kept after its ``with``."""

    __slots__ = ("_presence", "connection", "driver", "epoch", "parted", "raw", "renderers", "scope")

    def __init__(
        self, scope: Scope, connection: Connection, driver: Driver, renderers: Renderers, presence: Presence,
    ) -> None:
        """``presence`` is what need not be asked for again."""
        self.scope = scope
        self.connection = connection
        self.driver = driver
        self.renderers = renderers
        self.raw: Any = connection.connection.driver_connection
        self.epoch = presence.epoch
        self.parted = False
        """To be set when a company or connection was deleted, or its last data erased."""
        self._presence = presence

    @property
    def dialect(self) -> DialectName:
        """``sqlite`` or ``postgresql``."""
        return self.driver.name

    def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]:
        """Run a SQLAlchemy Core statement; on core tables the condition of ``store.scoped`` belongs into it."""
        return self.connection.execute(statement, parameters)

    def hot(self, sql: str, params: Params = (), *, company: int | None = None) -> list[RowValues]:
        """Run a hand-written statement with ``?`` for parameters, on the driver itself.

        It is confined in one of two ways: it concerns one ``company``, which must be the scope's (raises
        :class:`OutOfScope`), or its text carries ``environment_id = ?`` (the system's own work may do without).
        """
        self._confine(sql, company)
        return self.driver.fetch(self.raw, sql, params)

    def hot_many(self, sql: str, rows: Sequence[Params], *, company: int) -> None:
        """Run a hand-written statement for many rows of parameters, all of one company."""
        if rows:
            self._confine(sql, company)
            self.driver.run_many(self.raw, sql, rows)

    def insert(
        self, table: str, columns: Sequence[str], types: Sequence[str], rows: Iterable[Params], *, company: int,
    ) -> None:
        """Insert new rows of one company: COPY on PostgreSQL, one prepared INSERT on SQLite."""
        self._confine(table, company)
        self.driver.insert(self.raw, table, columns, types, rows)

    def unscoped(self, sql: str, params: Params = ()) -> list[RowValues]:
        """Run a hand-written statement on what belongs to nobody: sequences, the database's own catalogue."""
        return self.driver.fetch(self.raw, sql, params)

    def enter(self, company: int) -> None:
        """Make sure that the company is the scope's and not deleted. Raises :class:`OutOfScope`."""
        if not self.scope.is_system and not self._presence.may_enter(self, company):
            raise OutOfScope(f"company {company}")

    def narrowed(self, company: int | None) -> bool:
        """Whether a company (None: any of the environment) has records of a deleted connection, which are to be left
        out: see :data:`LIVING`. The system's own work sees them."""
        if self.scope.is_system:
            return False
        departed = self._presence.departed(self)
        return bool(departed.narrowed) if company is None else company in departed.narrowed

    def _confine(self, sql: str, company: int | None) -> None:
        if self.scope.is_system:
            return
        if company is not None:
            self.enter(company)
        elif "environment_id = ?" not in sql:
            raise AssertionError(f"a statement without a scope: {sql}")


class Store:
    """An open database. Synchronous inside; :meth:`reading` and :meth:`writing` are for the event loop."""

    def __init__(self, url: str, driver: Driver, renderers: Renderers) -> None:
        self.url = url
        self.renderers = renderers
        self._driver = driver
        self._reader, self._writer = driver.engines(url)
        self._queue = threading.Lock()
        self._presence = Presence()
        self._read_pool = ThreadPoolExecutor(READERS, "store-read")
        self._write_pool = ThreadPoolExecutor(WRITERS, "store-write")

    @classmethod
    def open(cls, url: str, renderers: Renderers) -> Store:
        """Open ``sqlite:////abs/path`` or ``postgresql://user@host/database``. Raises SetupError on anything else."""
        return cls(url, driver_of(url), renderers)

    @property
    def dialect(self) -> DialectName:
        """``sqlite`` or ``postgresql``."""
        return self._driver.name

    @contextmanager
    def read(self, scope: Scope) -> Iterator[Session]:
        """A session that cannot write. On SQLite one snapshot; on PostgreSQL each statement sees the newest commit."""
        with self._session(self._reader, scope) as session:
            yield session

    @contextmanager
    def write(self, scope: Scope) -> Iterator[Session]:
        """One write transaction: committed at the end, rolled back when anything is raised."""
        with self._turn(), self._session(self._writer, scope) as session:
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite's writers of this process queue here, in order; its own way of waiting is to try again and again."""
        mine = self.dialect == "sqlite" and self._queue.acquire(timeout=TURN_S)
        try:
            yield
        finally:
            if mine:
                self._queue.release()

    @contextmanager
    def _session(self, engine: Engine, scope: Scope) -> Iterator[Session]:
        with engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            try:
                with connection.begin():
                    presence = self._presence if engine is self._reader else self._presence.fresh()
                    session = Session(scope, connection, self._driver, self.renderers, presence)
                    yield session
                if session.parted:
                    self._presence.forget()
            except Exception:
                if getattr(raw, "closed", False):
                    # The server went away: whatever waits in the pools is as dead, so the next session is fresh.
                    connection.invalidate()
                    self._reader.dispose()
                    self._writer.dispose()
                raise

    async def reading(self, scope: Scope, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a read session on a thread of the store's own."""
        return await _on(self._read_pool, lambda: self._within(self.read(scope), work))

    async def writing(self, scope: Scope, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a write session on a thread of the store's own."""
        return await _on(self._write_pool, lambda: self._within(self.write(scope), work))

    @staticmethod
    def _within(session: Any, work: Callable[[Session], T]) -> T:
        with session as open_session:
            return work(open_session)

    def close(self) -> None:
        """Wait for running work, then close all connections."""
        self._read_pool.shutdown()
        self._write_pool.shutdown()
        self._reader.dispose()
        self._writer.dispose()


async def _on(pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(pool, lambda: context.run(work))


def driver_of(url: str) -> Driver:
    """The dialect that an address names. Raises SetupError."""
    kind = url.partition(":")[0].partition("+")[0]
    if kind == "sqlite":
        return SqliteDriver()
    if kind in ("postgresql", "postgres"):
        return PostgresDriver()
    raise SetupError(f"{kind}: is not a database that Entrepot knows; use sqlite:////path/to/file or "
                     "postgresql://user:password@host/database")
