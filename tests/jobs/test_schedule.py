"""The schedule fires each entry once, and a missed time once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select, update

from entrepot.clock import from_ms, to_ms
from entrepot.jobs import schedule
from entrepot.jobs.schedule import Entry
from entrepot.store.core_tables import jobs, schedules
from entrepot.store.frequencies import following
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Store

ENTRIES = (Entry("nightly", "17 3 * * *", "retention"),)


def made(store: Store) -> int:
    with store.read(SYSTEM) as session:
        return int(session.execute(select(func.count()).select_from(jobs)).scalar_one())


def test_fires_once_per_time_however_often_it_is_asked(store: Store) -> None:
    with store.write(SYSTEM) as session:
        assert schedule.tick(session, ENTRIES) == 0
        session.execute(update(schedules).values(next_run_at=1))
    with store.read(SYSTEM) as session:
        assert schedule.pending(session, ENTRIES)
    for _ in range(3):
        with store.write(SYSTEM) as session:
            schedule.tick(session, ENTRIES)
    assert made(store) == 1
    with store.read(SYSTEM) as session:
        assert not schedule.pending(session, ENTRIES)


def test_does_not_pile_up_behind_a_job_that_has_not_run(store: Store) -> None:
    for _ in range(3):
        with store.write(SYSTEM) as session:
            schedule.tick(session, ENTRIES)
            session.execute(update(schedules).values(next_run_at=1))
    assert made(store) == 1


def test_a_changed_cron_line_takes_effect(store: Store) -> None:
    with store.write(SYSTEM) as session:
        schedule.tick(session, ENTRIES)
        schedule.tick(session, (Entry("nightly", "0 4 * * *", "retention"),))
        row = session.execute(select(schedules)).mappings().one()
    assert from_ms(row["next_run_at"]).hour == 4


def test_months_keep_their_day_cut_to_the_months_length() -> None:
    at = to_ms(datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert following("MONTHLY", 1, at) == to_ms(datetime(2026, 2, 28, 12, tzinfo=UTC))
    assert following("YEARLY", 2, to_ms(datetime(2024, 2, 29, tzinfo=UTC))) == to_ms(datetime(2026, 2, 28, tzinfo=UTC))
    assert following("WEEKLY", 2, at) == to_ms(datetime(2026, 2, 14, 12, tzinfo=UTC))
    assert following("MINUTELY", 5, at) == at + 300_000
    assert following("NEVER", 1, at) is None
