"""The job table: order, lanes, leases, fences."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from entrepot.clock import now_ms
from entrepot.errors import LostLease
from entrepot.store import jobs
from entrepot.store.jobs import Held, NewJob
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Store

LEASE = 60_000


def add(store: Store, **given: object) -> int:
    with store.write(SYSTEM) as session:
        return jobs.add(session, NewJob(**{"kind": "k", "payload": "{}", **given}))  # type: ignore[arg-type]


def claim(store: Store, owner: str = "a", lease: int = LEASE) -> Held | None:
    with store.write(SYSTEM) as session:
        return jobs.claim(session, owner, lease)


def test_most_urgent_first(store: Store) -> None:
    late, urgent, first = add(store, priority=50), add(store, priority=10), add(store, priority=20)
    add(store, run_at=now_ms() + 60_000, priority=1)
    assert [getattr(claim(store), "id", None) for _ in range(4)] == [urgent, first, late, None]


def test_a_lane_runs_one_job_at_a_time(store: Store) -> None:
    first, second, other = add(store, lane="x"), add(store, lane="x"), add(store, lane="y")
    held = claim(store)
    assert held is not None
    assert held.id == first
    beside = claim(store)
    assert beside is not None
    assert beside.id == other
    assert claim(store) is None
    with store.write(SYSTEM) as session:
        jobs.finish(session, held)
    following = claim(store)
    assert following is not None
    assert following.id == second


def test_a_silent_worker_is_taken_over_and_its_fence_shuts(store: Store) -> None:
    ident = add(store)
    dead = claim(store, "dead", lease=1)
    assert dead is not None
    time.sleep(0.01)
    with store.write(SYSTEM) as session:
        assert jobs.reap(session) == [ident]
    alive = claim(store, "alive")
    assert alive is not None
    assert (alive.id, alive.attempts, alive.fence) == (ident, 1, dead.fence + 1)
    for settle in (jobs.finish, lambda session, job: jobs.checkpoint(session, job, "{}"), jobs.assert_held):
        with pytest.raises(LostLease), store.write(SYSTEM) as session:
            settle(session, dead)
    with store.write(SYSTEM) as session:
        jobs.finish(session, alive)


def test_progress_clears_the_attempts(store: Store) -> None:
    add(store)
    held = claim(store)
    assert held is not None
    with store.write(SYSTEM) as session:
        jobs.postpone(session, held, now_ms(), None, counts=True)
    held = claim(store)
    assert held is not None
    assert held.attempts == 1
    with store.write(SYSTEM) as session:
        jobs.checkpoint(session, held, '{"page": 1}')
        jobs.postpone(session, held, now_ms(), None, counts=True)
    held = claim(store)
    assert held is not None
    assert (held.attempts, held.checkpoint) == (1, '{"page": 1}')


def test_a_canceled_job_writes_nothing_more(store: Store) -> None:
    ident = add(store)
    held = claim(store)
    assert held is not None
    with store.write(SYSTEM) as session:
        assert jobs.cancel(session, ident)
        assert not jobs.cancel(session, ident)
    with pytest.raises(LostLease), store.write(SYSTEM) as session:
        jobs.checkpoint(session, held, "{}")
    assert claim(store) is None


def test_a_rolled_back_transaction_leaves_no_job(store: Store) -> None:
    class Oops(Exception):
        pass

    def add_then_fail() -> None:
        with store.write(SYSTEM) as session:
            jobs.add(session, NewJob("k", "{}"))
            raise Oops

    with pytest.raises(Oops):
        add_then_fail()
    assert claim(store) is None


def test_two_workers_never_hold_the_same_job_or_lane(store: Store) -> None:
    for number in range(60):
        add(store, lane=f"lane-{number % 5}")
    done: list[int] = []
    running: Counter[str] = Counter()
    doubles: list[str] = []
    lock = threading.Lock()

    def work(owner: str) -> None:
        idle = 0
        while idle < 40:
            try:
                held = claim(store, owner)
            except (IntegrityError, OperationalError):
                continue
            if held is None:
                idle += 1
                time.sleep(0.005)
                continue
            idle = 0
            lane = held.lane or ""
            with lock:
                running[lane] += 1
                if running[lane] > 1:
                    doubles.append(lane)
            time.sleep(0.001)
            with lock:
                running[lane] -= 1
            with store.write(SYSTEM) as session:
                jobs.finish(session, held)
            done.append(held.id)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == sorted(set(done))
    assert len(done) == 60
    assert doubles == []
