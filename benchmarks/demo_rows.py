"""The demo shop's orders, as its connector reads them: pages of raw rows, fetched in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from benchmarks.installation import TOKEN
from benchmarks.places import folder
from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.connection import Access, Kit
from entrepot.kit.installed import Installed, find_installed
from entrepot.kit.spec import Family, Page, Start, Stream


@cache
def demo_shop() -> Installed:
    """The connector that brings its own shop."""
    return next(found for found in find_installed().values() if found.manifest.http.simulator)


def orders() -> Stream:
    """Its stream of orders, with fulfillments, transactions and guests."""
    return demo_shop().connector.stream("orders")


@cache
def pages(count: int) -> Sequence[Page]:
    """So many orders, newest code, same seed: the same bytes every time."""
    with folder() as home:
        return asyncio.run(_read(home, count))


async def _read(home: Path, count: int) -> list[Page]:
    kind = demo_shop().manifest.integration_type
    kit = Kit({kind: demo_shop()}, allow_private=AllowPrivate.parse(""), home=home)
    try:
        shop = kit.shop(Access(kind, {"token": TOKEN}, {"orders": str(count)}))
        return [page async for page in orders().read(shop, Start("full"))]
    finally:
        await kit.close()


def families(count: int) -> Iterator[Sequence[Family]]:
    """The same, mapped anew page by page."""
    for page in pages(count):
        yield [orders().map(row, {}) for row in page.rows]
