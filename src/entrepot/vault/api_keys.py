"""API keys: made at random, shown once, kept as a hash.

A key reads ``ent_live_`` or ``ent_test_`` and 43 letters and digits (256 bits). Such a key cannot be guessed, so a
plain SHA-256 keeps it as well as a slow hash would, and can be looked up through an index.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass, field
from typing import Literal

from entrepot.errors import SetupError

_ALPHABET = string.digits + string.ascii_letters
_LENGTH = 43  # 62 ** 43 is just above 2 ** 256
_SHOWN = 6

SHORTEST = 8
"""Characters of a key that the operator chose; what we make has 52."""


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; ``text`` is told to its owner and then forgotten."""

    text: str = field(repr=False)
    shown: str
    """Its beginning, by which people tell keys apart: ``ent_live_4fR9x2``."""
    digest: bytes = field(repr=False)
    """32 bytes to be stored."""


def make(environment: Literal["live", "test"]) -> NewKey:
    """A new random key."""
    text = f"ent_{environment}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return _described(text)


def adopt(text: str) -> NewKey:
    """A key that the operator chose (ENTREPOT_API_KEY, ``--api-key``); SetupError when it is too easily guessed."""
    if len(text) < SHORTEST or not (text.isascii() and text.isprintable()) or " " in text:
        raise SetupError(
            f"An API key of your own needs at least {SHORTEST} letters, digits or signs without blanks; "
            "make one with: openssl rand -hex 32")
    return _described(text)


def digest(text: str) -> bytes:
    """The hash of a key that came with a request: 32 bytes to look it up by."""
    return hashlib.sha256(b"entrepot api key\0" + text.encode("utf-8", "surrogateescape")).digest()


def matches(text: str, stored: bytes) -> bool:
    """Whether a key is the one that was stored; takes the same time wherever they differ."""
    return hmac.compare_digest(digest(text), stored)


def shown(text: str) -> str:
    """The beginning of a key, at most a third of its random part: ``ent_live_4fR9x2``."""
    kind, _, rest = text.rpartition("_") if text.startswith("ent_") else ("", "", text)
    return (f"{kind}_" if kind else "") + rest[: min(_SHOWN, len(rest) // 3)]


def _described(text: str) -> NewKey:
    return NewKey(text=text, shown=shown(text), digest=digest(text))
