"""Several jobs claimed and finished in one commit: lanes, fences, and a stop in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from entrepot.clock import now_ms
from entrepot.jobs.worker import Handler, Worker
from entrepot.store import jobs
from entrepot.store.core_tables import jobs as table
from entrepot.store.jobs import Held, NewJob
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session, Store

LEASE = 60_000


def add(store: Store, count: int = 1, **given: object) -> list[int]:
    with store.write(SYSTEM) as session:
        return [jobs.add(session, NewJob(**{"kind": "k", "payload": "{}", **given}))  # type: ignore[arg-type]
                for _ in range(count)]


def claim(store: Store, most: int) -> list[Held]:
    with store.write(SYSTEM) as session:
        return jobs.claim_some(session, "a", LEASE, most)


def states(store: Store) -> Counter[str]:
    with store.read(SYSTEM) as session:
        return Counter(session.execute(select(table.c.state)).scalars())


def test_as_many_as_asked_for_the_most_urgent_first(store: Store) -> None:
    late, urgent, between = add(store, priority=50), add(store, priority=10), add(store, priority=20)
    add(store, run_at=now_ms() + 60_000, priority=1)
    assert [job.id for job in claim(store, 2)] == [*urgent, *between]
    assert [job.id for job in claim(store, 9)] == late
    assert claim(store, 9) == []


def test_one_of_a_lane_at_most(store: Store) -> None:
    first, _, free, other = add(store, lane="x"), add(store, lane="x"), add(store, 2), add(store, lane="y")
    assert {job.id for job in claim(store, 9)} == {*first, *free, *other}
    assert claim(store, 9) == []


def test_only_what_is_still_ours_is_finished(store: Store) -> None:
    add(store, 3)
    held = claim(store, 3)
    held[1] = replace(held[1], fence=held[1].fence + 1)
    with store.write(SYSTEM) as session:
        assert jobs.finish_some(session, held) == {held[1].id}
        assert jobs.finish_some(session, []) == set()
    assert states(store) == {"done": 2, "running": 1}


@pytest.mark.parametrize("slots", [1, 3, 50])
def test_every_job_runs_once_and_no_more_than_the_slots_at_a_time(store: Store, slots: int) -> None:
    added = add(store, 20) + add(store, 3, lane="x")
    ran: Counter[int] = Counter()
    beside = most = 0

    async def run(job: Held) -> None:
        nonlocal beside, most
        beside += 1
        most = max(most, beside)
        await asyncio.sleep(0)
        ran[job.id] += 1
        beside -= 1

    worker = Worker(store, "a", {"k": Handler(run)}, slots=slots, idle_s=0.02)
    asyncio.run(worker.drain())
    assert ran == Counter(added)
    assert most <= slots
    assert states(store) == {"done": len(added)}
    assert not worker.held


def test_what_ended_is_written_down_when_the_worker_stops(store: Store) -> None:
    add(store)
    stop = asyncio.Event()

    async def run(job: Held) -> None:
        stop.set()

    asyncio.run(Worker(store, "a", {"k": Handler(run)}).run(stop))
    assert states(store) == {"done": 1}


def test_a_busy_database_is_asked_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add(store, 2)
    real, failures = jobs.finish_some, [1, 1]

    def busy(session: Session, held: list[Held]) -> set[int]:
        if held and failures:
            failures.pop()
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return real(session, held)

    async def run(job: Held) -> None:
        """Nothing to do."""

    monkeypatch.setattr(jobs, "finish_some", busy)
    asyncio.run(Worker(store, "a", {"k": Handler(run)}, idle_s=0.02).drain())
    assert states(store) == {"done": 2}
