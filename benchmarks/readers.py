"""The whole way of an order, from the same local server: ours into SQLite, dlt's into DuckDB, and airbyte-cdk's reading
alone, which stores nothing. Each in a new process of its own, one after the other."""

from __future__ import annotations

from benchmarks import venvs
from benchmarks.budgets import Measured
from benchmarks.installation import TOKEN
from benchmarks.places import database, folder
from benchmarks.shop_server import shop_server
from benchmarks.whole_path import read

RIVALS = ("dlt", "airbyte")


def measure(*, full: bool) -> list[Measured]:
    """The best of a few runs of each."""
    count, rounds = (10_000, 3) if full else (2000, 1)
    found = []
    with folder() as home, shop_server(home, count) as shop:
        ours = 0.0
        for _ in range(rounds):
            with database("sqlite") as url:
                ours = max(ours, read(shop, count, url).rate)
        for name in RIVALS:
            try:
                runs = [venvs.run(name, shop, TOKEN) for _ in range(rounds)]
            except venvs.NotThere as problem:
                found.append(Measured(f"readers.{name}", None, f"left out: {problem}"))
                continue
            assert all(run["orders"] == count for run in runs), runs
            theirs = max(run["orders"] / run["seconds"] for run in runs)
            peak = max(run["peak_mb"] for run in runs)
            found.append(Measured(f"readers.{name}", ours / theirs, f"{ours:,.0f} against {theirs:,.0f} orders/s "
                                  f"({venvs.version(name)}, {peak:,.0f} MB)"))
    return found
