"""What was changed by hand, kept over the generated shop in one SQLite file that several processes share.

``kept`` holds edited generated objects (``base``: their index) and made ones (``base`` null), deleted ones as
tombstones. Transactions are short; rows are never removed, so ``seq`` only grows.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (
  seq INTEGER PRIMARY KEY, noun TEXT NOT NULL, id TEXT NOT NULL, base INTEGER, changed_ms INTEGER NOT NULL,
  deleted_ms INTEGER, natural_key TEXT, body BLOB NOT NULL, UNIQUE (noun, id));
CREATE INDEX IF NOT EXISTS kept_base ON kept (noun, base) WHERE base IS NOT NULL;
CREATE INDEX IF NOT EXISTS kept_made ON kept (noun, seq) WHERE base IS NULL;
CREATE INDEX IF NOT EXISTS kept_changed ON kept (noun, changed_ms);
CREATE INDEX IF NOT EXISTS kept_deleted ON kept (noun, deleted_ms) WHERE deleted_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS kept_natural ON kept (noun, natural_key) WHERE natural_key IS NOT NULL;
CREATE TABLE IF NOT EXISTS marks (
  noun TEXT NOT NULL, reference TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (noun, reference)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (number INTEGER PRIMARY KEY, spec TEXT NOT NULL, remaining INTEGER);
"""


class Kept(NamedTuple):
    """One row: ``body`` is None for a tombstone."""

    seq: int
    id: str
    base: int | None
    body: bytes | None
    deleted_ms: int | None


_COLUMNS = "seq, id, base, CASE WHEN deleted_ms IS NULL THEN body END, deleted_ms"


class Ledger:
    """One process's connection to the file. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._process = 0
        self._opened: sqlite3.Connection | None = None

    @property
    def _db(self) -> sqlite3.Connection:
        if self._opened is None or self._process != os.getpid():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._process = os.getpid()
            self._opened = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            self._opened.execute("PRAGMA journal_mode = WAL")
            self._opened.execute("PRAGMA synchronous = NORMAL")
            self._opened.executescript(_TABLES)
        return self._opened

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One write transaction; nothing is kept when it raises."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, sql: str, *values: str | int | bytes | None) -> list[Kept]:
        with self._lock:
            return [Kept(*row) for row in self._db.execute(sql, values)]

    def fact(self, name: str, default: int) -> int:
        """A number that all processes agree on; the first one to ask decides."""
        with self._lock:
            found = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
            if found is None:
                self._db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, default))
                found = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
            return int(found[0])

    def set_fact(self, name: str, value: int) -> None:
        """Change such a number."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def next_seq(self) -> int:
        """The number that the next made object gets. Only inside :meth:`writing`."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) + 1 FROM kept").fetchone()[0])

    def put(self, noun: str, ident: str, base: int | None, body: bytes, now: int, natural: str | None = None) -> None:
        """Keep an object as it is now."""
        with self._lock:
            self._db.execute(
                "INSERT INTO kept (noun, id, base, changed_ms, natural_key, body) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (noun, id) DO UPDATE SET changed_ms = excluded.changed_ms, "
                "natural_key = excluded.natural_key, body = excluded.body",
                (noun, ident, base, now, natural, body),
            )

    def bury(self, noun: str, ident: str, base: int | None, now: int) -> None:
        """Leave a tombstone."""
        with self._lock:
            self._db.execute(
                "INSERT INTO kept (noun, id, base, changed_ms, deleted_ms, body) VALUES (?, ?, ?, ?, ?, x'') "
                "ON CONFLICT (noun, id) DO UPDATE SET changed_ms = excluded.changed_ms, "
                "deleted_ms = excluded.deleted_ms, natural_key = NULL, body = x''",
                (noun, ident, base, now, now),
            )

    def get(self, noun: str, ident: str) -> Kept | None:
        """An object that was touched, or None."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM kept WHERE noun = ? AND id = ?", noun, ident)  # noqa: S608
        return rows[0] if rows else None

    def of_natural(self, noun: str, natural: str) -> str | None:
        """The id of the living touched object with that mail address or number."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM kept WHERE noun = ? AND natural_key = ? AND deleted_ms IS NULL", noun, natural)  # noqa: S608
        return rows[0].id if rows else None

    def touched(self, noun: str, first: int, end: int) -> dict[int, bytes | None]:
        """Edited (body) and deleted (None) generated objects with ``first <= index < end``."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM kept WHERE noun = ? AND base >= ? AND base < ?", noun, first, end)  # noqa: S608
        return {row.base: row.body for row in rows if row.base is not None}

    def touched_indexes(self, noun: str) -> list[int]:
        """The indexes of all edited and deleted generated objects."""
        with self._lock:
            found = self._db.execute("SELECT base FROM kept WHERE noun = ? AND base IS NOT NULL", (noun,))
            return [int(base) for (base,) in found]

    def edited_since(self, noun: str, first: int, since: int, limit: int) -> list[Kept]:
        """Living edited generated objects from index ``first`` on, changed since, by index."""
        return self._rows(
            f"SELECT {_COLUMNS} FROM kept WHERE noun = ? AND base >= ? AND changed_ms >= ? AND deleted_ms IS NULL "  # noqa: S608
            "ORDER BY base LIMIT ?", noun, first, since, limit)

    def made(self, noun: str, after: int, until: int, since: int, limit: int) -> list[Kept]:
        """Living made objects with ``after < seq <= until``, changed since, oldest first."""
        return self._rows(
            f"SELECT {_COLUMNS} FROM kept WHERE noun = ? AND base IS NULL AND seq > ? AND seq <= ? "  # noqa: S608
            "AND changed_ms >= ? AND deleted_ms IS NULL ORDER BY seq LIMIT ?", noun, after, until, since, limit)

    def gone(self, noun: str, after: int, since: int, limit: int) -> list[Kept]:
        """Tombstones set since, with ``seq`` above ``after``."""
        return self._rows(
            f"SELECT {_COLUMNS} FROM kept WHERE noun = ? AND deleted_ms >= ? AND seq > ? ORDER BY seq LIMIT ?",  # noqa: S608
            noun, since, after, limit)

    def _number(self, sql: str, *values: str | int) -> int:
        with self._lock:
            return int(self._db.execute(sql, values).fetchone()[0])

    def last_seq(self) -> int:
        """The newest row's number."""
        return self._number("SELECT coalesce(max(seq), 0) FROM kept")

    def count_deleted_base(self, noun: str) -> int:
        """How many generated objects were deleted."""
        return self._number(
            "SELECT count(*) FROM kept WHERE noun = ? AND deleted_ms IS NOT NULL AND base IS NOT NULL", noun)

    def count_made(self, noun: str) -> int:
        """How many made objects live."""
        return self._number("SELECT count(*) FROM kept WHERE noun = ? AND base IS NULL AND deleted_ms IS NULL", noun)

    def count_touched_since(self, noun: str, since: int) -> int:
        """How many living touched objects changed since."""
        return self._number(
            "SELECT count(*) FROM kept WHERE noun = ? AND changed_ms >= ? AND deleted_ms IS NULL", noun, since)

    def count_gone(self, noun: str, since: int) -> int:
        """How many tombstones were set since."""
        return self._number("SELECT count(*) FROM kept WHERE noun = ? AND deleted_ms >= ?", noun, since)

    def mark(self, noun: str, reference: str, ident: str) -> None:
        """Remember which object a caller's reference made."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO marks VALUES (?, ?, ?)", (noun, reference, ident))

    def marked(self, noun: str, reference: str) -> str | None:
        """The id of the object that a caller's reference made, or None."""
        with self._lock:
            found = self._db.execute(
                "SELECT id FROM marks WHERE noun = ? AND reference = ?", (noun, reference)).fetchone()
            return str(found[0]) if found else None

    def arm(self, specs: list[str]) -> None:
        """Replace the faults that all processes play."""
        with self.writing():
            self._db.execute("DELETE FROM faults")
            for spec in specs:
                text, _, times = spec.partition("*")
                row = (text, int(times) if times else None)
                self._db.execute("INSERT INTO faults (spec, remaining) VALUES (?, ?)", row)

    def armed(self) -> list[tuple[int, str]]:
        """The faults that are still to be played, as (number, spec)."""
        with self._lock:
            return self._db.execute(
                "SELECT number, spec FROM faults WHERE remaining IS NULL OR remaining > 0 ORDER BY number").fetchall()

    def played(self, number: int) -> bool:
        """Use one up; False when another request was quicker."""
        with self._lock:
            return self._db.execute(
                "UPDATE faults SET remaining = remaining - 1 WHERE number = ? AND (remaining IS NULL OR remaining > 0)",
                (number,)).rowcount == 1
