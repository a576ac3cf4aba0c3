"""The demo shop misbehaves exactly as it was asked to."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from entrepot_simulators.demo import create
from tests.simulators.caller import Caller

BUYER = {"full_name": "A", "client_reference": "ours"}


@pytest.fixture
def shop(tmp_path: Path) -> Caller:
    return Caller(tmp_path, orders=20, articles=10)


def test_throttling_says_how_long(shop: Caller) -> None:
    status, headers, _ = shop.raw("GET", "/orders", headers={"x-shop-fault": "throttle=86400"})
    assert (status, headers["retry-after"]) == (429, "86400")


@pytest.mark.parametrize(("fault", "status"), [("lost", 504), ("lost=500", 500), ("reset", 0), ("cut", 201)])
def test_what_was_lost_was_done(shop: Caller, fault: str, status: int) -> None:
    answered, _, body = shop.raw("POST", "/buyers", None, BUYER, {"x-shop-fault": fault})
    assert answered == status
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(body)
    assert len(shop.rows("/buyers", client_reference="ours")) == 1


def test_an_error_does_nothing(shop: Caller) -> None:
    assert shop.raw("POST", "/buyers", None, BUYER, {"x-shop-fault": "error=500"})[0] == 500
    assert shop.rows("/buyers", client_reference="ours") == []


def test_armed_faults_are_played_as_often_as_asked_by_all_processes(shop: Caller, tmp_path: Path) -> None:
    shop.call("POST", "/control/faults", {"faults": "error=503@GET /v1/orders*2; html@/v1/buyers"})
    other = Caller(tmp_path)
    assert [one.raw("GET", "/orders")[0] for one in (shop, other, shop, other)] == [503, 503, 200, 200]
    assert b"<html>" in shop.raw("GET", "/buyers")[2]
    shop.call("POST", "/control/faults", {"faults": ""})
    assert shop.call("GET", "/buyers")


def test_faults_can_be_a_setting(tmp_path: Path) -> None:
    slow = Caller(tmp_path, orders=5, faults="latency=0.05@GET")
    started = time.perf_counter()
    slow.call("GET", "/shop")
    assert time.perf_counter() - started >= 0.05


@pytest.mark.parametrize("settings", [
    {"faults": "explode"}, {"orders": "-1"}, {"orders": "many"}, {"shop": "../../etc"}, {"seed": "99999999999"},
])
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, settings: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        create(tmp_path, settings)
