"""``entrepot demo`` with a million orders, watched from outside: memory of worker and API, the time that a page of 100
from the middle takes while it runs, how long it takes in all, and how large the database becomes.

    python -m benchmarks.million [--orders 1000000] [--home /tmp/entrepot-million] [--keep]

It needs some 20 GB of disk and, on two cores, some ten minutes; the home is removed afterwards.
"""

from __future__ import annotations

import argparse
import http.client
import shutil
import sqlite3
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median

import psutil

from benchmarks.installation import API_KEY, ORDERS, free_port, running
from entrepot.api.cursor import Cursor, write_cursor

EVERY_S = 2.0
NEEDED_BYTES = 25_000
"""Disk per order, with room to spare."""
LIMIT_S = 4 * 3600


@dataclass
class Watched:
    """What was seen."""

    worker_mb: list[float] = field(default_factory=list)
    api_mb: list[float] = field(default_factory=list)
    page_ms: list[float] = field(default_factory=list)
    marks: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the start, orders stored."""

    def report(self, size: int) -> str:
        """A few lines for people."""
        seconds, orders = self.marks[-1]
        tenths = [self._at(orders * part / 10) for part in range(11)]
        rates = ", ".join(f"{orders / 10 / (b - a):,.0f}" for a, b in pairwise(tenths) if b > a)
        late = sorted(self.page_ms)
        return "\n".join((
            f"{orders:,} orders in {seconds:,.0f} s ({orders / seconds:,.0f}/s; by tenths: {rates})",
            f"worker: {max(self.worker_mb):.0f} MB at most, {median(self.worker_mb):.0f} MB in the middle of the time",
            f"API: {max(self.api_mb):.0f} MB at most",
            (f"a page of 100 from the middle, {len(late)} times while it ran: median {median(late):.1f} ms, "
             f"p99 {late[len(late) * 99 // 100]:.1f} ms, slowest {late[-1]:.1f} ms"),
            f"database: {size / 1e9:.1f} GB, {size / orders / 1000:.1f} kB an order with all that belongs to it",
        ))

    def _at(self, orders: float) -> float:
        return next((at for at, stored in self.marks if stored >= orders), self.marks[-1][0])


def main() -> None:
    """Run the demo, watch it to the end of its first sync, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, default=Path("/tmp/entrepot-million"))  # noqa: S108
    parser.add_argument("--keep", action="store_true", help="leave the home where it is")
    asked = parser.parse_args()
    asked.home.mkdir(parents=True)
    free = shutil.disk_usage(asked.home).free
    if free < asked.orders * NEEDED_BYTES:
        sys.exit(f"{asked.home} has {free / 1e9:.0f} GB free; {asked.orders * NEEDED_BYTES / 1e9:.0f} are needed")
    try:
        print(_watch(asked.home, asked.orders))
    finally:
        if not asked.keep:
            shutil.rmtree(asked.home)


def _watch(home: Path, orders: int) -> str:
    port, log = free_port(), home / "output.log"
    command = [sys.executable, "-m", "entrepot", "demo", "--orders", str(orders), "--home", str(home / "home"),
               "--port", str(port), "--api-key", API_KEY]
    seen, began = Watched(), time.monotonic()
    with running(command, log) as demo:
        while b"\nready " not in log.read_bytes():
            assert demo.poll() is None, log.read_text(encoding="utf-8")[-4000:]
            assert time.monotonic() - began < LIMIT_S, "it took too long"
            time.sleep(EVERY_S)
            _look(psutil.Process(demo.pid), home / "home", port, seen, began)
    files = (home / "home").glob("entrepot.sqlite*")
    return seen.report(sum(file.stat().st_size for file in files))


def _look(api: psutil.Process, home: Path, port: int, seen: Watched, began: float) -> None:
    seen.api_mb.append(api.memory_info().rss / 2**20)
    seen.worker_mb += [child.memory_info().rss / 2**20 for child in api.children(recursive=True)]
    try:
        with sqlite3.connect(f"file:{home}/entrepot.sqlite?mode=ro", uri=True) as database:
            counted = database.execute("SELECT SUM(live) FROM noun_counts WHERE noun = 'order'").fetchone()[0] or 0
            company = database.execute("SELECT MAX(id) FROM companies").fetchone()[0]
            ends = [database.execute(f"SELECT rootfi_id FROM ecommerce_orders WHERE company_id = ? ORDER BY rootfi_id "
                                     f"{way} LIMIT 1", (company,)).fetchone() for way in ("ASC", "DESC")]
    except sqlite3.OperationalError:  # not made yet
        return
    seen.marks.append((time.monotonic() - began, counted))
    if counted:
        seen.page_ms.append(_page_ms(port, company, (ends[0][0] + ends[1][0]) // 2))


def _page_ms(port: int, company: int, middle: int) -> float:
    """Milliseconds from the question to the last byte of the answer, on a connection that is open."""
    cursor = write_cursor(Cursor(middle))
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asked.connect()
    began = time.perf_counter()
    asked.request("GET", f"{ORDERS}?company_id={company}&limit=100&next={cursor}", headers={"api_key": API_KEY})
    answer = asked.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    asked.close()
    assert answer.status == http.client.OK, body[:500]
    return took


if __name__ == "__main__":
    main()
