"""The worker: what it does about what a handler raises, and how it keeps a lease."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from entrepot.clock import now_ms
from entrepot.jobs import worker as worker_module
from entrepot.jobs.worker import GiveUp, Handler, Later, Worker
from entrepot.store import jobs
from entrepot.store.core_tables import jobs as table
from entrepot.store.jobs import Held, JobError, NewJob
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session, Store


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "BACK_OFF_FIRST_MS", 20)


def row(store: Store, ident: int) -> dict[str, object]:
    with store.read(SYSTEM) as session:
        return dict(session.execute(select(table).where(table.c.id == ident)).mappings().one())


def add(store: Store, **given: object) -> int:
    with store.write(SYSTEM) as session:
        return jobs.add(session, NewJob(**{"kind": "k", "payload": "{}", **given}))  # type: ignore[arg-type]


def worker(store: Store, handler: Handler, **given: object) -> Worker:
    return Worker(store, owner="test", handlers={"k": handler}, idle_s=0.02, **given)  # type: ignore[arg-type]


async def until(store: Store, ident: int, state: str, one: Worker) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(one.run(stop))
    for _ in range(500):
        if row(store, ident)["state"] == state:
            break
        await asyncio.sleep(0.02)
    stop.set()
    await running
    assert row(store, ident)["state"] == state


def test_a_failing_job_is_tried_again_then_given_up_and_told_once(store: Store) -> None:
    runs: list[int] = []
    told: list[str] = []

    async def run(job: Held) -> None:
        runs.append(job.attempts)
        raise RuntimeError("no luck")

    def failed(_: Session, __: Held, error: JobError) -> None:
        told.append(error.message)

    ident = add(store, max_attempts=3)
    asyncio.run(until(store, ident, "failed", worker(store, Handler(run, failed=failed))))
    assert runs == [0, 1, 2]
    assert told == ["RuntimeError: no luck"]


def test_later_releases_the_worker_and_comes_back(store: Store) -> None:
    runs: list[int] = []

    async def run(job: Held) -> None:
        runs.append(job.attempts)
        if len(runs) < 3:
            raise Later(now_ms() + 30)

    ident = add(store, max_attempts=1)
    asyncio.run(until(store, ident, "done", worker(store, Handler(run))))
    assert runs == [0, 0, 0]


def test_give_up_is_final(store: Store) -> None:
    async def run(_: Held) -> None:
        raise GiveUp(JobError("code", "why"))

    ident = add(store)
    asyncio.run(until(store, ident, "failed", worker(store, Handler(run))))
    assert row(store, ident)["error"] == '{"code":"code","message":"why","platform_error":null}'


def test_a_job_longer_than_its_lease_stays_ours(store: Store) -> None:
    runs: list[int] = []

    async def run(job: Held) -> None:
        runs.append(job.fence)
        await asyncio.sleep(1.2)

    async def both(ident: int) -> None:
        stop = asyncio.Event()
        other = worker(store, Handler(run), lease_ms=300)
        beside = asyncio.create_task(other.run(stop))
        await until(store, ident, "done", worker(store, Handler(run), lease_ms=300))
        stop.set()
        await beside

    asyncio.run(both(add(store)))
    assert runs == [1]


def test_a_stopped_worker_hands_its_job_on_at_once(store: Store) -> None:
    started = asyncio.Event()

    async def run(_: Held) -> None:
        started.set()
        await asyncio.sleep(60)

    async def scene() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(worker(store, Handler(run)).run(stop))
        await asyncio.wait_for(started.wait(), 10)
        stop.set()
        await asyncio.wait_for(running, 10)

    ident = add(store)
    asyncio.run(scene())
    left = row(store, ident)
    assert (left["state"], left["attempts"], left["owner"]) == ("ready", 0, None)


def test_a_job_that_kills_its_worker_is_given_up_in_the_end(store: Store) -> None:
    async def run(_: Held) -> None:
        return

    ident = add(store, max_attempts=2)
    for _ in range(3):
        with store.write(SYSTEM) as session:
            assert jobs.claim(session, "dies", -1) is not None
        with store.write(SYSTEM) as session:
            jobs.reap(session)
    asyncio.run(until(store, ident, "failed", worker(store, Handler(run))))
    assert "worker-died" in str(row(store, ident)["error"])
