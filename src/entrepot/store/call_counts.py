"""How many calls each connection's platform has answered in this minute, this hour and this day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from entrepot.clock import now_ms
from entrepot.store.core_tables import jobs
from entrepot.store.edge_tables import call_counts
from entrepot.store.store import Session

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
_WINDOWS = {"minute": MINUTE_MS, "hour": HOUR_MS, "day": DAY_MS}

# A clock that was set back adds to the window that is counted, rather than begin an older one.
_ADD = (
    "INSERT INTO call_counts (connection_id, minute_at, minute, hour_at, hour, day_at, day) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection_id) DO UPDATE SET "
    + ", ".join(
        f"{name} = CASE WHEN call_counts.{name}_at >= excluded.{name}_at THEN call_counts.{name} ELSE 0 END "
        f"+ excluded.{name}, {name}_at = CASE WHEN call_counts.{name}_at >= excluded.{name}_at "
        f"THEN call_counts.{name}_at ELSE excluded.{name}_at END" for name in _WINDOWS)
)


@dataclass(frozen=True)
class CallCounts:
    """The calls of the windows that a moment lies in, and when each began (ms). ``concurrent`` are the jobs that talk
    to the platform at that moment."""

    minute: int
    hour: int
    day: int
    minute_at: int
    hour_at: int
    day_at: int
    concurrent: int = 0


def add(session: Session, connection_id: int, calls: int) -> None:
    """Count calls to a connection's platform, in the transaction of what they brought. The last lock of it."""
    if calls <= 0:
        return
    now = now_ms()
    windows = [value for size in _WINDOWS.values() for value in (now - now % size, calls)]
    # The row has no environment: whoever counts has looked the connection up in its scope.
    session.unscoped(_ADD, (connection_id, *windows))


def of_connections(session: Session, idents: Sequence[int]) -> dict[int, CallCounts]:
    """What was called of late, of every connection that is named."""
    now = now_ms()
    begins = {name: now - now % size for name, size in _WINDOWS.items()}
    rows = session.execute(select(call_counts).where(call_counts.c.connection_id.in_(idents))).mappings()
    known = {row["connection_id"]: row for row in rows}
    busy = _busy(session, idents)
    found: dict[int, CallCounts] = {}
    for ident in idents:
        row = known.get(ident)
        counts = {name: row[name] if row is not None and row[f"{name}_at"] >= begins[name] else 0 for name in _WINDOWS}
        found[ident] = CallCounts(**counts, **{f"{name}_at": begins[name] for name in _WINDOWS},
                                  concurrent=busy.get(ident, 0))
    return found


def _busy(session: Session, idents: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(jobs.c.connection_id, func.count().label("number"))
        .where(jobs.c.state == "running", jobs.c.connection_id.in_(idents)).group_by(jobs.c.connection_id)).mappings()
    return {row["connection_id"]: row["number"] for row in rows}
