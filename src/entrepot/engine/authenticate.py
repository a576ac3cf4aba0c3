"""Who is calling: the API key behind a request, looked up by its hash."""

from __future__ import annotations

from entrepot.clock import now_ms
from entrepot.engine.context import Engine
from entrepot.store import keys
from entrepot.store.keys import ApiKey
from entrepot.store.scope import SYSTEM
from entrepot.vault import api_keys


async def authenticate(engine: Engine, key: str) -> ApiKey | None:
    """The usable key with that text, or None, remembered for a moment; the time of its use is noted at most once a
    minute."""
    digest, now, began = api_keys.digest(key), now_ms(), engine.known_keys.round
    found = await engine.store.reading(SYSTEM, lambda session: keys.by_hash(session, digest))
    if found is None or not found.usable(now):
        return None
    engine.known_keys.keep(key, found, began)
    if found.last_used_at is None or now - found.last_used_at > keys.USED_EVERY_MS:
        ident = found.id
        await engine.store.writing(SYSTEM, lambda session: keys.used(session, ident))
    return found
