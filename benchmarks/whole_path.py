"""Fetch, map and store in one process, the one that ``entrepot worker`` is, against mapping the same rows alone.

The shop is a server of its own on this machine, so fetching is fetching. The job's own times say how long it took,
from its claim to its last commit; the system says the peak of the process's memory.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from benchmarks import demo_rows
from benchmarks.budgets import Measured
from benchmarks.installation import Installation
from benchmarks.places import database, folder
from benchmarks.shop_server import pointing_at, shop_server
from benchmarks.timing import seconds
from entrepot.engine.mapping import map_page
from entrepot.model.registry import noun
from entrepot.store.core_tables import jobs
from entrepot.store.jobs import NEVER_FINISHED
from entrepot.store.scope import SYSTEM

LIMIT_S = 900


@dataclass(frozen=True)
class Read:
    """What one reading process did."""

    orders: int
    seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Orders per second."""
        return self.orders / self.seconds


def measure(*, full: bool) -> list[Measured]:
    """The best of a few new processes, each with a new database."""
    count, rounds = (20_000, 3) if full else (2500, 2)
    with folder() as home, shop_server(home, count) as shop:
        reads = []
        for _ in range(rounds):
            with database("sqlite") as url:
                reads.append(read(shop, count, url))
    alone = min(_mapping(min(count, 5000)) for _ in range(5))
    best = max(reads, key=lambda one: one.rate)
    return [
        Measured("whole_path.mapping", best.rate * alone,
                 f"{best.rate:,.0f} of {1 / alone:,.0f} orders/s"),
        Measured("whole_path.memory", max(one.peak_mb for one in reads), f"with {count:,} orders read"),
    ]


def read(shop: str, orders: int, url: str) -> Read:
    """Let a new worker read a served shop's orders, and nothing else."""
    with folder() as home:
        made = Installation(home, url, pointing_at(shop))
        made.company(orders, models=[noun("order").data_model], work=False)
        with made.process("worker") as worker, made.opened() as one:
            until = time.monotonic() + LIMIT_S
            ended = select(func.count()).select_from(jobs).where(jobs.c.state.in_(NEVER_FINISHED))
            while True:
                with one.engine.store.read(SYSTEM) as session:
                    if not session.execute(ended).scalar_one():
                        break
                assert worker.poll() is None, (home / "process.log").read_text(encoding="utf-8")
                assert time.monotonic() < until, "the worker took too long"
                time.sleep(0.1)
            peak_mb = _peak_mb(worker)
            with one.engine.store.read(SYSTEM) as session:
                began, last = session.execute(select(func.min(jobs.c.started_at), func.max(jobs.c.ended_at))).one()
                stored = session.hot("SELECT COUNT(*) FROM ecommerce_orders")[0][0]
    assert stored == orders, f"{stored} of {orders} orders were stored"
    return Read(stored, (last - began) / 1000, peak_mb)


def _peak_mb(process: subprocess.Popen[bytes]) -> float:
    """The most resident memory that the process ever had, shared libraries included."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _mapping(count: int) -> float:
    """Seconds per order of mapping, encoding and hashing alone."""
    pages, stream = demo_rows.pages(count), demo_rows.orders()

    def work() -> None:
        for page in pages:
            map_page(stream, page, {})

    return seconds(work) / sum(len(page.rows) for page in pages)
