"""How often each data model of a connection is synced and what may be done with it, and which are due."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import RowMapping, and_, case, insert, select, update

from entrepot.clock import from_ms, now_ms, to_ms
from entrepot.store.core_tables import connections, sync_configs
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

FREQUENCIES = ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "NEVER")
OPERATIONS = ("READ", "CREATE", "UPDATE", "DELETE")
_STEPS = {"MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1),
          "WEEKLY": timedelta(weeks=1)}
_ACCESS = msgspec.json.Decoder(dict[str, bool])
_SCATTER = 7919
"""A prime that spreads neighbouring ids over a period."""


@dataclass(frozen=True)
class SyncConfig:
    """A noun's rhythm on one connection. ``interval`` multiplies ``frequency``; ``access`` has what was forbidden or
    allowed by word (READ, CREATE, UPDATE, DELETE), and what it leaves out is allowed."""

    noun: str
    enabled: bool
    frequency: str
    interval: int
    sync_from: str | None
    next_run_at: int | None = None
    access: Mapping[str, bool] = field(default_factory=dict)

    def may(self, operation: str) -> bool:
        """Whether READ, CREATE, UPDATE or DELETE is allowed."""
        return self.access.get(operation, True)


def following(frequency: str, interval: int, after: int, planned: int | None = None) -> int | None:
    """The next run (ms) after ``after``; None for NEVER. Months keep their day, cut to the month's length.

    With ``planned``, the time of the run that is due, the rhythm keeps its beat: the next is a whole number of steps
    later, and what was missed meanwhile is not made up for.
    """
    if frequency == "NEVER":
        return None
    start = after if planned is None else min(planned, after)
    if frequency in _STEPS:
        step = _STEPS[frequency] // timedelta(milliseconds=1) * interval
        return start + step * ((after - start) // step + 1)
    months = interval * (12 if frequency == "YEARLY" else 1)
    at, number = to_ms(_add_months(from_ms(start), months)), 1
    while at <= after:
        number += 1
        at = to_ms(_add_months(from_ms(start), months * number))
    return at


def _add_months(at: datetime, months: int) -> datetime:
    index = at.year * 12 + at.month - 1 + months
    year, month = divmod(index, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def set_config(
    session: Session, connection_id: int, noun: str, frequency: str, interval: int, *, enabled: bool = True,
    sync_from: str | None = None, access: Mapping[str, bool] | None = None,
) -> None:
    """Set a noun's rhythm; another one than before begins with its first run one step from now. ``access`` None keeps
    what is allowed."""
    now = now_ms()
    values = _values(frequency, interval, now, enabled=enabled, sync_from=sync_from, access=access)
    mine = (sync_configs.c.connection_id == connection_id, sync_configs.c.noun == noun)
    known = session.execute(select(sync_configs).where(*mine)).mappings().first()
    if known is None:
        session.execute(insert(sync_configs).values(
            connection_id=connection_id, noun=noun,
            next_run_at=following(frequency, interval, now) if enabled else None, **values))
        return
    if (bool(known["enabled"]), known["frequency"], known["interval"]) != (enabled, frequency, interval):
        values["next_run_at"] = following(frequency, interval, now) if enabled else None
    session.execute(update(sync_configs).where(*mine).values(**values))


def set_everywhere(session: Session, config: SyncConfig, integration_types: Sequence[str]) -> int:
    """Set a noun's rhythm on every connection of the scope to these platforms; answers on how many. The first runs lie
    spread over one step, so that not all shops are read at once."""
    now = now_ms()
    next_run = following(config.frequency, config.interval, now) if config.enabled else None
    values = _values(config.frequency, config.interval, now, enabled=config.enabled, sync_from=config.sync_from,
                     access=config.access)
    if next_run is None:
        values["next_run_at"] = None
    else:
        same = and_(sync_configs.c.enabled, sync_configs.c.frequency == config.frequency,
                    sync_configs.c.interval == config.interval)
        scattered = now + sync_configs.c.connection_id * _SCATTER % (next_run - now)
        values["next_run_at"] = case((same, sync_configs.c.next_run_at), else_=scattered)
    some = select(connections.c.id).where(
        scoped(session, connections), connections.c.integration_type.in_(integration_types),
        connections.c.deleted_at.is_(None))
    done = session.execute(
        update(sync_configs).where(sync_configs.c.noun == config.noun, sync_configs.c.connection_id.in_(some))
        .values(**values).returning(sync_configs.c.connection_id))
    return len(done.all())


def _values(
    frequency: str, interval: int, now: int, *, enabled: bool, sync_from: str | None,
    access: Mapping[str, bool] | None,
) -> dict[str, object]:
    values: dict[str, object] = {"enabled": enabled, "frequency": frequency, "interval": interval,
                                 "sync_from": sync_from, "updated_at": now}
    if access is not None:
        values["scope_access"] = access_text(access)
    return values


def of_connection(session: Session, connection_id: int) -> list[SyncConfig]:
    """The rhythms of a connection's nouns."""
    rows = session.execute(
        select(sync_configs).where(sync_configs.c.connection_id == connection_id).order_by(sync_configs.c.noun)
    ).mappings()
    return [_config(row) for row in rows]


def of_noun(session: Session, connection_id: int, noun: str) -> SyncConfig | None:
    """One noun's rhythm on a connection, or None where nobody has set any (all is allowed then)."""
    row = session.execute(select(sync_configs).where(
        sync_configs.c.connection_id == connection_id, sync_configs.c.noun == noun)).mappings().first()
    return None if row is None else _config(row)


def due(session: Session) -> dict[int, list[str]]:
    """Nouns whose time has come, by healthy connection; each is moved on in the same transaction."""
    now, found = now_ms(), dict[int, list[str]]()
    rows = session.execute(
        select(sync_configs).join(connections, connections.c.id == sync_configs.c.connection_id)
        .where(sync_configs.c.next_run_at <= now, sync_configs.c.enabled, connections.c.status == "HEALTHY",
               connections.c.deleted_at.is_(None))
        .order_by(sync_configs.c.connection_id, sync_configs.c.noun)
    ).mappings().all()
    for row in rows:
        found.setdefault(row["connection_id"], []).append(row["noun"])
        session.execute(
            update(sync_configs)
            .where(sync_configs.c.connection_id == row["connection_id"], sync_configs.c.noun == row["noun"])
            .values(next_run_at=following(row["frequency"], row["interval"], now, row["next_run_at"])))
    return found


def access_text(access: Mapping[str, bool]) -> str:
    """As it is kept."""
    return msgspec.json.encode({word: access[word] for word in OPERATIONS if word in access}).decode()


def access_of(text: str | None) -> dict[str, bool]:
    """Back from what is kept."""
    return _ACCESS.decode(text) if text else {}


def _config(row: RowMapping) -> SyncConfig:
    return SyncConfig(row["noun"], bool(row["enabled"]), row["frequency"], row["interval"], row["sync_from"],
                      row["next_run_at"], access_of(row["scope_access"]))
