"""What was promised, row by row of the table in docs/performance.md; the benchmarks fill in what was measured."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

FAR = 2.0
"""A shared machine is noisy: only what misses its budget by this factor fails a run. What has not reached its budget
names the number that fails instead: half of what it has reached."""


@dataclass(frozen=True)
class Budget:
    """One promise. ``limit`` is the least, or with ``at_most`` the most, that may be measured, in ``unit``."""

    key: str
    """``<benchmark>.<what>``"""
    what: str
    limit: float
    than: str
    at_most: bool = False
    digits: int = 2
    fails: float | None = None
    """What fails a run, where that is not the budget missed by :data:`FAR`."""

    @property
    def promise(self) -> str:
        """As people read it: ``at least 0.22 of a bare server``."""
        return f"{'at most' if self.at_most else 'at least'} {self.limit:g} {self.than}"

    def kept(self, value: float) -> bool:
        """Whether the measured value is within the budget."""
        return value <= self.limit if self.at_most else value >= self.limit

    def far_off(self, value: float) -> bool:
        """Whether it misses the budget so far that noise is no excuse."""
        if self.at_most:
            return value > (self.limit * FAR if self.fails is None else self.fails)
        return value < (self.limit / FAR if self.fails is None else self.fails)


class Measured(msgspec.Struct):
    """What came of one budget: the number, and both sides in words. ``value`` is None where it was left out."""

    key: str
    value: float | None
    detail: str


LISTS = "list of 100 orders, authenticated, over HTTP"
READY, BARE = "of a bare server sending the same bytes ready-made", "of a bare ASGI app doing the same query"
MAPPED, LOADS = "mapping with encoding and hashes", "times `orjson.loads` of the same bytes"

BUDGETS: tuple[Budget, ...] = (
    Budget("lists.ready.sqlite", f"{LISTS}, SQLite", 0.22, READY, fails=0.07),
    Budget("lists.ready.postgresql", f"{LISTS}, PostgreSQL", 0.22, READY, fails=0.05),
    Budget("lists.bare.sqlite", "the same, SQLite", 0.60, BARE, fails=0.18),
    Budget("lists.bare.postgresql", "the same, PostgreSQL", 0.60, BARE),
    Budget("first_load.postgresql", "first load into PostgreSQL", 0.75, "of raw COPY into the same indexed tables",
           fails=0.13),
    Budget("first_load.sqlite", "first load into SQLite", 0.60, "of one-transaction inserts without an index",
           fails=0.15),
    Budget("first_load.again.postgresql", "re-sync of unchanged records, PostgreSQL", 5, "times the first load"),
    Budget("first_load.again.sqlite", "re-sync of unchanged records, SQLite", 5, "times the first load"),
    Budget("mapping.demo", f"{MAPPED}, demo shop", 1.5, LOADS, fails=0.15),
    Budget("mapping.medusa", f"{MAPPED}, Medusa", 1.5, LOADS, fails=0.07),
    Budget("whole_path.mapping", "fetch, map and store in one process", 0.5, "of mapping alone", fails=0.08),
    Budget("whole_path.memory", "peak memory of that process", 100, "MB", at_most=True, digits=0, fails=340),
    Budget("readers.dlt", "the same from a local HTTP server", 10, "times dlt's best", digits=1),
    Budget("readers.airbyte", "the same", 4, "times airbyte-cdk's reading alone", digits=1),
    Budget("queues.dbos", "durable jobs on the same PostgreSQL", 20, "times DBOS", digits=1),
    Budget("queues.procrastinate", "the same", 10, "times procrastinate", digits=1),
    Budget("neighbour.p99.sqlite", "a company's p99 while another one's shop is read, SQLite", 2, "times idle",
           at_most=True, fails=8),
    Budget("neighbour.p99.postgresql", "the same, PostgreSQL", 2, "times idle", at_most=True, fails=8),
    Budget("footprint.start", "start of `entrepot serve` to its first answer", 2, "s", at_most=True, fails=8),
    Budget("footprint.memory", "idle memory of API and worker together (PSS)", 220, "MB", at_most=True, digits=0),
)
BENCHMARKS = tuple(dict.fromkeys(budget.key.partition(".")[0] for budget in BUDGETS))
ONLY_IN_FULL = ("readers", "queues")
"""They need packages of their own, fetched into .bench/."""


def budget(key: str) -> Budget:
    """The budget with that key; KeyError when there is none."""
    for one in BUDGETS:
        if one.key == key:
            return one
    raise KeyError(key)
