"""Every method of the published client's ``core`` and ``ecommerce`` works, and answers what its types declare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.given import connected, given
from tests.client.playing import Verdict, compiled, play
from tests.end_to_end.house import SANDBOX, served

pytestmark = [pytest.mark.npm, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdict]:
    """The judge's, on a server with the demo shop."""
    judge = compiled(tmp_path_factory.mktemp("judge") / "demo")
    home: Path = tmp_path_factory.mktemp("client") / "home"
    with served(home, f"sqlite:///{home / 'entrepot.sqlite'}") as house:
        company = connected(house, SANDBOX, {"token": "demo-token", "shop": "judged", "orders": "40"})
        yield play(judge, given(house, company, SANDBOX, {
            "path": "/orders", "params": {"size": 1}, "has": "paging"}))


def test_every_method_is_called(verdict: Verdict) -> None:
    assert verdict.methods == verdict.declared
    assert len(verdict.methods) == 31
    assert verdict.missed == []


def test_the_scenario_goes_through(verdict: Verdict) -> None:
    assert verdict.failed == [], "\n".join(verdict.failed)


def test_every_answer_is_what_the_client_declares(verdict: Verdict) -> None:
    assert verdict.faults == [], "\n".join(verdict.faults)
