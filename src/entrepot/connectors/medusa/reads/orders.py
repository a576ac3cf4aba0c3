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

So an incremental read has three steps: orders by ``updated_at``, payment collections newest first, and parcels.
Medusa never deletes an order, so nothing is looked for that is gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.clock import earlier, shop_time
from entrepot.connectors.medusa.reads.listing import by_keyset, listed, one
from entrepot.connectors.medusa.reads.moves import Moves
from entrepot.kit.spec import Marks, Page, Shop, Start
from entrepot.kit.urls import path_of

ORDERS_A_PAGE = 50
AGAIN_AT_ONCE = 20
"""Orders that are read again in one request, by their ids."""


async def orders(shop: Shop, start: Start) -> AsyncIterator[Page]:
    """Full: every order once. Incremental: those that moved since the last read began, each at least once."""
    if start.mode == "full" or "since" not in start.since:
        async for page in _every(shop, start.bookmark or {}):
            yield page
        return
    async for page in _moved(shop, start):
        yield page


async def order(shop: Shop, ident: str) -> bytes:
    """An order (or draft) by id; the same shape as in the list."""
    return await one(shop, path_of("admin", "orders", ident), "order", fields.ORDER)


async def _every(shop: Shop, bookmark: Marks) -> AsyncIterator[Page]:
    after: str | None = bookmark.get("after", "")
    began = bookmark.get("began", "")
    announced: int | None = None
    while after is not None:
        batch = await by_keyset(shop, "/admin/orders", {"fields": fields.ORDER}, ORDERS_A_PAGE, after)
        began = began or shop_time(batch.answer)
        announced = batch.count if not after else announced
        after = batch.onward["after"] if batch.onward else None
        yield Page(
            rows=batch.rows, bookmark=None if after is None else {"after": after, "began": began},
            watermark={"since": began, "round": began, "round_before": began, "customer": ""}, announced=announced,
        )


async def _moved(shop: Shop, start: Start) -> AsyncIterator[Page]:
    bookmark = start.bookmark or {}
    step = bookmark.get("step", "orders")
    moves = Moves(shop, start.since, bookmark)
    seen: set[str] = set()
    if step == "orders":
        async for page in _by_time(shop, start.since, bookmark, moves, seen):
            yield page
    finders = {"payments": moves.payments, "parcels": moves.parcels}
    for name in ("payments", "parcels") if step in ("orders", "payments") else ("parcels",):
        async for found in finders[name](bookmark if step == name else {}):
            # What this run has read already was read after the run began; what moved since is the next run's.
            again = [ident for ident in found.ids if ident not in seen]
            seen.update(again)
            async for page in _again(shop, again, found.here, found.onward, found.watermark):
                yield page


async def _by_time(
    shop: Shop, since: Marks, bookmark: Marks, moves: Moves, seen: set[str],
) -> AsyncIterator[Page]:
    """Orders that say themselves that they moved."""
    asked = {"fields": fields.ORDER, "updated_at[$gte]": earlier(since["since"])}
    after: str | None = bookmark.get("after", "")
    while after is not None:
        batch = await by_keyset(shop, "/admin/orders", asked, ORDERS_A_PAGE, after)
        moves.began = moves.began or shop_time(batch.answer)
        seen.update(batch.ids)
        after = batch.onward["after"] if batch.onward else None
        here = {"step": "orders", "after": after} if after is not None else {"step": "payments"}
        yield Page(rows=batch.rows, bookmark={**here, "began": moves.began}, watermark={"since": moves.began})


async def _again(
    shop: Shop, idents: Sequence[str], here: Marks, onward: Marks | None, watermark: Marks,
) -> AsyncIterator[Page]:
    """Orders read again by id; an interrupted run comes back to ``here`` until the last of them is stored."""
    for begin in range(0, len(idents), AGAIN_AT_ONCE):
        chosen = idents[begin:begin + AGAIN_AT_ONCE]
        rows, _, _ = await listed(shop, "/admin/orders", {
            "fields": fields.ORDER, "order": "id", "limit": len(chosen), "id[]": chosen,
        })
        last = begin + AGAIN_AT_ONCE >= len(idents)
        yield Page(rows=rows, bookmark=onward if last else here, watermark=watermark if last else {})
    if not idents:
        yield Page(rows=(), bookmark=onward, watermark=watermark)


