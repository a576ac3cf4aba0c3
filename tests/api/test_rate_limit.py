"""Limits per key: what a burst may take, how it comes back, what is told, and that nothing is kept for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.api import rate_limit
from entrepot.api.rate_limit import RateLimits
from entrepot.api.trace import Trace
from entrepot.errors import ApiError
from entrepot.settings import RateLimit
from entrepot.store import keys
from entrepot.store.keys import ApiKey
from entrepot.store.scope import SYSTEM, Scope
from entrepot.vault import api_keys
from tests.api.house import Answer, House, build

BEGIN = 1_700_000_000.0


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at

    def wall(self) -> float:
        """Seconds since 1970."""
        return BEGIN + self.at


def key(ident: int = 1, per_minute: int | None = None, burst: int | None = None) -> ApiKey:
    return ApiKey(ident, Scope(1, 2), "k", "ent_live_x", frozenset({"read"}), 0, None, None, None, per_minute, burst)


def told(trace: Trace) -> dict[str, int]:
    return {name.decode(): int(value) for name, value in trace.headers}


def take(limits: RateLimits, who: ApiKey) -> tuple[bool, dict[str, int]]:
    """Whether a request is let through, and what is told."""
    trace = Trace("r")
    try:
        limits.take(who, trace)
    except ApiError as error:
        if (error.status, error.code) != (429, "rate-limited"):
            raise
        return False, told(trace)
    return True, told(trace)


def test_a_hundred_a_minute_in_bursts_of_two_hundred() -> None:
    clock = Clock()
    limits = RateLimits(RateLimit.parse("100/200"), clock, clock.wall)
    let_in = [take(limits, key()) for _ in range(200)]
    assert all(passed for passed, _ in let_in)
    assert [said["x-ratelimit-remaining"] for _, said in let_in] == list(range(199, -1, -1))
    assert {said["x-ratelimit-limit"] for _, said in let_in} == {100}
    assert let_in[0][1]["x-ratelimit-reset"] == BEGIN + 1
    assert let_in[-1][1]["x-ratelimit-reset"] == BEGIN + 120
    passed, said = take(limits, key())
    assert not passed
    assert said == {"x-ratelimit-limit": 100, "x-ratelimit-remaining": 0, "x-ratelimit-reset": BEGIN + 120,
                    "retry-after": 1}
    clock.at += said["retry-after"]
    assert take(limits, key())[0]
    assert not take(limits, key())[0]  # one came back, and two thirds of another
    clock.at = 10_000
    assert take(limits, key())[1]["x-ratelimit-remaining"] == 199  # never more than the burst


def test_a_minute_lets_through_what_it_may() -> None:
    clock = Clock()
    limits = RateLimits(RateLimit(60, 5), clock, clock.wall)
    passed = 0
    for _ in range(600):
        passed += take(limits, key())[0]
        clock.at += 0.1
    assert passed == 5 + 60 - 1  # the last of the sixty comes with the end of the minute


def test_being_refused_costs_nothing() -> None:
    clock = Clock()
    limits = RateLimits(RateLimit(1, 1), clock, clock.wall)
    assert take(limits, key())[0]
    for second in range(60):
        clock.at = float(second)
        passed, said = take(limits, key())
        assert (passed, said["retry-after"]) == (False, 60 - second)
    clock.at = 60.0
    assert take(limits, key())[0]


def test_each_key_has_its_own_bucket_and_may_have_its_own_limit() -> None:
    clock = Clock()
    limits = RateLimits(RateLimit(1, 1), clock, clock.wall)
    assert take(limits, key(1))[0]
    assert not take(limits, key(1))[0]
    assert take(limits, key(2))[0]
    own = key(3, per_minute=120)
    assert sum(take(limits, own)[0] for _ in range(200)) == 120
    both = key(4, per_minute=120, burst=7)
    assert sum(take(limits, both)[0] for _ in range(200)) == 7


def test_a_limit_that_is_lowered_holds_at_once() -> None:
    clock = Clock()
    limits = RateLimits(RateLimit(6000, 6000), clock, clock.wall)
    for _ in range(1000):
        take(limits, key(1, per_minute=6000))
    passed, said = take(limits, key(1, per_minute=60, burst=2))
    assert not passed
    clock.at += said["retry-after"]
    assert take(limits, key(1, per_minute=60, burst=2))[0]


def test_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MOST_BUCKETS", 100)
    clock = Clock()
    limits = RateLimits(RateLimit(60, 10), clock, clock.wall)
    limits._look_at = 100
    for ident in range(100):
        take(limits, key(ident))
    clock.at += 1.0  # all of those are full again
    take(limits, key(1000))
    assert len(limits._full_at) == 1
    for ident in range(5000):
        clock.at += 0.01
        take(limits, key(ident))
    assert len(limits._full_at) <= 201


@pytest.fixture
def strict(tmp_path: Path) -> House:
    """A house with a key that may ask three times."""
    house = build(f"sqlite:///{tmp_path / 'entrepot.db'}", tmp_path)
    with house.engine.store.write(SYSTEM) as session:
        keys.create(session, house.scope, "slow", "slow", api_keys.digest("a-slow-key"), ("read",), per_minute=1,
                    burst=3)
    return house


@pytest.mark.anyio
async def test_every_answer_behind_the_door_tells_the_limit(strict: House) -> None:
    async def ask(method: str, path: str, body: object = None) -> Answer:
        return await strict.call(method, path, body, headers={"api_key": "a-slow-key"})

    answers = [await ask("GET", "/v4/ecommerce/orders?limit=1"), await ask("GET", "/v3/core/companies/999999"),
               await ask("POST", "/v3/core/syncs", {}), await ask("GET", "/v4/ecommerce/orders?limit=1")]
    assert [one.status for one in answers] == [200, 404, 403, 429]
    assert [one.headers["x-ratelimit-remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert {one.headers["x-ratelimit-limit"] for one in answers} == {"1"}
    assert all(int(one.headers["x-ratelimit-reset"]) > BEGIN for one in answers)
    assert answers[3].error()["code"] == "rate-limited"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    outside = [await strict.call("GET", "/v3/core/companies", headers={"api_key": "wrong"}),
               await strict.call("GET", "/healthz", headers={})]
    assert not any("x-ratelimit-limit" in one.headers for one in outside)
    assert (await strict.call("GET", "/v3/core/companies")).status == 200  # another key is not held up
    strict.engine.store.close()
