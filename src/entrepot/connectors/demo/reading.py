"""How the demo shop is read: lists by an opaque cursor, first what lives, then (incrementally) what was deleted.

The shop's ``as_of`` is when a scan began; the next incremental read asks from there, less an overlap for writes that
were being committed at that moment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

import msgspec

from entrepot.connectors.demo.payload import Gone, ListAnswer
from entrepot.kit.json import decode, decode_answer
from entrepot.kit.paging import Cursor
from entrepot.kit.spec import Fetcher, Page, Reader, Shop, Start

PAGE = 250
OVERLAP = timedelta(minutes=2)


def listed(path: str) -> Reader:
    """Reads a list with deletes: ``/orders``."""

    async def read(shop: Shop, start: Start) -> AsyncIterator[Page]:
        mark = dict(start.bookmark or {})
        since = start.since.get("as_of") if start.mode == "incremental" else None
        if mark.get("part", "living") == "living":
            async for page in _living(shop, path, since, start.sync_from, mark):
                mark = dict(page.bookmark or mark)
                yield page
        if since is not None:
            async for page in _deleted(shop, path, since, mark):
                yield page

    return read


async def _living(
    shop: Shop, path: str, since: str | None, sync_from: str | None, mark: Mapping[str, str],
) -> AsyncIterator[Page]:
    cursor: Cursor | None = Cursor.at(mark)
    while cursor is not None:
        asked = {"updated_since": _earlier(since)} if since else {}
        if sync_from is not None:
            asked["created_since"] = sync_from
        found = await _page(shop, path, {**asked, **cursor.marks})
        cursor = cursor.after(found.paging.next)
        onward = {"part": "living", **cursor.marks} if cursor else {"part": "deleted", "as_of": found.as_of}
        yield Page(
            rows=[bytes(row) for row in found.results], announced=found.paging.total,
            bookmark=onward if cursor or since is not None else None, watermark={"as_of": found.as_of},
        )


async def _deleted(shop: Shop, path: str, since: str, mark: Mapping[str, str]) -> AsyncIterator[Page]:
    """Tombstones. The watermark stays that of the living: what was deleted after that is told next time again."""
    cursor: Cursor | None = Cursor.at(mark)
    as_of = mark["as_of"]
    while cursor is not None:
        found = await _page(shop, path, {"deleted_since": _earlier(since), **cursor.marks})
        cursor = cursor.after(found.paging.next)
        yield Page(
            rows=(), gone=[decode(bytes(row), Gone).id for row in found.results], watermark={"as_of": as_of},
            bookmark={"part": "deleted", "as_of": as_of, **cursor.marks} if cursor else None,
        )


async def _page(shop: Shop, path: str, params: Mapping[str, str]) -> ListAnswer:
    answer = await shop.get(path, {"size": PAGE, **params})
    return decode_answer(answer.body, ListAnswer)


def _earlier(text: str) -> str:
    return (datetime.fromisoformat(text) - OVERLAP).isoformat()


def small(path: str) -> Reader:
    """Reads a list that always fits one page."""

    async def read(shop: Shop, start: Start) -> AsyncIterator[Page]:
        answer = await shop.get(path)
        found = decode_answer(answer.body, ListAnswer)
        yield Page(rows=[bytes(row) for row in found.results], bookmark=None, announced=len(found.results))

    return read


async def read_shop(shop: Shop, start: Start) -> AsyncIterator[Page]:
    """The shop itself, one row."""
    answer = await shop.get("/shop")
    decode_answer(answer.body, msgspec.Raw)
    yield Page(rows=[answer.body], bookmark=None, announced=1)


def one(path: str) -> Fetcher:
    """One object by its id: ``/orders`` and ``ord_1``."""

    async def fetch(shop: Shop, ident: str) -> bytes:
        return (await shop.get(f"{path}/{quote(ident, safe='')}")).body

    return fetch
