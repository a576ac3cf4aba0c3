"""Orders that moved without saying so: found by what hangs on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec

from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.clock import earlier, shop_time
from entrepot.connectors.medusa.reads.listing import Identified, by_keyset, listed
from entrepot.kit.json import decode_answer
from entrepot.kit.spec import Marks, Shop

PAYMENTS_A_PAGE = 50
CUSTOMERS_A_PAGE = 100
CUSTOMER_PAGES_A_RUN = 20
"""Parcels have no list, so they are looked for below the customers, about 110 bytes an order. A run looks at this many
pages and the next goes on there: a shop of up to 2,000 customers is looked through by every run, a larger one in
turns. Only parcels that were moved past their order (see reads/orders.py) wait for their turn."""


@dataclass(frozen=True)
class Found:
    """Orders to read again, and where the search stands."""

    ids: Sequence[str]
    here: Marks
    """Finds the same again."""
    onward: Marks | None
    watermark: Marks


class _Collection(msgspec.Struct, kw_only=True):
    updated_at: str
    order: Identified | None = None


class _Payment(msgspec.Struct, kw_only=True):
    payment_collection: _Collection | None = None


class _Touched(msgspec.Struct):
    updated_at: str | None = None


class _Parcels(msgspec.Struct, kw_only=True):
    id: str
    fulfillments: list[_Touched | None] | None = None


class _Buyer(msgspec.Struct, kw_only=True):
    id: str
    orders: list[_Parcels | None] | None = None


class Moves:
    """The two searches of one incremental run. ``began`` is the shop's time at its first request."""

    def __init__(self, shop: Shop, since: Marks, bookmark: Marks) -> None:
        self._shop = shop
        self._since = since
        self.began = bookmark.get("began", "")

    async def payments(self, bookmark: Marks) -> AsyncIterator[Found]:
        """Orders whose payment collection moved, newest first, until one that had not.

        Medusa sorts payments by a field of their collection; a capture in part moves nothing else that has a list.
        Rows that move while this reads go to the top: the others shift down and are met twice, never missed. (The
        next page begins one row early, in case one row goes.)
        """
        since = earlier(self._since["since"])
        offset = int(bookmark.get("offset", "0"))
        more = True
        while more:
            rows, _, answer = await listed(self._shop, "/admin/payments", {
                "fields": fields.PAYMENT_MOVES, "order": "-payment_collection.updated_at", "limit": PAYMENTS_A_PAGE,
                "offset": offset,
            })
            self.began = self.began or shop_time(answer)
            collections = [decode_answer(row, _Payment).payment_collection for row in rows]
            moved = [one for one in collections if one is not None and one.updated_at >= since]
            ids = dict.fromkeys(one.order.id for one in moved if one.order is not None)
            here = {"step": "payments", "offset": str(offset), "began": self.began}
            more = len(rows) == PAYMENTS_A_PAGE and len(moved) == len(rows)
            offset += PAYMENTS_A_PAGE - 1
            onward = {**here, "offset": str(offset)} if more else {"step": "parcels", "began": self.began}
            yield Found(list(ids), here, onward, {"since": self.began})

    async def parcels(self, bookmark: Marks) -> AsyncIterator[Found]:
        """Orders with a parcel that moved since this part of the shop was last looked through."""
        after = bookmark.get("after", self._since.get("customer", ""))
        pages = int(bookmark.get("pages", "0"))
        begins = self._since.get("customer", "") == ""
        # A round that goes on keeps its marks; one that begins now is measured from the beginning of the one before.
        before = self._since["round" if begins else "round_before"]
        while True:
            batch = await by_keyset(self._shop, "/admin/customers", {"fields": fields.PARCEL_MOVES}, CUSTOMERS_A_PAGE,
                                    after)
            self.began = self.began or shop_time(batch.answer)
            ids = dict.fromkeys(ident for row in batch.rows for ident in _touched(row, earlier(before)))
            here = {"step": "parcels", "after": after, "pages": str(pages), "began": self.began}
            pages += 1
            ends = batch.onward is None
            after = "" if batch.onward is None else batch.onward["after"]
            watermark = {
                "since": self.began, "customer": after, "round": self.began if begins else self._since["round"],
                "round_before": before,
            }
            if ends or pages >= CUSTOMER_PAGES_A_RUN:
                yield Found(list(ids), here, None, watermark)
                return
            yield Found(list(ids), here, {**here, "after": after, "pages": str(pages)}, watermark)


def _touched(row: bytes, since: str) -> list[str]:
    buyer = decode_answer(row, _Buyer)
    return [
        order.id for order in buyer.orders or () if order is not None
        and any(parcel and (parcel.updated_at or "") >= since for parcel in order.fulfillments or ())
    ]
