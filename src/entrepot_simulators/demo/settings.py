"""What can be set about the shop, from plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

DEFAULT_TOKEN = "demo-token"  # noqa: S105  (it opens an imaginary shop)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class Settings:
    """``orders``, ``articles``, ``seed`` and ``per_hour`` count only when the shop is first opened in its home; later
    the home decides. ``shop`` names one of several shops in a home. ``faults`` as in :mod:`.faults`."""

    orders: int = 1000
    articles: int = 240
    seed: int = 7
    per_hour: int = 3
    token: str = DEFAULT_TOKEN
    shop: str = "harbour"
    faults: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Settings:
        """From text values; what is missing or empty has its default. ValueError says what is wrong."""
        numbers: dict[str, int] = {}
        for name, most in (("orders", 100_000_000), ("articles", 5000), ("seed", 2**32), ("per_hour", 3600)):
            if text := given.get(name, ""):
                numbers[name] = int(text) if text.isdecimal() else -1
                if not 0 <= numbers[name] <= most:
                    raise ValueError(f"{name} is a whole number from 0 to {most}, got {text!r}")
        if not _NAME.fullmatch(given.get("shop") or cls.shop):
            raise ValueError(f"shop is up to 32 of a-z, 0-9 and -, got {given['shop']!r}")
        texts = {name: given[name] for name in ("token", "shop", "faults") if given.get(name)}
        return msgspec.convert({**numbers, **texts}, cls)

    def file(self, home: Path) -> Path:
        """Where the shop keeps what was changed by hand."""
        return home / f"demo-shop-{self.shop}.sqlite3"
