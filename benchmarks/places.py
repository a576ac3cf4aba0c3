"""Where the measured installations live: folders and databases that are gone afterwards."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

DIALECTS = ("sqlite", "postgresql")


def postgresql() -> str:
    """The address of the PostgreSQL to measure on, without a database; ENTREPOT_TEST_POSTGRES names another."""
    return os.environ.get("ENTREPOT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


@contextmanager
def folder() -> Iterator[Path]:
    """A folder of one's own."""
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def database(dialect: str) -> Iterator[str]:
    """The address of a new, empty database."""
    if dialect == "sqlite":
        with folder() as home:
            yield f"sqlite:///{home}/entrepot.sqlite"
        return
    name = f"ent_bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(f"{postgresql()}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{postgresql()}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
