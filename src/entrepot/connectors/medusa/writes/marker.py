"""Looking for our marker among what was made since: how an unknown outcome is settled."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.payload import Metadata
from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.listing import by_anchor
from entrepot.kit.json import decode_answer
from entrepot.kit.spec import Marks, Shop

PAGE = 100


class Marked(msgspec.Struct, kw_only=True):
    """A record with its metadata."""

    id: str
    metadata: Metadata | None = None


async def made_with(shop: Shop, path: str, marker: str, since: str) -> AsyncIterator[str]:
    """Ids of what was made since then and carries the marker (drafts and orders have lists of their own)."""
    bookmark: Marks | None = {}
    while bookmark is not None:
        batch = await by_anchor(shop, path, {"fields": fields.MARKED, "created_at[$gte]": since}, PAGE, bookmark)
        for row in batch.rows:
            one = decode_answer(row, Marked)
            if kept.kept(one.metadata).get(kept.OPERATION) == marker:
                yield one.id
        bookmark = batch.onward


async def first_made_with(shop: Shop, path: str, marker: str, since: str) -> str | None:
    """The first of them, or None."""
    async for ident in made_with(shop, path, marker, since):
        return ident
    return None
