"""The key ring: read from ENTREPOT_SECRET_KEY, or from a file in the home that is made at first start.

Newest first: the first key seals, all of them open. A key is 32 random bytes, written in base64 (44 characters) or
hex (64).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from entrepot.errors import SetupError

FILE_NAME = "secret.key"
SETTING = "ENTREPOT_SECRET_KEY"
ID_BYTES = 4
_KEY_BYTES = 32
_MAKE_ONE = "make one with: openssl rand -base64 32"


@dataclass(frozen=True)
class Key:
    """One key and the short name that sealed rows carry."""

    secret: bytes = field(repr=False)

    @property
    def ident(self) -> bytes:
        """Four bytes that tell keys apart and say nothing about them."""
        return hashlib.sha256(b"entrepot vault key id\0" + self.secret).digest()[:ID_BYTES]


def read_setting(text: str) -> tuple[Key, ...]:
    """The keys of the setting, several parted by commas or blanks; SetupError that repeats none of them."""
    return _parse(re.split(r"[,\s]+", text.strip(", \t\r\n")), SETTING)


def read_home(home: Path) -> tuple[Key, ...]:
    """The keys of the home's file, which is made when there is none; SetupError when others may read it."""
    path = home / FILE_NAME
    if not path.exists():
        _create(path)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        lines = path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        why = type(error).__name__
        raise SetupError(f"{path} cannot be read ({why}); as its owner type: chmod 600 {path}") from None
    if os.name == "posix" and mode & 0o077:
        raise SetupError(f"{path} can be read by others (mode {mode:o}); type: chmod 600 {path}")
    return _parse(lines, str(path))


def add_to_home(home: Path) -> Key:
    """Put a new key before the file's others; what is sealed from then on needs it. For rotation."""
    old = read_home(home)
    new = Key(secrets.token_bytes(_KEY_BYTES))
    path = home / FILE_NAME
    fresh = _write_beside(path, [new, *old])
    fresh.replace(path)
    return new


def _parse(texts: Sequence[str], source: str) -> tuple[Key, ...]:
    keys = tuple(_key(text, number, source) for number, text in enumerate(texts, 1) if text)
    if not keys:
        raise SetupError(f"{source} holds no key; {_MAKE_ONE}")
    return keys


def _key(text: str, number: int, source: str) -> Key:
    secret = b""
    with suppress(ValueError, binascii.Error):
        if re.fullmatch(r"[0-9a-fA-F]{64}", text):
            secret = bytes.fromhex(text)
        else:
            padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
            secret = base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    if len(secret) != _KEY_BYTES:
        raise SetupError(f"Key {number} of {source} is not 32 bytes in base64 or hex; {_MAKE_ONE}")
    return Key(secret)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _write_beside(path, [Key(secrets.token_bytes(_KEY_BYTES))])
    try:
        # Linking fails when another process was first: its key stands, ours is dropped, nobody reads half a file.
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def _write_beside(path: Path, keys: Sequence[Key]) -> Path:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    text = "".join(base64.b64encode(key.secret).decode() + "\n" for key in keys)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return fresh
