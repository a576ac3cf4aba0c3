"""How often each data model of a connection is synced, and which are due."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from entrepot.clock import from_ms, now_ms, to_ms
from entrepot.store.core_tables import connections, sync_configs
from entrepot.store.store import Session

FREQUENCIES = ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "NEVER")
_STEPS = {"MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1),
          "WEEKLY": timedelta(weeks=1)}


@dataclass(frozen=True)
class SyncConfig:
    """A noun's rhythm on one connection. ``interval`` multiplies ``frequency``."""

    noun: str
    enabled: bool
    frequency: str
    interval: int
    sync_from: str | None
    next_run_at: int | None


def following(frequency: str, interval: int, after: int) -> int | None:
    """The next run (ms) after ``after``; None for NEVER. Months keep their day, cut to the month's length."""
    if frequency == "NEVER":
        return None
    at = from_ms(after)
    if frequency in _STEPS:
        return to_ms(at + _STEPS[frequency] * interval)
    return to_ms(_add_months(at, interval * (12 if frequency == "YEARLY" else 1)))


def _add_months(at: datetime, months: int) -> datetime:
    index = at.year * 12 + at.month - 1 + months
    year, month = divmod(index, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def set_config(
    session: Session, connection_id: int, noun: str, frequency: str, interval: int, *, enabled: bool = True,
    sync_from: str | None = None,
) -> None:
    """Set a noun's rhythm; the next run is one step from now."""
    now = now_ms()
    values = {"enabled": enabled, "frequency": frequency, "interval": interval, "sync_from": sync_from,
              "next_run_at": following(frequency, interval, now) if enabled else None, "updated_at": now}
    known = session.execute(
        update(sync_configs).where(sync_configs.c.connection_id == connection_id, sync_configs.c.noun == noun)
        .values(**values).returning(sync_configs.c.noun)
    ).first()
    if known is None:
        session.execute(insert(sync_configs).values(connection_id=connection_id, noun=noun, **values))


def of_connection(session: Session, connection_id: int) -> list[SyncConfig]:
    """The rhythms of a connection's nouns."""
    rows = session.execute(
        select(sync_configs).where(sync_configs.c.connection_id == connection_id).order_by(sync_configs.c.noun)
    ).mappings()
    return [SyncConfig(row["noun"], bool(row["enabled"]), row["frequency"], row["interval"], row["sync_from"],
                       row["next_run_at"]) for row in rows]


def due(session: Session) -> dict[int, list[str]]:
    """Nouns whose time has come, by healthy connection; each is moved on in the same transaction."""
    now, found = now_ms(), dict[int, list[str]]()
    rows = session.execute(
        select(sync_configs).join(connections, connections.c.id == sync_configs.c.connection_id)
        .where(sync_configs.c.next_run_at <= now, sync_configs.c.enabled, connections.c.status == "HEALTHY",
               connections.c.deleted_at.is_(None))
    ).mappings().all()
    for row in rows:
        found.setdefault(row["connection_id"], []).append(row["noun"])
        session.execute(
            update(sync_configs)
            .where(sync_configs.c.connection_id == row["connection_id"], sync_configs.c.noun == row["noun"])
            .values(next_run_at=following(row["frequency"], row["interval"], now)))
    return found
