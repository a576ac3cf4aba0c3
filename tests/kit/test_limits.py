"""So many at once, so many a minute, and a long wait is not waited for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from entrepot.errors import Throttled
from entrepot.kit import limits
from entrepot.kit.limits import Lane, Lanes
from entrepot.kit.testing.clock import FakeClock

pytestmark = pytest.mark.anyio


async def test_no_more_at_once_than_allowed() -> None:
    lane = Lane(FakeClock(), concurrent=2, per_minute=None)
    inside = most = 0

    async def call() -> None:
        nonlocal inside, most
        async with lane.turn() as waited:
            assert waited == 0
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(call() for _ in range(9)))
    assert (most, lane.inside) == (2, 0)


async def test_the_budget_fills_up_again_and_never_over() -> None:
    clock = FakeClock()
    lane = Lane(clock, concurrent=1, per_minute=60)
    clock.move(3600)
    waits = []
    for _ in range(13):
        async with lane.turn() as waited:
            waits.append(waited)
    assert waits == pytest.approx([0.0] * 10 + [1.0] * 3)


async def test_waiters_queue_up_and_the_patient_limit_holds() -> None:
    clock = FakeClock()
    lane = Lane(clock, concurrent=64, per_minute=6)  # one at once, then one every ten seconds
    async with lane.turn():
        pass
    with pytest.raises(Throttled) as caught:
        async with lane.turn():
            pass
    assert caught.value.until == clock.now() + timedelta(seconds=10)
    clock.move(6)
    async with lane.turn() as waited:
        assert waited == pytest.approx(4)


async def test_a_longer_pause_wins() -> None:
    clock = FakeClock()
    lane = Lane(clock, concurrent=1, per_minute=None)
    lane.pause(clock.now() + timedelta(seconds=60))
    lane.pause(clock.now() + timedelta(seconds=30))
    with pytest.raises(Throttled) as caught:
        async with lane.turn():
            pass
    assert caught.value.until == clock.now() + timedelta(seconds=60)
    assert lane.inside == 0


async def test_idle_lanes_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_LANES", 2)
    lanes = Lanes(FakeClock())
    busy = lanes.lane(b"busy", 1, None)
    async with busy.turn():
        first = lanes.lane(b"1", 1, None)
        lanes.lane(b"2", 1, None)
        lanes.lane(b"3", 1, None)
        assert lanes.lane(b"busy", 1, None) is busy
    assert lanes.lane(b"1", 1, None) is not first
