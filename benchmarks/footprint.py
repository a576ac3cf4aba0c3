"""What an installation that does nothing costs: the time until it answers, and the memory of both processes."""

from __future__ import annotations

import time

import psutil

from benchmarks.budgets import Measured
from benchmarks.installation import Installation, free_port, wait_for
from benchmarks.places import database, folder

SETTLED_S = 4.0
"""After this long the worker, which starts beside the API, has come to rest too."""


def measure(*, full: bool) -> list[Measured]:
    """Start in a new home (which makes the database) and again in the same one; SQLite."""
    starts, memory = [], []
    for _ in range(5 if full else 2):
        with folder() as home, database("sqlite") as url:
            made = Installation(home, url)
            first, _ = _start(made)
            again, used = _start(made)
            starts.append((first, again))
            memory.append(used)
    first, again = (min(side) for side in zip(*starts, strict=True))
    return [
        Measured("footprint.start", max(first, again), f"{first:.1f} s in a new home, {again:.1f} s in a used one"),
        Measured("footprint.memory", min(used for used, _ in memory), memory[0][1]),
    ]


def _start(made: Installation) -> tuple[float, tuple[float, str]]:
    port = free_port()
    began = time.perf_counter()
    with made.process("serve", "--port", str(port)) as child:
        wait_for(port, child, "/healthz")
        took = time.perf_counter() - began
        time.sleep(SETTLED_S)
        family = [psutil.Process(child.pid)]
        family += family[0].children(recursive=True)
        each = [one.memory_full_info().pss / 2**20 for one in family]
        return took, (sum(each), " and ".join(f"{one:.0f}" for one in each) + " MB")
