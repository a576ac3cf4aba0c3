"""Sealed for one row, opened by any key of the ring, damaged by any change."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import SetupError
from entrepot.vault import Vault
from entrepot.vault.keys import Key

OLD, NEW = Key(bytes(range(32))), Key(bytes(range(32, 64)))
CANARY = b"sk_canary_9f8e7d6c"


@given(st.binary(max_size=2000), st.text(max_size=20), st.integers(0, 2**63))
def test_what_is_sealed_opens(plain: bytes, table: str, row: int) -> None:
    vault = Vault([NEW])
    assert vault.open(vault.seal(plain, table=table, row=row), table=table, row=row) == plain


def test_a_seal_shows_nothing_and_never_repeats() -> None:
    vault = Vault([NEW])
    one, two = (vault.seal(CANARY, table="connections", row=1) for _ in range(2))
    assert one != two
    assert CANARY not in one
    assert one[:5] == b"\x01" + NEW.ident
    assert len(one) == len(CANARY) + 33


@pytest.mark.parametrize(("table", "row"), [
    ("connections", 2), ("connection", 1), ("api_keys", 1), ("connections\0", 1),
])
def test_a_stolen_row_is_useless_elsewhere(table: str, row: int) -> None:
    vault = Vault([NEW])
    with pytest.raises(SetupError, match="altered, or belongs to another row"):
        vault.open(vault.seal(CANARY, table="connections", row=1), table=table, row=row)


def test_every_changed_byte_is_noticed() -> None:
    vault = Vault([NEW, OLD])
    sealed = vault.seal(CANARY, table="connections", row=1)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SetupError) as caught:
            vault.open(bytes(changed), table="connections", row=1)
        assert "sk_canary" not in str(caught.value)
        assert caught.value.__context__ is None
    # Not even the id of another key of the ring fits in the place of the right one.
    with pytest.raises(SetupError):
        vault.open(sealed[:1] + OLD.ident + sealed[5:], table="connections", row=1)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(60), bytes(32)])
def test_what_is_no_seal_is_damaged(sealed: bytes) -> None:
    with pytest.raises(SetupError, match="connections 1 is damaged"):
        Vault([NEW]).open(sealed, table="connections", row=1)


def test_rotation() -> None:
    sealed = Vault([OLD]).seal(CANARY, table="connections", row=1)
    both = Vault([NEW, OLD])
    assert both.open(sealed, table="connections", row=1) == CANARY
    fresh = both.reseal(sealed, table="connections", row=1)
    assert fresh is not None
    assert both.reseal(fresh, table="connections", row=1) is None
    assert Vault([NEW]).open(fresh, table="connections", row=1) == CANARY
    with pytest.raises(SetupError):
        both.reseal(sealed, table="connections", row=2)


def test_a_key_that_does_not_fit_is_named_and_what_to_do() -> None:
    sealed = Vault([OLD]).seal(CANARY, table="connections", row=1)
    with pytest.raises(SetupError) as caught:
        Vault([NEW]).open(sealed, table="connections", row=1)
    said = str(caught.value)
    assert OLD.ident.hex() in said
    assert NEW.ident.hex() in said
    assert "append that key to ENTREPOT_SECRET_KEY after a comma" in said
    for key in (OLD, NEW):
        assert key.secret.hex() not in said
        assert repr(key.secret) not in repr(Vault([key])) + repr(key)


def test_the_setting_wins_over_the_file(tmp_path: Path) -> None:
    assert Vault.load(tmp_path, NEW.secret.hex()).key_id == NEW.ident.hex()
    assert not (tmp_path / "secret.key").exists()
    made = Vault.load(tmp_path, None)
    assert Vault.load(tmp_path, " ").key_id == made.key_id
