"""Orders with their parcels and payments: all of them, or those that moved.

What moves an order's ``updated_at`` on Medusa 2.18.0 and what does not, seen in its database:

=============================================  =========================================================
cancel, complete, e-mail, address, metadata,    the order
edits, returns confirmed and received
parcel made, shipped, delivered, canceled       the order
through ``/admin/orders/{id}/fulfillments``
parcel shipped or canceled through              the parcel alone
``/admin/fulfillments/{id}``
capture, whole or in part                       the payment collection (a part does not move the payment)
refund                                          the collection, and the order by a credit line
=============================================  =========================================================

So an incremental read has three steps: below the customers for orders and parcels, the orders' own list where that
was not all, and the payment collections, newest first. Medusa never deletes an order, so nothing is looked for that
is gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.clock import shop_time
from entrepot.connectors.medusa.reads.created import created_since, obeyed
from entrepot.connectors.medusa.reads.listing import by_keyset, listed, one
from entrepot.connectors.medusa.reads.moves import Found, Moves
from entrepot.kit.spec import Marks, Page, Shop, Start
from entrepot.kit.urls import path_of

ORDERS_A_PAGE = 50
CALLS_A_PAGE = 3
ONE_BY_ONE = 24
"""Up to so many orders of one find are read again singly, at 4 KB each; more are read by the list, at 9 KB each but
fifty in one call."""


async def orders(shop: Shop, start: Start) -> AsyncIterator[Page]:
    """Full: every order once. Incremental: those that moved since the last read began, each at least once."""
    whole = start.mode == "full" or "since" not in start.since
    async for page in _every(shop, start) if whole else _moved(shop, start):
        yield page


async def order(shop: Shop, ident: str) -> bytes:
    """An order (or draft) by id."""
    return await one(shop, path_of("admin", "orders", ident), "order", fields.ORDER)


async def _every(shop: Shop, start: Start) -> AsyncIterator[Page]:
    bookmark = start.bookmark or {}
    asked = {"fields": fields.ORDER, **created_since(start.sync_from)}
    after: str | None = bookmark.get("after", "")
    began = bookmark.get("began", "")
    announced: int | None = None
    while after is not None:
        batch = await by_keyset(shop, "/admin/orders", asked, ORDERS_A_PAGE, after)
        began = began or shop_time(batch.answer)
        announced = batch.count if not after else announced
        after = batch.onward["after"] if batch.onward else None
        yield Page(
            rows=obeyed(batch.rows, start.sync_from),
            bookmark=None if after is None else {"after": after, "began": began},
            watermark={"since": began, "round": began, "round_before": began, "customer": ""}, announced=announced,
        )


async def _moved(shop: Shop, start: Start) -> AsyncIterator[Page]:
    """The three steps, from where the bookmark says."""
    bookmark = start.bookmark or {"step": "buyers"}
    step = bookmark.get("step", "buyers")
    moves = Moves(shop, start.since, bookmark, start.sync_from)
    # What this run has read already was read after the run began; what moved since then is the next run's.
    seen: set[str] = set()
    if step == "buyers":
        async for found in moves.buyers(bookmark):
            bookmark = found.onward or {}
            async for page in _again(shop, found, seen):
                yield page
    if step in ("buyers", "orders"):
        async for page in _by_time(shop, moves, bookmark, seen):
            yield page
        bookmark = {}
    async for found in moves.payments(bookmark):
        async for page in _again(shop, found, seen):
            yield page


async def _by_time(shop: Shop, moves: Moves, bookmark: Marks, seen: set[str]) -> AsyncIterator[Page]:
    """Orders by their own word, unless they were all found already."""
    onward = {"step": "payments", "began": moves.began}
    if await moves.all_found(bookmark.get("found", "")):
        yield Page(rows=(), bookmark=onward)
        return
    asked = {"fields": fields.ORDER, "updated_at[$gte]": moves.since, **created_since(moves.sync_from)}
    after: str | None = bookmark.get("after", "")
    while after is not None:
        batch = await by_keyset(shop, "/admin/orders", asked, ORDERS_A_PAGE, after)
        seen.update(batch.ids)
        after = batch.onward["after"] if batch.onward else None
        here = onward if after is None else {"step": "orders", "after": after, "began": moves.began}
        yield Page(rows=obeyed(batch.rows, moves.sync_from), bookmark=here)


async def _again(shop: Shop, found: Found, seen: set[str]) -> AsyncIterator[Page]:
    """Orders read again by id; an interrupted run comes back to the same find until the last of them is stored."""
    ids = [ident for ident in found.ids if ident not in seen]
    seen.update(ids)
    size = CALLS_A_PAGE if len(ids) <= ONE_BY_ONE else ORDERS_A_PAGE
    chunks = [ids[begin:begin + size] for begin in range(0, len(ids), size)] or [[]]
    for chunk in chunks:
        last = chunk is chunks[-1]
        rows = await _chosen(shop, chunk, singly=size == CALLS_A_PAGE)
        yield Page(rows=rows, bookmark=found.onward if last else found.here, watermark=found.watermark if last else {})


async def _chosen(shop: Shop, ids: Sequence[str], *, singly: bool) -> Sequence[bytes]:
    if singly:
        return [await order(shop, ident) for ident in ids]
    rows, _, _ = await listed(shop, "/admin/orders",
                              {"fields": fields.ORDER, "order": "id", "limit": len(ids), "id[]": ids})
    return rows
