"""An installation with one company connected to a demo shop, its processes, and what its database holds."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from entrepot import app, settings
from entrepot.engine.connect import connect
from entrepot.engine.sync import request_sync
from entrepot.model.registry import NOUNS
from entrepot.store import invites, keys
from entrepot.store.all_tables import metadata
from entrepot.store.core_tables import companies, jobs, sync_jobs, syncs
from entrepot.store.record_tables import record_table
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Session

API_KEY = "ent_live_crash_tests_0123456789abcdef0123456789abcdef"
LEASE_S = 1


@dataclass
class Installation:
    """A home, its database, and the company in it."""

    home: Path
    database: str | None = None
    slots: int | None = None
    """Jobs that a worker runs side by side; None: as many as the product does."""

    def settings(self) -> settings.Settings:
        """Its settings: short leases, so that a dead worker's work goes on soon."""
        given: dict[str, object] = {"home": self.home, "lease_seconds": LEASE_S, "log_level": "error",
                                    "api_key": API_KEY, "database_url": self.database, "worker_slots": self.slots}
        return settings.load({}, **given)

    @contextmanager
    def opened(self) -> Iterator[app.App]:
        """The installation in this process."""
        one = app.build(self.settings())
        try:
            yield one
        finally:
            one.close()

    def connect(self, orders: int) -> tuple[int, str]:
        """Connect a new company to the shop and ask for its first sync; answers company and sync_id."""
        with self.opened() as one:
            async def steps() -> tuple[int, str]:
                engine = one.engine
                scope: Scope = await engine.store.writing(SYSTEM, keys.default_scope)
                link = await engine.store.writing(
                    scope, lambda session: invites.create(session, scope, "Crash & Co", [], ["ECOMMERCE"]))
                shop = next(kind for kind, found in engine.installed.items() if found.manifest.http.simulator)
                await connect(engine, scope, link.company_id, shop,
                              {"token": "demo-token", "orders": str(orders)})
                sync_id = await request_sync(engine, scope, link.company_id)
                await engine.kit.close()
                return link.company_id, sync_id

            return asyncio.run(steps())

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A process of the installation in a group of its own."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_")}
        env |= settings.environment(self.settings())
        log = (self.home / "process.log").open("ab")
        return subprocess.Popen([sys.executable, "-m", "entrepot", *command], env=env, stdout=log, stderr=log,
                                start_new_session=True)

    def unfinished(self) -> int:
        """Jobs that wait or run."""
        with self.opened() as one, one.engine.store.read(SYSTEM) as session:
            return int(session.execute(
                select(func.count()).select_from(jobs).where(jobs.c.state.in_(("ready", "running")))).scalar_one())

    def settle(self, worker: subprocess.Popen[bytes], limit_s: float = 120) -> None:
        """Wait until nothing is left to do."""
        until = time.monotonic() + limit_s
        while self.unfinished():
            assert worker.poll() is None, (self.home / "process.log").read_text()
            assert time.monotonic() < until, "jobs are left: " + (self.home / "process.log").read_text()[-4000:]
            time.sleep(0.2)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL the process and all that it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def holdings(session: Session) -> dict[str, dict[str, str]]:
    """Every live record's hash by own id, by noun."""
    found: dict[str, dict[str, str]] = {}
    for noun in NOUNS:
        rows = session.hot(
            f"SELECT platform_unique_id, data_hash FROM {record_table(noun.name).name} WHERE rootfi_deleted_at IS NULL")
        hashes = {str(row[0]): bytes(row[1]).hex() for row in rows}
        assert len(hashes) == len(rows), f"{noun.name}: an own id is there twice"
        found[noun.name] = hashes
    return found


def check_books(session: Session) -> None:
    """The kept counts, the change log and the company's sequence all agree with the rows."""
    numbered = 0
    for noun in NOUNS:
        table = record_table(noun.name).name
        live, deleted = session.hot(
            f"SELECT COUNT(*) FILTER (WHERE rootfi_deleted_at IS NULL), "
            f"COUNT(*) FILTER (WHERE rootfi_deleted_at IS NOT NULL) FROM {table}")[0]
        kept = session.hot("SELECT COALESCE(SUM(live), 0), COALESCE(SUM(deleted), 0) FROM noun_counts WHERE noun = ?",
                           (noun.name,))[0]
        assert (int(kept[0]), int(kept[1])) == (live, deleted), noun.name
        seqs = [row[0] for row in session.hot(f"SELECT seq FROM {table}")]
        assert len(seqs) == len(set(seqs)), f"{noun.name}: a change number was given twice"
        numbered += len(seqs)
    changes = metadata.tables["changes"]
    ranges = metadata.tables["change_ranges"]
    rows = session.execute(select(changes.c.seq)).scalars().all()
    spans = session.execute(select(ranges.c.first_seq, ranges.c.last_seq)).mappings().all()
    covered = sorted([(seq, seq) for seq in rows] + [(span["first_seq"], span["last_seq"]) for span in spans])
    for before, after in pairwise(covered):
        assert after[0] == before[1] + 1, f"the change log has a hole or a double between {before} and {after}"
    last = session.execute(select(companies.c.seq)).scalar_one()  # one company: its log is the whole log
    assert (covered[0][0], covered[-1][1]) == (1, last)
    assert sum(end - start + 1 for start, end in covered) >= numbered


def check_counts(session: Session) -> None:
    """Every read sync ended well, and its jobs counted each row exactly once."""
    for row in session.execute(select(syncs)).mappings():
        if row["config_mode"] == "READ":
            assert row["status"] == "SUCCESS", dict(row)
    for row in session.execute(select(sync_jobs).where(sync_jobs.c.job_type == "PULL")).mappings():
        assert row["fetched"] == row["stored"] + row["set_aside"], dict(row)
        assert row["error"] is None, dict(row)
