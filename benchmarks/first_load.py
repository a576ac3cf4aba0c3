"""How fast records go in, and again when nothing has changed, against the least that the database itself would take.

The demo shop's orders with their parcels, payments and guests are mapped beforehand; what is measured is the store:
hashes, ids, both bodies, rows, counts and the log, one commit per page of 250 orders. Then the very bytes that it
stored are put in the barest way: on PostgreSQL one raw COPY into the same tables with the same indexes, on SQLite
executemany in one transaction into tables without an index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks import demo_rows
from benchmarks.budgets import Measured
from benchmarks.places import database
from benchmarks.timing import seconds
from entrepot.api.renderer import RENDERERS
from entrepot.kit.spec import Family
from entrepot.store import connections, sequence
from entrepot.store.core_tables import companies
from entrepot.store.migrate import migrate
from entrepot.store.record_tables import record_table
from entrepot.store.records import Target, upsert
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Store

NOUNS = ("customer", "fulfillment", "transaction", "order")
SCOPE = Scope(1, 2)
Blocks = Mapping[str, Sequence[bytes]]


@dataclass(frozen=True)
class Round:
    """Seconds of each step, and how many records there were."""

    records: int
    first: float
    again: float
    raw: float


def measure(*, full: bool) -> list[Measured]:
    """Both databases; the best of a few loads into new databases."""
    count, rounds = (20_000, 3) if full else (3000, 2)
    return [one for dialect, raw in (("postgresql", raw_copy), ("sqlite", raw_inserts))
            for one in _measured(dialect, [_round(dialect, count, raw) for _ in range(rounds)])]


def _measured(dialect: str, rounds: Sequence[Round]) -> list[Measured]:
    records = rounds[0].records
    first, again, raw = (min(getattr(one, step) for one in rounds) for step in ("first", "again", "raw"))
    return [
        Measured(f"first_load.{dialect}", raw / first,
                 f"{records / first:,.0f} of {records / raw:,.0f} records/s"),
        Measured(f"first_load.again.{dialect}", first / again,
                 f"{records / again:,.0f} to {records / first:,.0f} records/s"),
    ]


def _round(dialect: str, count: int, raw: Callable[[str], float]) -> Round:
    with database(dialect) as url:
        migrate(url)
        store = Store.open(url, RENDERERS)
        try:
            target = _target(store)
            first = _load(store, target, count, initial=True)
            again = _load(store, target, count, initial=False)
            with store.read(SYSTEM) as session:
                records = sum(session.hot(f"SELECT COUNT(*) FROM {record_table(noun).name}")[0][0] for noun in NOUNS)
        finally:
            store.close()
        return Round(records, first, again, raw(url))


def _target(store: Store) -> Target:
    with store.write(SYSTEM) as session:
        company = sequence.take(session, 1)[0]
        session.execute(companies.insert().values(
            id=company, organisation_id=SCOPE.organisation_id, environment_id=SCOPE.environment_id, name="Acme",
            created_at=1, updated_at=1))
        one = connections.create(session, SCOPE, company, "EXAMPLE", "ECOMMERCE", {})
    return Target(SCOPE.environment_id, company, one.id, one.ordinal, "orders", 1)


def _load(store: Store, target: Target, count: int, *, initial: bool) -> float:
    def put(page: Sequence[Family]) -> None:
        with store.write(SCOPE) as session:
            upsert(session, target, page, cause="sync", initial=initial)

    return sum(seconds(lambda page=page: put(page)) for page in demo_rows.families(count))


def raw_copy(url: str) -> float:
    """Seconds of a COPY of the stored rows, ready-made, into the emptied tables with their indexes."""
    tables = [record_table(noun).name for noun in NOUNS]
    with psycopg.connect(url, autocommit=True) as connection:
        saved = {}
        for table in tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copy:
                saved[table] = [bytes(block) for block in copy]
        connection.execute(f"TRUNCATE {', '.join(tables)}")
        connection.execute("CHECKPOINT")
        connection.execute("SET default_toast_compression = 'lz4'")
        return seconds(lambda: _copy(connection, saved))


def _copy(connection: psycopg.Connection, saved: Blocks) -> None:
    with connection.transaction():
        for table, blocks in saved.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
                for block in blocks:
                    copy.write(block)


def raw_inserts(url: str) -> float:
    """Seconds of executemany in one transaction into the same tables without any index, in a new file."""
    path = Path(url.removeprefix("sqlite:///"))
    source = sqlite3.connect(path)
    bare = sqlite3.connect(path.with_name("bare.db"), isolation_level=None)
    for pragma in ("page_size = 8192", "journal_mode = WAL", "synchronous = NORMAL"):
        bare.execute(f"PRAGMA {pragma}")
    saved = {}
    for noun in NOUNS:
        table = record_table(noun)
        bare.execute(f"CREATE TABLE {table.name} ({', '.join(table.columns)})")
        saved[noun] = source.execute(f"SELECT {', '.join(table.columns)} FROM {table.name}").fetchall()

    def put() -> None:
        bare.execute("BEGIN")
        for noun, rows in saved.items():
            bare.executemany(record_table(noun).insert_sql, rows)
        bare.execute("COMMIT")

    taken = seconds(put)
    source.close()
    bare.close()
    return taken
