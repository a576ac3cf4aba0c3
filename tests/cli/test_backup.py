"""A backup is whole, a restore puts it back, and neither loses anything on the way."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from entrepot.cli import in_use
from tests.cli.processes import entrepot


def names(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "entrepot.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT name FROM api_keys ORDER BY id")]


@pytest.fixture
def backup(home: Path) -> Path:
    """A home with one key, backed up."""
    file = home.parent / "copy.sqlite"
    assert entrepot(home, "keys", "create", "--name", "first").returncode == 0
    done = entrepot(home, "backup", str(file))
    assert done.returncode == 0, done.stderr
    assert "entrepot restore" in done.stdout
    assert "secret.key" in done.stdout
    return file


def test_what_was_backed_up_comes_back(home: Path, backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    entrepot(home, "keys", "create", "--name", "second")
    done = entrepot(home, "restore", "--yes", str(backup))
    assert done.returncode == 0, done.stderr
    assert names(home) == ["first"]
    kept = next(home.glob("entrepot.sqlite.before-*"))
    with closing(sqlite3.connect(kept)) as old:
        assert old.execute("SELECT count(*) FROM api_keys").fetchone() == (2,)
    assert "first" in entrepot(home, "keys", "list").stdout
    assert not [file for file in home.iterdir() if "restoring" in file.name]


def test_a_backup_does_not_overwrite(home: Path, backup: Path) -> None:
    before = backup.read_bytes()
    done = entrepot(home, "backup", str(backup))
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert backup.read_bytes() == before


def test_a_restore_waits_for_nobody_and_harms_nobody(home: Path, backup: Path) -> None:
    with in_use.held(f"sqlite:///{home / 'entrepot.sqlite'}"):
        done = entrepot(home, "restore", "--yes", str(backup))
    assert done.returncode == 1
    assert "is in use: stop" in done.stderr


def test_a_restore_asks_first(home: Path, backup: Path) -> None:
    entrepot(home, "keys", "create", "--name", "second")
    assert entrepot(home, "restore", str(backup)).returncode == 1
    assert names(home) == ["first", "second"]


@pytest.mark.parametrize("content", [b"", b"this is no database" * 99])
def test_what_is_no_backup_is_refused(home: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "strange"
    file.write_bytes(content)
    done = entrepot(home, "restore", "--yes", str(file))
    assert done.returncode == 1
    assert "is no backup of Entrepot" in done.stderr
    assert file.read_bytes() == content


def test_there_must_be_something_to_back_up(home: Path, tmp_path: Path) -> None:
    done = entrepot(home, "backup", str(tmp_path / "copy"))
    assert done.returncode == 1
    assert "There is no database" in done.stderr


def test_postgresql_has_its_own_tools(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.dump"
    file.touch()
    for command, tool in (("backup", "pg_dump --format=custom"), ("restore", "pg_restore --clean")):
        done = entrepot(home, command, str(file), "--database", "postgresql://nobody:hidden@127.0.0.1:9/x")
        assert done.returncode == 1
        assert tool in done.stdout
        assert "hidden" not in done.stdout
