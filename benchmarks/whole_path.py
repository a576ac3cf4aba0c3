"""Fetch, map and store in one process, as a worker does it, against mapping the same rows alone.

    python -m benchmarks.whole_path --shop http://127.0.0.1:9000 --orders 3000 --database URL --home DIR

The shop is a server of its own on this machine, so fetching is fetching. The reading process is new, reads the orders
and nothing else, and prints its seconds and its peak memory as JSON.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from pathlib import Path

import msgspec
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
from entrepot.store.family import prepare
from entrepot.store.scope import SYSTEM

LIMIT_S = 900


class Read(msgspec.Struct):
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
    """Read a served shop's orders in a process of its own."""
    with folder() as home:
        command = [sys.executable, "-m", "benchmarks.whole_path", "--shop", shop, "--orders", str(orders),
                   "--database", url, "--home", str(home)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LIMIT_S)
    if done.returncode:
        raise RuntimeError(f"the reading process failed: {done.stderr[-2000:]}")
    return msgspec.json.decode(done.stdout, type=Read)


def _mapping(count: int) -> float:
    """Seconds per order of mapping, encoding and hashing alone."""
    pages, stream = demo_rows.pages(count), demo_rows.orders()

    def work() -> None:
        for page in pages:
            prepare(map_page(stream, page, {}).families)

    return seconds(work) / sum(len(page.rows) for page in pages)


def main() -> None:
    """Read the shop's orders once; the job's own times say how long it took, from claim to the last commit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", required=True)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--home", type=Path, required=True)
    asked = parser.parse_args()
    made = Installation(asked.home, asked.database, pointing_at(asked.shop))
    made.company(asked.orders, models=[noun("order").data_model])
    with made.opened() as one, one.engine.store.read(SYSTEM) as session:
        began, ended = session.execute(
            select(func.min(jobs.c.started_at), func.max(jobs.c.ended_at)).where(jobs.c.kind == "sync")).one()
        stored = session.hot("SELECT COUNT(*) FROM ecommerce_orders")[0][0]
    assert stored == asked.orders, f"{stored} of {asked.orders} orders were stored"
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(msgspec.json.encode(Read(stored, (ended - began) / 1000, peak_mb)).decode())


if __name__ == "__main__":
    main()
