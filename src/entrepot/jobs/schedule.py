"""The schedule: cron lines that make jobs. Each line fires once for all workers, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cronsim import CronSim
from sqlalchemy import insert, select, update

from entrepot.clock import from_ms, now_ms, to_ms
from entrepot.store import jobs
from entrepot.store.core_tables import schedules
from entrepot.store.jobs import NewJob
from entrepot.store.store import Session


@dataclass(frozen=True)
class Entry:
    """A cron line (five fields, UTC) and the kind of job that it makes; the job's lane is the entry's name."""

    name: str
    cron: str
    kind: str
    payload: str = "{}"


def next_run(cron: str, after: datetime) -> int:
    """The first time (ms) after ``after`` that a cron line names."""
    return to_ms(next(CronSim(cron, after)))


def tick(session: Session, entries: tuple[Entry, ...]) -> int:
    """Make the jobs of the entries that are due; answer how many. A missed time fires once, not once per miss."""
    made, now = 0, now_ms()
    for entry in entries:
        row = session.execute(select(schedules).where(schedules.c.name == entry.name)).mappings().first()
        following = next_run(entry.cron, from_ms(now))
        if row is None:
            session.execute(insert(schedules).values(name=entry.name, cron=entry.cron, next_run_at=following))
        elif row["cron"] != entry.cron:
            session.execute(update(schedules).where(schedules.c.name == entry.name)
                            .values(cron=entry.cron, next_run_at=following))
        elif row["next_run_at"] <= now:
            fired = session.execute(
                update(schedules)
                .where(schedules.c.name == entry.name, schedules.c.next_run_at == row["next_run_at"])
                .values(next_run_at=following, last_run_at=now).returning(schedules.c.name)
            ).first()
            if fired is not None and jobs.unfinished_kinds(session, entry.kind) == 0:
                jobs.add(session, NewJob(entry.kind, entry.payload, lane=entry.name, priority=90))
                made += 1
    return made


def pending(session: Session, entries: tuple[Entry, ...]) -> bool:
    """Whether a tick would do anything: a read, so that idle workers take no write lock."""
    rows = {row["name"]: row for row in session.execute(select(schedules)).mappings()}
    now = now_ms()
    return any(
        entry.name not in rows or rows[entry.name]["cron"] != entry.cron or rows[entry.name]["next_run_at"] <= now
        for entry in entries
    )
