"""The published npm client on a server whose company has a real Medusa."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.given import connected, given
from tests.client.playing import Verdict, compiled, play
from tests.end_to_end.house import served
from tests.medusa.shops import RealMedusa

pytestmark = pytest.mark.npm
MEDUSA = "MEDUSA"
# Medusa keeps none; the demo shop does.
NO_BALANCES = "ecommerce.balances.list.data is empty, so nothing of it was checked"


def ship(medusa: RealMedusa, order: str) -> None:
    """Send off everything of an order: the shop was seeded without a parcel."""
    items: Any = medusa.order(order, "*items")["items"]
    reserved = medusa.admin.get("/admin/reservations", line_item_id=items[0]["id"])["reservations"]
    medusa.admin.post(f"/admin/orders/{order}/fulfillments", {
        "items": [{"id": one["id"], "quantity": one["quantity"]} for one in items],
        "location_id": reserved[0]["location_id"]})


@pytest.fixture(scope="module")
def verdict(medusa: RealMedusa, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdict]:
    """The judge's, on that server."""
    ship(medusa, medusa.seeded.orders[-1])
    judge = compiled(tmp_path_factory.mktemp("judge") / "medusa")
    home: Path = tmp_path_factory.mktemp("client") / "home"
    with served(home, f"sqlite:///{home / 'entrepot.sqlite'}", ENTREPOT_ALLOW_PRIVATE_HOSTS="127.0.0.1") as house:
        company = connected(house, MEDUSA, medusa.credentials)
        yield play(judge, given(house, company, MEDUSA, {
            "path": "/admin/customers", "params": {"limit": 1}, "has": "customers"}, ["balances"]))


def test_every_method_is_called_and_goes_through(verdict: Verdict) -> None:
    assert verdict.missed == []
    assert verdict.failed == [], "\n".join(verdict.failed)


def test_every_answer_is_what_the_client_declares(verdict: Verdict) -> None:
    assert verdict.faults == [NO_BALANCES], "\n".join(verdict.faults)
