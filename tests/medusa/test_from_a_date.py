"""Nothing that was created before a date is fetched, whole or incrementally, from a real Medusa."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from entrepot.kit.shop import ShopClient
from entrepot.kit.spec import Marks, Mode, Start
from tests.medusa.shops import MEDUSA, RealMedusa, full, with_shop

PATHS = {"orders": "orders", "customers": "customers", "products": "products"}


def created(medusa: RealMedusa, stream: str) -> dict[str, str]:
    """When everything was made, as Medusa says."""
    return {row["id"]: row["created_at"]
            for row in medusa.admin.every(f"/admin/{PATHS[stream]}", PATHS[stream], fields="id,created_at")}


def read(medusa: RealMedusa, stream: str, mode: Mode, since: Marks, begin: str) -> set[str]:
    """The ids that a read from a date on brings."""

    async def work(shop: ShopClient) -> set[str]:
        start = Start(mode, since, sync_from=begin)
        return {msgspec.json.decode(row)["id"]
                async for page in MEDUSA.connector.stream(stream).read(shop, start) for row in page.rows}

    return with_shop(medusa, work)


def middle(known: Mapping[str, str]) -> str:
    return sorted(known.values())[len(known) // 2]


@pytest.mark.parametrize("stream", PATHS)
def test_only_what_was_created_since(medusa: RealMedusa, stream: str) -> None:
    assert MEDUSA.connector.stream(stream).dated
    known = created(medusa, stream)
    begin = middle(known)
    expected = {ident for ident, at in known.items() if at >= begin}
    assert 0 < len(expected) < len(known)
    assert read(medusa, stream, "full", {}, begin) == expected
    assert read(medusa, stream, "full", {}, "2999-01-01T00:00:00.000Z") == set()


def test_an_old_order_that_moves_stays_away(medusa: RealMedusa) -> None:
    marks = full(medusa).watermarks["orders"]
    known = created(medusa, "orders")
    begin = middle(known)
    by_age = sorted(known, key=lambda ident: known[ident])
    old, young = by_age[len(by_age) // 2 - 1], by_age[-1]
    assert known[old] < begin <= known[young]
    for ident in (old, young):
        medusa.admin.post(f"/admin/orders/{ident}", {"metadata": {"note": "moved"}})
        payment = medusa.order(ident, "*payment_collections.payments")["payment_collections"][0]["payments"][0]["id"]  # type: ignore[index]
        medusa.admin.post(f"/admin/payments/{payment}/capture", {"amount": 1})
    found = read(medusa, "orders", "incremental", marks, begin)
    assert young in found
    assert {ident for ident in found if known[ident] < begin} == set()
