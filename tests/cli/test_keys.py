"""Keys: shown once, listed by their beginning, shut for good."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.processes import entrepot


def test_a_key_is_made_listed_and_revoked(home: Path) -> None:
    made = entrepot(home, "keys", "create", "--name", "billing", "--scopes", "read,write", "--expires-days", "3")
    key = made.stdout.strip()
    assert re.fullmatch(r"ent_live_\w{43}", key), made.stderr
    listed = entrepot(home, "keys", "list").stdout
    assert key not in listed
    assert "billing" in listed
    assert "read,write" in listed
    assert key[:12] in listed
    ident = next(line.split()[0] for line in listed.splitlines() if "billing" in line)
    assert entrepot(home, "keys", "revoke", ident).returncode == 0
    again = entrepot(home, "keys", "revoke", ident)
    assert again.returncode == 1
    assert f"no open key {ident}" in again.stderr


def test_test_and_live_are_apart(home: Path) -> None:
    assert entrepot(home, "keys", "create", "--environment", "test").stdout.startswith("ent_test_")
    assert "no API key" not in entrepot(home, "keys", "list").stdout


def test_an_empty_installation_says_what_to_type(home: Path) -> None:
    assert "Type: entrepot keys create" in entrepot(home, "keys", "list").stdout
