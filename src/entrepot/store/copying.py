"""A whole copy of a SQLite database, page by page, while others read and write it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from entrepot.errors import SetupError

PAGES = 4096
"""Per step: 32 MB."""
BUSY_S = 30.0


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy ``source`` to the new file ``target``: one consistent moment, checked. SetupError when it is damaged."""
    with closing(_open(source)) as old, closing(sqlite3.connect(target)) as new:
        try:
            # Held over all steps, so that a busy writer cannot make the copy begin again and again.
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()
            old.backup(new, pages=PAGES)
            # A write-ahead log belongs to a database in use; a copy is one file.
            new.execute("PRAGMA journal_mode = DELETE")
            verdict = str(new.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.Error as problem:
            raise SetupError(f"{source} cannot be copied: {problem}.") from problem
    if verdict != "ok":
        raise SetupError(f"The copy of {source} is damaged ({verdict}), so {source} may be too. Type: "
                         f"sqlite3 {source} 'PRAGMA integrity_check'")


def version_of(file: Path) -> str | None:
    """The version of the tables in a SQLite file, which stays untouched; None when it is not one of ours."""
    try:
        with closing(_open(file)) as found:
            row = found.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else str(row[0])


def _open(source: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S, isolation_level=None)
