"""What monitoring asks of the database: how much waits, runs and failed, by questions that an index answers.

What may be very many is counted up to a limit only: whoever is behind by so much need not know by how much exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from entrepot.clock import now_ms
from entrepot.store.store import Session

OVERDUE_MS = 60_000
"""A job that is ready for longer waits for a worker."""
MOST = 100_000
STATUSES = ("HEALTHY", "PENDING", "EXPIRED", "DISCONNECTED")


@dataclass(frozen=True)
class Gauge:
    """One number, or one for each value of a label."""

    name: str
    about: str
    values: tuple[tuple[str, float], ...]
    label: str = ""


@dataclass(frozen=True)
class Gauges:
    """The whole installation at one moment."""

    jobs: dict[str, int]
    oldest_ready_ms: int
    """How long the job has been ready that has waited longest."""
    deliveries: dict[str, int]
    connections: dict[str, int]
    syncs: int
    companies: int

    def told(self) -> Iterator[Gauge]:
        """Each with its name and what it means."""
        yield Gauge("jobs", "Jobs: ready (overdue ones too), overdue (ready for more than a minute), running.",
                    _pairs(self.jobs), "state")
        yield Gauge("jobs_oldest_ready_seconds", "For how long the job that has waited longest has been ready.",
                    (("", self.oldest_ready_ms / 1000),))
        yield Gauge("deliveries", f"Webhook deliveries: pending, and failed for good; counted up to {MOST}.",
                    _pairs(self.deliveries), "state")
        yield Gauge("connections", "Connections of companies to shops.", _pairs(self.connections), "status")
        yield Gauge("syncs_unfinished", "Syncs and writes that wait or run.", (("", self.syncs),))
        yield Gauge("companies", "Companies.", (("", self.companies),))


def read(session: Session) -> Gauges:
    """Ask everything. Needs the system's scope."""
    now = now_ms()
    oldest = session.unscoped("SELECT min(run_at) FROM jobs WHERE state = 'ready' AND run_at <= ?", (now,))[0][0]
    found = session.unscoped("SELECT status, count(*) FROM connections WHERE deleted_at IS NULL GROUP BY status")
    return Gauges(
        jobs={
            "ready": _count(session, "jobs WHERE state = 'ready' AND run_at <= ?", now),
            "overdue": _count(session, "jobs WHERE state = 'ready' AND run_at <= ?", now - OVERDUE_MS),
            "running": _count(session, "jobs WHERE state = 'running'"),
        },
        oldest_ready_ms=0 if oldest is None else max(0, now - int(oldest)),
        deliveries={"pending": _count(session, "deliveries WHERE state = 'PENDING'"),
                    "failed": _count(session, "deliveries WHERE state = 'FAILED'")},
        # A status that nobody has is told as 0: an alert on it must not wait for the first.
        connections=dict.fromkeys(STATUSES, 0) | {str(status): int(number) for status, number in found},
        syncs=_count(session, "syncs WHERE ended_at IS NULL"),
        companies=_count(session, "companies WHERE deleted_at IS NULL"),
    )


def _count(session: Session, rows: str, *params: int) -> int:
    found = session.unscoped(f"SELECT count(*) FROM (SELECT 1 FROM {rows} LIMIT {MOST}) AS found", params)
    return int(found[0][0])


def _pairs(values: dict[str, int]) -> tuple[tuple[str, float], ...]:
    return tuple((name, float(value)) for name, value in values.items())
