"""Where keys come from, and who else may read them."""

from __future__ import annotations

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from entrepot.errors import SetupError
from entrepot.vault import Vault
from entrepot.vault.keys import add_to_home, read_home, read_setting

ONE, TWO = bytes(range(32)), bytes(range(200, 232))


def test_keys_are_read_in_every_spelling() -> None:
    spellings = [base64.b64encode(TWO).decode(), base64.b64encode(TWO).decode().rstrip("="),
                 base64.urlsafe_b64encode(TWO).decode(), TWO.hex(), TWO.hex().upper()]
    for text in spellings:
        assert [key.secret for key in read_setting(text)] == [TWO]
    both = f" {ONE.hex()}, {spellings[0]},\n"
    assert [key.secret for key in read_setting(both)] == [ONE, TWO]
    assert len({key.ident for key in read_setting(both)}) == 2


@pytest.mark.parametrize("text", [
    "short-canary", "x" * 44, base64.b64encode(bytes(31)).decode(), ONE.hex()[:-2], "ü" * 43,
])
def test_what_is_no_key_is_refused_unseen(text: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_setting(f"{TWO.hex()},{text}")
    said = str(caught.value)
    assert "Key 2 of ENTREPOT_SECRET_KEY is not 32 bytes" in said
    assert "openssl rand -base64 32" in said
    assert text not in said
    assert TWO.hex() not in said


def test_a_setting_without_keys_is_refused() -> None:
    with pytest.raises(SetupError, match="holds no key"):
        read_setting(" , ")


def test_a_key_is_made_at_first_start_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    before = os.umask(0)
    try:
        [key] = read_home(home)
    finally:
        os.umask(before)
    file = home / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(key.secret) == 32
    assert read_home(home) == (key,)
    assert [path.name for path in home.iterdir()] == ["secret.key"]


def test_two_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: read_home(tmp_path), range(16)))
    assert len(keys) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    read_home(tmp_path)
    file = tmp_path / "secret.key"
    file.chmod(mode)
    with pytest.raises(SetupError, match=f"mode {mode:o}.*type: chmod 600 {file}"):
        Vault.load(tmp_path, None)
    file.chmod(0o600)
    Vault.load(tmp_path, None)


@pytest.mark.parametrize("content", [b"", b"\n", b"nonsense\n", b"\xff\xfe"])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    read_home(tmp_path)
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(SetupError, match=r"secret\.key"):
        read_home(tmp_path)


def test_a_new_key_is_put_before_the_old(tmp_path: Path) -> None:
    sealed = Vault.load(tmp_path, None).seal(b"secret", table="connections", row=1)
    new = add_to_home(tmp_path)
    vault = Vault.load(tmp_path, None)
    assert vault.key_id == new.ident.hex()
    assert vault.open(sealed, table="connections", row=1) == b"secret"
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
