"""Seals and opens secrets with AES-256-GCM, bound to the row that they belong to.

A sealed value reads: format (1 byte, 1) | key id (4) | nonce (12) | cipher text and tag. Table, row, format and key id
are authenticated with it, so a value that was moved to another row, or cut, does not open.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from entrepot.errors import SetupError
from entrepot.vault.keys import FILE_NAME, ID_BYTES, SETTING, Key, read_home, read_setting

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEAD = len(_FORMAT) + ID_BYTES


class Vault:
    """The key ring at work. Safe to share between threads."""

    def __init__(self, keys: Sequence[Key]) -> None:
        """``keys`` newest first, at least one."""
        self._ciphers = {key.ident: AESGCM(key.secret) for key in keys}
        self._newest = keys[0].ident

    @classmethod
    def load(cls, home: Path, secret_key: str | None) -> Vault:
        """The vault of the setting ENTREPOT_SECRET_KEY, else of the file in the home (made at first start)."""
        return cls(read_setting(secret_key) if secret_key and secret_key.strip() else read_home(home))

    def __repr__(self) -> str:
        return f"Vault(newest key {self.key_id})"

    @property
    def key_id(self) -> str:
        """The newest key's id in hex; may be shown."""
        return self._newest.hex()

    def seal(self, plain: bytes, *, table: str, row: int) -> bytes:
        """Seal for one row, with the newest key."""
        head = _FORMAT + self._newest
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + self._ciphers[self._newest].encrypt(nonce, plain, _bound(head, table, row))

    def open(self, sealed: bytes, *, table: str, row: int) -> bytes:
        """Open what was sealed for that row; SetupError when no key fits or the value is not this row's."""
        head, nonce, text = sealed[:_HEAD], sealed[_HEAD : _HEAD + _NONCE_BYTES], sealed[_HEAD + _NONCE_BYTES :]
        if len(text) < _TAG_BYTES or head[:1] != _FORMAT:
            raise SetupError(f"The secret of {table} {row} is damaged: {_AGAIN}")
        cipher = self._ciphers.get(head[1:])
        if cipher is None:
            raise SetupError(
                f"The secret of {table} {row} was sealed with key {head[1:].hex()}, which is not on the key ring "
                f"({', '.join(ident.hex() for ident in self._ciphers)}): append that key to {SETTING} after a comma, "
                f"or put back the {FILE_NAME} that was in the home")
        try:
            return cipher.decrypt(nonce, text, _bound(head, table, row))
        except InvalidTag:
            broken = f"The secret of {table} {row} was altered, or belongs to another row: {_AGAIN}"
        raise SetupError(broken)

    def reseal(self, sealed: bytes, *, table: str, row: int) -> bytes | None:
        """The same secret sealed with the newest key; None when it already is. For rotation while serving."""
        if hmac.compare_digest(sealed[:_HEAD], _FORMAT + self._newest):
            return None
        return self.seal(self.open(sealed, table=table, row=row), table=table, row=row)


_AGAIN = "restore it from a backup, or connect the shop again"


def _bound(head: bytes, table: str, row: int) -> bytes:
    return b"\0".join((b"entrepot", head, table.encode(), str(row).encode()))
