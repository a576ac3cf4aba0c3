"""The machine that the numbers are those of."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks.places import postgresql


def described() -> str:
    """One sentence: processor, cores, memory, versions, date."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, PostgreSQL {_postgresql()}, "
            f"{datetime.now(UTC):%Y-%m-%d}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _postgresql() -> str:
    try:
        with psycopg.connect(f"{postgresql()}/postgres") as connection:
            return str(connection.execute("SHOW server_version").fetchone()[0]).partition(" ")[0]  # type: ignore[index]
    except psycopg.Error:
        return "not there"
