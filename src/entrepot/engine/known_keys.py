"""The keys that were let in a moment ago: looking one up each time would cost as much as reading a page."""

from __future__ import annotations

from time import monotonic

from entrepot.clock import now_ms
from entrepot.store.keys import ApiKey

KEPT_SECONDS = 3.0
"""So long at most a key that was shut in another process opens this one."""
MOST_KEPT = 10_000


class KnownKeys:
    """Good keys by their text, in this process only."""

    def __init__(self) -> None:
        self.round = 0
        """Rises with every key that is forgotten: what was looked up before may not be kept after."""
        self._kept: dict[str, tuple[float, ApiKey]] = {}

    def get(self, text: str) -> ApiKey | None:
        """The key with that text, if it was let in within the last seconds."""
        kept = self._kept.get(text)
        return kept[1] if kept is not None and kept[0] > monotonic() else None

    def keep(self, text: str, key: ApiKey, began: int) -> None:
        """Remember a key that was looked up in round ``began``, never past its expiry."""
        if began != self.round:
            return
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        left = KEPT_SECONDS if key.expires_at is None else min(KEPT_SECONDS, (key.expires_at - now_ms()) / 1000)
        self._kept[text] = (monotonic() + left, key)

    def forget(self, ident: int) -> None:
        """A key was shut or changed: the next request looks it up."""
        self.round += 1
        self._kept = {text: kept for text, kept in self._kept.items() if kept[1].id != ident}
