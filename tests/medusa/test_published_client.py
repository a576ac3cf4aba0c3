"""The published npm client on a server whose company has a real Medusa."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.given import connected, given
from tests.client.playing import Verdict, compiled, play
from tests.end_to_end.house import served
from tests.medusa.shops import RealMedusa

pytestmark = pytest.mark.npm
MEDUSA = "MEDUSA"
# Medusa keeps none; the demo shop does.
NO_BALANCES = "ecommerce.balances.list.data is empty, so nothing of it was checked"


@pytest.fixture(scope="module")
def verdict(medusa: RealMedusa, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdict]:
    """The judge's, on that server."""
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
