"""Keys: shown once, listed by their beginning, rotated with an overlap, shut for good; and whose they are."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.processes import entrepot


def number_of(home: Path, name: str) -> str:
    """A key's number, by its name; the last one of that name."""
    lines = entrepot(home, "keys", "list").stdout.splitlines()
    return [line.split()[0] for line in lines if name in line][-1]


def test_a_key_is_made_listed_and_revoked(home: Path) -> None:
    made = entrepot(home, "keys", "create", "--name", "billing", "--scopes", "read,write", "--expires-days", "3")
    key = made.stdout.strip()
    assert re.fullmatch(r"ent_live_\w{43}", key), made.stderr
    listed = entrepot(home, "keys", "list").stdout
    assert key not in listed
    assert "billing" in listed
    assert "read,write" in listed
    assert key[:12] in listed
    ident = number_of(home, "billing")
    assert entrepot(home, "keys", "revoke", ident).returncode == 0
    again = entrepot(home, "keys", "revoke", ident)
    assert again.returncode == 1
    assert f"no open key {ident}" in again.stderr


def test_test_and_live_are_apart(home: Path) -> None:
    assert entrepot(home, "keys", "create", "--environment", "test").stdout.startswith("ent_test_")
    assert "no API key" not in entrepot(home, "keys", "list").stdout
    assert "no API key" in entrepot(home, "keys", "list", "--environment", "live").stdout


def test_an_empty_installation_says_what_to_type(home: Path) -> None:
    assert "Type: entrepot keys create" in entrepot(home, "keys", "list").stdout
    assert "Type: entrepot serve" in entrepot(home, "organisations", "list").stdout


def test_a_key_is_rotated_once(home: Path) -> None:
    entrepot(home, "keys", "create", "--name", "nightly", "--scopes", "read", "--per-minute", "50", "--burst", "70")
    old = number_of(home, "nightly")
    made = entrepot(home, "keys", "rotate", old, "--overlap-hours", "1")
    assert re.fullmatch(r"ent_live_\w{43}", made.stdout.strip()), made.stderr
    new = number_of(home, "nightly")
    assert new != old
    rows = {line.split()[0]: line for line in entrepot(home, "keys", "list").stdout.splitlines()}
    assert "50/70" in rows[old]
    assert "50/70" in rows[new]
    assert len(re.findall(r"\d\d:\d\d", rows[old])) == 2  # made, and shutting by itself
    assert len(re.findall(r"\d\d:\d\d", rows[new])) == 1
    again = entrepot(home, "keys", "rotate", old)
    assert again.returncode == 1
    assert f"into key {new}" in again.stderr


def test_organisations_have_keys_of_their_own(home: Path) -> None:
    first = entrepot(home, "keys", "create", "--name", "ours")
    assert first.returncode == 0
    made = entrepot(home, "organisations", "create", "Harbour Goods")
    ident = re.search(r"organisation (\d+)\.", made.stdout)
    assert ident, made.stderr
    for wanted in ("harbour goods", ident[1]):
        done = entrepot(home, "keys", "create", "--name", f"theirs {wanted}", "--organisation", wanted)
        assert done.returncode == 0, done.stderr
    listed = entrepot(home, "keys", "list", "--organisation", "Harbour Goods").stdout
    assert "theirs harbour goods" in listed
    assert "ours" not in listed
    again = entrepot(home, "organisations", "create", "HARBOUR goods")
    assert (again.returncode, "already" in again.stderr) == (1, True)
    assert entrepot(home, "organisations", "create", "17").returncode == 1
    nobody = entrepot(home, "keys", "create", "--organisation", "nobody")
    assert (nobody.returncode, "no organisation nobody" in nobody.stderr) == (1, True)
    shown = entrepot(home, "organisations", "list").stdout
    assert "Default" in shown
    assert "Harbour Goods" in shown
    assert entrepot(home, "keys", "create", "--burst", "5").returncode == 1
