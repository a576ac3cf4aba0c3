"""SQLite: one file, one writer at a time, readers never waiting (WAL)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from entrepot.errors import SetupError
from entrepot.store.driver import DialectName, Params, RowValues
from entrepot.store.scaling import ms_of_text, scaled_text

OLDEST = (3, 38, 0)
"""UPSERT, RETURNING and the JSON operators are all there from this version on."""
BUSY_S = 30.0
PAGE_BYTES = 8192
"""A record with its bodies takes several kilobytes: larger pages need fewer overflow chains."""
READER_CACHE_KIB = 8_192
WRITER_CACHE_KIB = 65_536
"""A first load writes into every index at once: the index of own ids alone takes 60 MB per million records."""
MMAP_BYTES = 64 << 20
WAL_PAGES = 4000
"""Checkpoint after 32 MB: an index page that changes with every commit is then written back once, not each time."""

_PRAGMAS = (
    f"PRAGMA page_size = {PAGE_BYTES}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a killed process loses nothing committed; only a power cut may lose the last ones
    "PRAGMA foreign_keys = OFF",
    f"PRAGMA mmap_size = {MMAP_BYTES}",
    f"PRAGMA wal_autocheckpoint = {WAL_PAGES}",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA temp_store = MEMORY",
)


class SqliteDriver:
    """The default database."""

    name: DialectName = "sqlite"

    def engines(self, url: str) -> tuple[Engine, Engine]:
        """One pool of read-only connections, one for the single writer."""
        if sqlite3.sqlite_version_info < OLDEST:
            raise SetupError(f"SQLite {sqlite3.sqlite_version} is too old; Entrepot needs 3.38. "
                             "Use a newer Python, or set ENTREPOT_DATABASE_URL to a PostgreSQL.")
        return _engine(url, "BEGIN", read_only=True, size=8), _engine(url, "BEGIN IMMEDIATE", read_only=False, size=1)

    def fetch(self, connection: Any, sql: str, params: Params) -> list[RowValues]:
        """One statement, all its rows."""
        rows: list[RowValues] = connection.execute(sql, params).fetchall()
        return rows

    def run_many(self, connection: Any, sql: str, rows: Sequence[Params]) -> None:
        """One prepared statement, many rows."""
        connection.executemany(sql, rows)

    def insert(self, connection: Any, table: str, columns: Sequence[str], types: Sequence[str],
               rows: Iterable[Params]) -> None:
        """One prepared INSERT fed from the iterator."""
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def one_of(self, column: str, kind: Literal["text", "bigint"]) -> str:
        """A JSON array of any length is one parameter, so that the statement stays prepared."""
        return f"{column} IN (SELECT value FROM json_each(?))"

    def listed(self, values: Iterable[str] | Iterable[int]) -> object:
        """A JSON array."""
        return json.dumps(list(values), ensure_ascii=False)

    def as_bytes(self, column: str) -> str:
        """A cast to BLOB keeps the bytes and skips the decoding."""
        return f"CAST({column} AS BLOB)"

    def joined(self, column: str) -> str | None:
        """One row instead of many; SQLite aggregates in the order of the inner query."""
        return f"CAST(group_concat({column}, ',') AS BLOB)"

    def extracted(self, kind: str, name: str) -> str:
        """``->`` gives a number's own digits where json_extract would give a float."""
        if kind == "money":
            return f"entrepot_scaled(document -> '$.{name}')"
        if kind == "time":
            return f"entrepot_ms(json_extract(document, '$.{name}'))"
        return f"json_extract(document, '$.{name}')"

    def contains(self, expression: str) -> str:
        """lower() folds ASCII only."""
        return f"instr(lower({expression}), ?) > 0"

    def collated(self, expression: str) -> str:
        """BINARY is the default collation."""
        return expression


def _engine(url: str, begin: str, *, read_only: bool, size: int) -> Engine:
    engine = create_engine(
        make_url(url), poolclass=QueuePool, pool_size=size, max_overflow=8, pool_timeout=BUSY_S, hide_parameters=True,
        connect_args={"timeout": BUSY_S, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _connected(dbapi: sqlite3.Connection, _record: object) -> None:
        for pragma in _PRAGMAS:
            dbapi.execute(pragma)
        dbapi.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB if read_only else WRITER_CACHE_KIB}")
        if read_only:
            dbapi.execute("PRAGMA query_only = ON")
        dbapi.create_function("entrepot_scaled", 1, scaled_text, deterministic=True)
        dbapi.create_function("entrepot_ms", 1, ms_of_text, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
