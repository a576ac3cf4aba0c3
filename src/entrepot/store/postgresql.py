"""PostgreSQL and what speaks its protocol: many writers, ordered by each company's counter row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

from entrepot.store.driver import DialectName, Params, RowValues

_SETTINGS = (
    "SET jit = off",  # every hot statement runs for less time than the compiler
    # Bodies of more than 2 kB are compressed on their way in; pglz would cost more than the rest of the insert.
    ("SELECT set_config(name, 'lz4', false) FROM pg_settings "
     "WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"),
)
_CASTS = {
    # least() and greatest() pass over nulls, so an unknown amount has to be left out before.
    "money": ("CASE WHEN (document::json ->> '{0}') IS NOT NULL THEN "
              "least(greatest(round((document::json ->> '{0}')::numeric * 1000000), "
              "-9223372036854775807), 9223372036854775807)::bigint END"),
    "time": "floor(extract(epoch FROM (document::json ->> '{0}')::timestamptz) * 1000)::bigint",
    # As bigint, like a column's: a numeric would come back as a Decimal, which no page's edge can hold.
    "integer": ("CASE WHEN (document::json ->> '{0}') IS NOT NULL THEN "
                "least(greatest((document::json ->> '{0}')::numeric, -9223372036854775807), 9223372036854775807)"
                "::bigint END"),
    "boolean": "(document::json ->> '{0}')::boolean",
}


class PostgresDriver:
    """Chosen by the database's address."""

    name: DialectName = "postgresql"

    def engines(self, url: str) -> tuple[Engine, Engine]:
        """Readers run statement by statement (no BEGIN and COMMIT to wait for) and refuse to write."""
        return _engine(url, read_only=True), _engine(url, read_only=False)

    def fetch(self, connection: Any, sql: str, params: Params) -> list[RowValues]:
        """One statement in the binary format, all its rows."""
        with connection.cursor(binary=True) as cursor:
            cursor.execute(_translated(sql), params)
            rows: list[RowValues] = cursor.fetchall() if cursor.description else []
            return rows

    def run_many(self, connection: Any, sql: str, rows: Sequence[Params]) -> None:
        """Sent in pipeline mode: one wait for all rows."""
        with connection.cursor() as cursor:
            cursor.executemany(_translated(sql), rows)

    def insert(self, connection: Any, table: str, columns: Sequence[str], types: Sequence[str],
               rows: Iterable[Params]) -> None:
        """Binary COPY: the server works while the next rows are being made."""
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(types)
            write = copy.write_row
            for row in rows:
                write(row)

    def one_of(self, column: str, kind: Literal["text", "bigint"]) -> str:
        """A binary array; text arrays in text form crawl."""
        return f"{column} = ANY(?::{kind}[])"

    def listed(self, values: Iterable[str] | Iterable[int]) -> object:
        """A list becomes an array."""
        return list(values)

    def as_bytes(self, column: str) -> str:
        """The text's bytes; the database is UTF-8."""
        return f"convert_to({column}, 'UTF8')"

    def joined(self, column: str) -> str | None:
        """string_agg takes longer than sending the rows."""
        return None

    def extracted(self, kind: str, name: str) -> str:
        """json, not jsonb: only the field that is asked for is built."""
        text = f"(document::json ->> '{name}')"
        return _CASTS[kind].format(name) if kind in _CASTS else f'{text} COLLATE "C"'

    def contains(self, expression: str) -> str:
        """Under collation "C" lower() folds ASCII only."""
        return f'strpos(lower({expression} COLLATE "C"), ?) > 0'

    def collated(self, expression: str) -> str:
        """Collation "C" compares UTF-8 by bytes."""
        return f'{expression} COLLATE "C"'


@lru_cache(maxsize=1024)
def _translated(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%b")


def _engine(url: str, *, read_only: bool) -> Engine:
    address = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(address, pool_size=8, max_overflow=16, pool_timeout=30.0, pool_pre_ping=False,
                           hide_parameters=True,  # an error's text goes to the log, what a row holds does not
                           isolation_level="AUTOCOMMIT" if read_only else "READ COMMITTED")

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _record: object) -> None:
        before = dbapi.autocommit
        dbapi.autocommit = True
        for setting in _SETTINGS:
            dbapi.execute(setting)
        if read_only:
            dbapi.execute("SET default_transaction_read_only = on")
        dbapi.autocommit = before

    return engine
