"""Durable jobs that do nothing, put into the table beforehand and run to the last, as many side by side on each side.

Ours are claimed, leased, fenced and finished by the same worker that runs syncs. All on the same PostgreSQL server,
each in a database of its own.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

from benchmarks import venvs
from benchmarks.budgets import Measured
from benchmarks.places import database
from entrepot.api.renderer import RENDERERS
from entrepot.jobs.worker import Handler, Worker
from entrepot.store import jobs
from entrepot.store.jobs import Held, NewJob
from entrepot.store.migrate import migrate
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session, Store

KIND = "nothing"
SLOTS = 64
RIVALS = ("dbos", "procrastinate")


def measure(*, full: bool) -> list[Measured]:
    """Jobs per second of each, the best of a few runs."""
    count, rounds = (5000, 3) if full else (1000, 1)
    ours = max(_ours(count) for _ in range(rounds))
    found = []
    for name in RIVALS:
        try:
            theirs = max(_theirs(name, count // 5) for _ in range(rounds))
        except venvs.NotThere as problem:
            found.append(Measured(f"queues.{name}", None, f"left out: {problem}"))
            continue
        found.append(Measured(f"queues.{name}", ours / theirs,
                              f"{ours:,.0f} against {theirs:,.0f} jobs/s ({venvs.version(name)})"))
    return found


def _theirs(name: str, count: int) -> float:
    with database("postgresql") as url:
        ran = venvs.run(name, url, str(count), str(SLOTS))
        return ran["jobs"] / ran["seconds"]


def _ours(count: int) -> float:
    with database("postgresql") as url:
        migrate(url)
        store = Store.open(url, RENDERERS)
        try:
            return count / asyncio.run(_run(store, count))
        finally:
            store.close()


async def _run(store: Store, count: int) -> float:
    await store.writing(SYSTEM, partial(_add, count=count))
    worker = Worker(store, "bench", {KIND: Handler(_nothing)}, slots=SLOTS)
    stop = asyncio.Event()
    began = time.perf_counter()
    running = asyncio.create_task(worker.run(stop))
    while await store.reading(SYSTEM, partial(jobs.unfinished_kinds, kind=KIND)):  # noqa: ASYNC110  # nobody tells but the table
        await asyncio.sleep(0.02)
    seconds = time.perf_counter() - began
    stop.set()
    await running
    return seconds


def _add(session: Session, count: int) -> None:
    for _ in range(count):
        jobs.add(session, NewJob(KIND, "{}"))


async def _nothing(job: Held) -> None:
    """The work."""
