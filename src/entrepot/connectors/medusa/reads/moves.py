"""Orders that moved: which ones, found for as few bytes as Medusa allows.

Its list of orders sends whole lines, 4 KB an order and more, whatever is asked for. Below the customers, orders come
with the fields that were asked for and nothing else, about 200 bytes each. So the customers are looked through first;
then Medusa is asked how many orders moved (the count alone, 50 bytes), and only when it knows of more than were found
are they listed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec

from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.clock import earlier, shop_time
from entrepot.connectors.medusa.reads.created import created_since, young
from entrepot.connectors.medusa.reads.listing import Identified, by_keyset, listed
from entrepot.kit.json import decode_answer
from entrepot.kit.spec import Marks, Shop

PAYMENTS_A_PAGE = 20
CUSTOMERS_A_PAGE = 50
CUSTOMER_PAGES_A_RUN = 40
"""A run looks at this many pages and the next goes on there: a shop of up to 2,000 customers is looked through by every
run, a larger one in turns. There, only parcels that were moved past their order (see reads/orders.py) wait."""


@dataclass(frozen=True)
class Found:
    """Orders to read again, and where the search stands."""

    ids: Sequence[str]
    here: Marks
    """Finds the same again."""
    onward: Marks | None
    watermark: Marks


class _Paid(Identified):
    created_at: str = ""


class _Collection(msgspec.Struct, kw_only=True):
    updated_at: str
    order: _Paid | None = None


class _Payment(msgspec.Struct, kw_only=True):
    payment_collection: _Collection | None = None


class _Parcel(msgspec.Struct):
    updated_at: str | None = None


class _Order(msgspec.Struct, kw_only=True):
    id: str
    status: str | None = None
    updated_at: str = ""
    created_at: str = ""
    fulfillments: list[_Parcel | None] | None = None

    def shipped_since(self, since: str) -> bool:
        """Whether a parcel of it moved."""
        return any(parcel and (parcel.updated_at or "") >= since for parcel in self.fulfillments or ())


class _Buyer(msgspec.Struct, kw_only=True):
    id: str
    orders: list[_Order | None] | None = None


class Moves:
    """The searches of one incremental run. ``began`` is the shop's time at its first request. With ``sync_from``
    orders that were created before are not found; their dates are asked for then."""

    def __init__(self, shop: Shop, since: Marks, bookmark: Marks, sync_from: str | None = None) -> None:
        self._shop = shop
        self._since = since
        self.since = earlier(since["since"])
        self.sync_from = sync_from
        self.began = bookmark.get("began", "")

    async def buyers(self, bookmark: Marks) -> AsyncIterator[Found]:
        """Orders that moved, or with a parcel that moved since this part of the shop was last looked through.

        The step after it is ``orders``, whose bookmark says how many were found there and whether all were looked at.
        """
        after, pages = bookmark.get("after", self._since.get("customer", "")), int(bookmark.get("pages", "0"))
        begins = self._since.get("customer", "") == ""
        # A round that goes on keeps its marks; one that begins now is measured from the beginning of the one before.
        before = self._since["round" if begins else "round_before"]
        moved = int(bookmark.get("moved", "0"))
        asked = {"fields": fields.MOVES if self.sync_from is None else f"{fields.MOVES},orders.created_at"}
        while True:
            batch = await by_keyset(self._shop, "/admin/customers", asked, CUSTOMERS_A_PAGE, after)
            self.began = self.began or shop_time(batch.answer)
            orders = [one for row in batch.rows for one in decode_answer(row, _Buyer).orders or ()
                      if one is not None and one.status != "draft" and young(one.created_at, self.sync_from)]
            ids = [one.id for one in orders if one.updated_at >= self.since or one.shipped_since(earlier(before))]
            here = {"step": "buyers", "after": after, "pages": str(pages), "moved": str(moved), "began": self.began}
            moved += sum(one.updated_at >= self.since for one in orders)
            pages += 1
            after = "" if batch.onward is None else batch.onward["after"]
            watermark = {"customer": after, "round": self.began if begins else self._since["round"],
                         "round_before": before}
            if after and pages < CUSTOMER_PAGES_A_RUN:
                onward = {**here, "after": after, "pages": str(pages), "moved": str(moved)}
                yield Found(ids, here, onward, watermark)
                continue
            whole = begins and not after
            onward = {"step": "orders", "found": str(moved) if whole else "", "began": self.began}
            yield Found(ids, here, onward, watermark)
            return

    async def all_found(self, found: str) -> bool:
        """Whether Medusa counts as many orders that moved as were found below the customers.

        It counts more when a customer was deleted whose order then moved: such orders lie below nobody.
        """
        if not found:
            return False
        _, count, _ = await listed(self._shop, "/admin/orders",
                                   {"fields": "id", "limit": 0, "updated_at[$gte]": self.since,
                                    **created_since(self.sync_from)})
        return count == int(found)

    async def payments(self, bookmark: Marks) -> AsyncIterator[Found]:
        """Orders whose payment collection moved, newest first, until one that had not.

        Medusa sorts payments by a field of their collection; a capture in part moves nothing else that has a list.
        Rows that move while this reads go to the top: the others shift down and are met twice, never missed. (The
        next page begins one row early, in case one row goes.)
        """
        offset = int(bookmark.get("offset", "0"))
        moves = fields.PAYMENT_MOVES
        if self.sync_from is not None:
            moves += ",payment_collection.order.created_at"
        more = True
        while more:
            rows, _, answer = await listed(self._shop, "/admin/payments", {
                "fields": moves, "order": "-payment_collection.updated_at", "limit": PAYMENTS_A_PAGE,
                "offset": offset,
            })
            self.began = self.began or shop_time(answer)
            collections = [decode_answer(row, _Payment).payment_collection for row in rows]
            moved = [one for one in collections if one is not None and one.updated_at >= self.since]
            ids = dict.fromkeys(one.order.id for one in moved
                                if one.order is not None and young(one.order.created_at, self.sync_from))
            here = {"step": "payments", "offset": str(offset), "began": self.began}
            more = len(rows) == PAYMENTS_A_PAGE and len(moved) == len(rows)
            offset += PAYMENTS_A_PAGE - 1
            yield Found(list(ids), here, {**here, "offset": str(offset)} if more else None, {"since": self.began})
