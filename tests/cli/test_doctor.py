"""The doctor says what is wrong and what to type, and changes nothing."""

from __future__ import annotations

import base64
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.processes import entrepot


def lines(text: str) -> dict[str, str]:
    """Level by subject."""
    return {line.split()[1]: line.split()[0] for line in text.splitlines() if line[:4] in ("ok  ", "warn", "fail")}


def test_before_the_first_start(home: Path) -> None:
    done = entrepot(home, "doctor", "--port", "0")
    found = lines(done.stdout)
    assert found["home"] == found["database"] == "warn"
    assert found["port"] == found["disk"] == "ok"
    assert "Type: entrepot serve" in done.stdout
    assert not home.exists()


def test_a_healthy_home(home: Path) -> None:
    entrepot(home, "keys", "create")
    done = entrepot(home, "doctor", "--port", "0")
    assert done.returncode == 0, done.stdout
    assert set(lines(done.stdout).values()) == {"ok"}, done.stdout


def test_a_port_in_use(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = entrepot(home, "doctor", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in done.stdout
    assert f"entrepot serve --port {port + 1}" in done.stdout


def test_a_key_that_others_can_read(home: Path) -> None:
    entrepot(home, "keys", "create")
    (home / "secret.key").chmod(0o644)
    home.chmod(0o755)
    done = entrepot(home, "doctor", "--port", "0")
    assert done.returncode == 1
    assert lines(done.stdout)["secret"] == "fail"
    assert f"chmod 600 {home / 'secret.key'}" in done.stdout
    assert f"chmod 700 {home}" in done.stdout


def test_a_key_that_does_not_fit(home: Path) -> None:
    entrepot(home, "keys", "create")
    with closing(sqlite3.connect(home / "entrepot.sqlite")) as database, database:
        database.execute(
            "INSERT INTO connections (id, organisation_id, environment_id, company_id, ordinal, integration_type,"
            " category, status, sync_status, settings, credentials, created_at, updated_at) VALUES"
            " (9, 1, 2, 8, 1, 'NOWHERE', 'ECOMMERCE', 'HEALTHY', 'IDLE', '{}', ?, 0, 0)", (b"\x01" + b"k" * 60,))
    other = base64.b64encode(b"k" * 32).decode()
    done = entrepot(home, "doctor", "--port", "0", ENTREPOT_SECRET_KEY=other)
    assert done.returncode == 1
    assert "was sealed with key" in done.stdout
    assert "connected with NOWHERE, which is not installed" in done.stdout
    (home / "secret.key").unlink()
    assert "secret.key is gone" in entrepot(home, "doctor", "--port", "0").stdout


def test_a_database_that_does_not_answer(home: Path) -> None:
    done = entrepot(home, "doctor", "--port", "0", "--database", "postgresql://nobody:hidden@127.0.0.1:9/x")
    assert done.returncode == 1
    assert lines(done.stdout)["database"] == "fail"
    assert "hidden" not in done.stdout


@pytest.mark.postgres
def test_postgresql(home: Path, postgres_url: str) -> None:
    assert lines(entrepot(home, "doctor", "--port", "0", "--database", postgres_url).stdout)["database"] == "warn"
    assert entrepot(home, "keys", "create", "--database", postgres_url).returncode == 0
    done = entrepot(home, "doctor", "--port", "0", "--database", postgres_url)
    assert done.returncode == 0, done.stdout
    assert set(lines(done.stdout).values()) == {"ok"}
