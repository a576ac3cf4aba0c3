"""Medusa's lists, read so that no row is lost while others come, move or go.

All are read in order of id: ids are ULIDs, which never change and grow with time. Customers and orders take
``id[$gt]``, a true keyset. Products and inventory items refuse it (400), so they are read by offset with an anchor:
each page begins at the last row of the page before; when that row is not where it was, rows have been deleted, and
the page is asked for again from further back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from entrepot.errors import Transient
from entrepot.kit.json import decode_answer
from entrepot.kit.spec import Answer, Marks, Shop
from entrepot.kit.urls import Params

T = TypeVar("T")

_LISTS = ("orders", "customers", "products", "inventory_items", "stores", "stock_locations", "payments",
          "draft_orders", "regions", "sales_channels", "shipping_profiles", "product_tags")


class Identified(msgspec.Struct):
    """The one field that every row has."""

    id: str


@dataclass(frozen=True)
class Batch:
    """One page of a list."""

    rows: Sequence[bytes]
    ids: Sequence[str]
    """Of the rows, in order."""
    count: int
    """How many the filter has in all, as Medusa counts."""
    onward: Marks | None
    """Where the next page begins; None after the last."""
    answer: Answer


_SHAPES = {
    name: msgspec.defstruct(f"Listed_{name}", [(name, list[msgspec.Raw]), ("count", int, 0)]) for name in _LISTS
}


async def listed(shop: Shop, path: str, params: Params) -> tuple[list[bytes], int, Answer]:
    """One request for a list: its rows, Medusa's count, and the answer. The key of the rows is the path's last word."""
    key = path.rpartition("/")[2].replace("-", "_")
    answer = await shop.get(path, params)
    body = decode_answer(answer.body, _SHAPES[key])
    raws: list[msgspec.Raw] = getattr(body, key)
    count: int = getattr(body, "count")  # noqa: B009
    return [bytes(raw) for raw in raws], count, answer


async def by_keyset(shop: Shop, path: str, params: Params, limit: int, after: str) -> Batch:
    """The page after an id. ``count`` is of what lies behind it."""
    asked: dict[str, str | int | Sequence[str]] = {**params, "order": "id", "limit": limit}
    if after:
        asked["id[$gt]"] = after
    rows, count, answer = await listed(shop, path, asked)
    ids = ids_of(rows)
    if after and ids and ids[0] <= after:
        raise Transient("Medusa ignores the filter id[$gt]; the read would never end")
    return Batch(rows, ids, count, {"after": ids[-1]} if len(rows) >= limit else None, answer)


async def by_anchor(shop: Shop, path: str, params: Params, limit: int, bookmark: Marks) -> Batch:
    """The page at a bookmark, whose keys are ``after`` (the last id seen) and ``offset`` (where that row was)."""
    after, offset = bookmark.get("after", ""), int(bookmark.get("offset", "0"))
    rows, count, answer = await listed(shop, path, {**params, "order": "id", "limit": limit, "offset": offset})
    ids = ids_of(rows)
    if after and offset and (not ids or ids[0] > after):
        return Batch([], [], count, {"after": after, "offset": str(max(0, offset - limit))}, answer)
    new = [(row, ident) for row, ident in zip(rows, ids, strict=True) if ident > after]
    more = len(rows) >= limit
    onward = {"after": ids[-1], "offset": str(offset + len(rows) - 1)} if more and ids else None
    return Batch([row for row, _ in new], [ident for _, ident in new], count, onward, answer)


async def every(shop: Shop, path: str, params: Params, limit: int = 200) -> AsyncIterator[bytes]:
    """All rows of a short list (regions, sales channels, locations), page by page."""
    bookmark: Marks | None = {}
    while bookmark is not None:
        batch = await by_anchor(shop, path, params, limit, bookmark)
        for row in batch.rows:
            yield row
        bookmark = batch.onward


def ids_of(rows: Sequence[bytes]) -> list[str]:
    """The ids of rows, in order."""
    return [decode_answer(row, Identified).id for row in rows]


def inside(answer: Answer, key: str, kind: type[T]) -> T:
    """The one object of an answer, which lies under its own name: ``{"order": {...}}``."""
    found = decode_answer(answer.body, dict[str, msgspec.Raw]).get(key)
    if found is None:
        raise Transient(f"Medusa's answer has an unexpected shape: it holds no {key}")
    return decode_answer(bytes(found), kind)


async def one(shop: Shop, path: str, key: str, fields: str) -> bytes:
    """One object by its path; Missing when Medusa does not know it."""
    return bytes(inside(await shop.get(path, {"fields": fields}), key, msgspec.Raw))
