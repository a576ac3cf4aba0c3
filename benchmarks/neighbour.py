"""How long a company's lists take while another company's shop is read for the first time, against an idle server.

API and worker are the two processes of ``entrepot serve``. The caller asks at a moderate pace, so that what is
measured is waiting and not a full queue.
"""

from __future__ import annotations

import asyncio
import time

from benchmarks.budgets import Measured
from benchmarks.installation import ORDERS, Installation
from benchmarks.load import Load, load
from benchmarks.places import DIALECTS, database, folder
from entrepot.engine.sync import request_sync
from entrepot.store import companies, counters
from entrepot.store.scope import SYSTEM

SHOP = 1000
CONNECTIONS, PAUSE_MS = 2, 10.0
UNDER_WAY_S = 60.0


def measure(*, full: bool) -> list[Measured]:
    """Both databases; a million orders in full, of which as many are read as the measurement takes."""
    orders, seconds = (1_000_000, 60.0) if full else (20_000, 6.0)
    return [_measured(dialect, orders, seconds) for dialect in DIALECTS]


def _measured(dialect: str, orders: int, seconds: float) -> Measured:
    with folder() as home, database(dialect) as url:
        made = Installation(home, url)
        company = made.company(SHOP)
        other = made.company(orders, sync=False)
        target = f"{ORDERS}?company_id={company}&limit=100"
        with made.served("all") as port:
            load(port, target, 2.0)
            idle = _calm(port, target, seconds)
            _begin(made, other)
            before = _stored(made, other)
            busy = _calm(port, target, seconds)
            read = _stored(made, other) - before
    return Measured(f"neighbour.p99.{dialect}", busy.p99_ms / idle.p99_ms,
                    f"{busy.p99_ms:.1f} ms against {idle.p99_ms:.1f} ms, {read / seconds:,.0f} orders/s beside it")


def _calm(port: int, target: str, seconds: float) -> Load:
    return load(port, target, seconds, connections=CONNECTIONS, pause_ms=PAUSE_MS)


def _begin(made: Installation, company: int) -> None:
    """Ask for the other company's sync and wait until its orders come in."""
    with made.opened() as one, one.engine.store.read(SYSTEM) as session:
        found = companies.get(session, company)
        assert found is not None
        asyncio.run(request_sync(one.engine, found.scope, company))
    until = time.monotonic() + UNDER_WAY_S
    while not _stored(made, company):
        assert time.monotonic() < until, "the other company's sync did not begin"
        time.sleep(0.1)


def _stored(made: Installation, company: int) -> int:
    with made.opened() as one, one.engine.store.read(SYSTEM) as session:
        return counters.total(session, "order", company, None, include_deleted=False)
