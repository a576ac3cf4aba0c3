"""A list of 100 orders over HTTP against a server that only sends the bytes, and one that only runs the query."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.budgets import Measured
from benchmarks.installation import ORDERS, Installation, fetched, free_port, running, wait_for
from benchmarks.load import Load, load
from benchmarks.places import DIALECTS, database, folder
from benchmarks.timing import middle_ratio

LIMIT = 100
SHOP = 1000




def measure(*, full: bool) -> list[Measured]:
    """Both databases, each against both bare servers."""
    rounds, seconds = (9, 2.0) if full else (3, 1.0)
    return [one for dialect in DIALECTS for one in _measure(dialect, rounds, seconds)]


def _measure(dialect: str, rounds: int, seconds: float) -> list[Measured]:
    with ExitStack() as stack:
        home = stack.enter_context(folder())
        made = Installation(home, stack.enter_context(database(dialect)))
        company = made.company(SHOP)
        target = f"{ORDERS}?company_id={company}&limit={LIMIT}"
        ours = stack.enter_context(made.served())
        body = fetched(ours, target)
        (home / "ready.json").write_bytes(body)
        ready = stack.enter_context(_bare(home, "--ready", str(home / "ready.json")))
        same = stack.enter_context(_bare(home, "--database", made.database, "--company", str(company),
                                         "--limit", str(LIMIT)))
        got = fetched(same, target)
        assert abs(len(got) - len(body)) < 200, f"{len(got)} bytes are not the same page as {len(body)}"
        taken = [tuple(load(port, target, seconds) for port in (ours, ready, same)) for _ in range(rounds)]
    return [_against(f"lists.ready.{dialect}", [(mine, other) for mine, other, _ in taken]),
            _against(f"lists.bare.{dialect}", [(mine, other) for mine, _, other in taken])]


def _against(key: str, pairs: list[tuple[Load, Load]]) -> Measured:
    mine, other = (max(one.rate for one in side) for side in zip(*pairs, strict=True))
    kilobytes = pairs[0][0].bytes_each / 1000
    return Measured(key, middle_ratio([(a.rate, b.rate) for a, b in pairs]),
                    f"{mine:,.0f}/s of {other:,.0f}/s, {kilobytes:,.0f} kB each")


@contextmanager
def _bare(home: Path, *what: str) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare", "--port", str(port), *what]
    with running(command, home / "bare.log", dict(os.environ)) as child:
        wait_for(port, child)
        yield port
