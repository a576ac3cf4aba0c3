"""Several workers on one PostgreSQL share the work; what a dead one held goes on within its lease."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import select

from entrepot.store.core_tables import jobs
from entrepot.store.scope import SYSTEM
from tests.crash.installation import LEASE_S, Installation, check_books, check_counts, kill

COMPANIES = 4
ORDERS = 1500
GRACE_S = 6
"""Beside the lease: a claim's turn, and a slow machine's start."""

pytestmark = [pytest.mark.crash, pytest.mark.postgres]


def held_by(here: Installation, owner: str) -> dict[int, int]:
    """The syncs' jobs that a worker holds, and the fence of each."""
    with here.opened() as one, one.engine.store.read(SYSTEM) as session:
        rows = session.execute(select(jobs.c.id, jobs.c.fence).where(
            jobs.c.state == "running", jobs.c.owner == owner, jobs.c.kind == "sync")).mappings().all()
    return {row["id"]: row["fence"] for row in rows}


def owners(here: Installation) -> dict[str, int]:
    """Who holds running jobs, and how many jobs each has ever begun."""
    with here.opened() as one, one.engine.store.read(SYSTEM) as session:
        rows = session.execute(select(jobs.c.owner).where(jobs.c.state == "running")).scalars().all()
    found: dict[str, int] = {}
    for owner in rows:
        found[str(owner)] = found.get(str(owner), 0) + 1
    return found


@pytest.mark.timeout(300)
def test_workers_share_and_take_over(tmp_path: Path, postgres_url: str) -> None:
    # One slot each: else the first to start takes all there is.
    here = Installation(tmp_path, postgres_url, slots=1)
    for _ in range(COMPANIES):
        here.connect(ORDERS)
    first, second = here.start("worker"), here.start("worker")
    try:
        # Looked at once: a worker that is between two jobs a moment later is no reason to doubt what was seen.
        shared = wait_until(lambda: found if len(found := owners(here)) == 2 else None, 60)
        dead = next(owner for owner in shared if f":{first.pid}:" in owner)
        kill(first)
        died = time.monotonic()
        left = held_by(here, dead)
        wait_until(lambda: dead not in owners(here), 60)
        assert time.monotonic() - died < LEASE_S + GRACE_S
        here.settle(second, 200)
    finally:
        for process in (first, second):
            if process.poll() is None:
                kill(process)
    with here.opened() as one, one.engine.store.read(SYSTEM) as session:
        check_counts(session)
        fences = {row["id"]: row["fence"] for row in session.execute(select(jobs.c.id, jobs.c.fence)).mappings()}
        # It may have died between two jobs; what it did hold, somebody else took over.
        assert {ident for ident, fence in left.items() if fences[ident] <= fence} == set()
        taken = session.unscoped("SELECT COUNT(*) FROM sync_jobs WHERE retries > 0")[0][0]
        assert (taken > 0) == bool(left)
        rows = session.unscoped(
            "SELECT company_id, live FROM noun_counts WHERE noun = 'order' ORDER BY company_id")
        assert [row[1] for row in rows] == [ORDERS] * COMPANIES


def wait_until(check: object, limit_s: float) -> dict[str, int]:
    """What ``check`` answers once it is true."""
    assert callable(check)
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        if found := check():
            return found if isinstance(found, dict) else {}
        time.sleep(0.02)
    raise AssertionError("it did not come to pass in time")


def test_the_books_are_checked_at_all(tmp_path: Path) -> None:
    """The checks bite: a changed count is found."""
    here = Installation(tmp_path)
    here.connect(0)
    worker = here.start("worker")
    try:
        here.settle(worker)
    finally:
        kill(worker)
    with here.opened() as one:
        with one.engine.store.read(SYSTEM) as session:
            check_books(session)
        with one.engine.store.write(SYSTEM) as session:
            session.unscoped("UPDATE noun_counts SET live = live + 1 WHERE noun = 'product'")
        with one.engine.store.read(SYSTEM) as session, pytest.raises(AssertionError, match="product"):
            check_books(session)
