"""Where each stream of a connection stands: its watermark and the number of its last full scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import RowMapping, insert, select, update

from entrepot.clock import now_ms
from entrepot.store.core_tables import streams
from entrepot.store.store import Session

_MARKS = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True)
class Cursor:
    """A stream's standing. ``scanned_at``: end of the last complete full scan (ms); None: never read whole.

    ``scanned_from`` (ISO time) is the date from which that scan read; the watermark stands for what was created since,
    and says nothing of what is older. None: for everything.
    """

    watermark: Mapping[str, str] = field(default_factory=dict)
    generation: int = 0
    scanned_at: int | None = None
    read_at: int | None = None
    scanned_from: str | None = None

    def reaches(self, sync_from: str | None) -> bool:
        """Whether an incremental read of what was created since ``sync_from`` misses nothing."""
        return self.scanned_at is not None and reaches(self.scanned_from, sync_from)


def reaches(begin: str | None, sync_from: str | None) -> bool:
    """Whether what begins at ``begin`` holds all that ``sync_from`` asks for; None is the beginning of time."""
    return begin is None or (sync_from is not None and begin <= sync_from)


def get(session: Session, connection_id: int, stream: str) -> Cursor:
    """The stream's standing; an empty one before its first read."""
    row = session.execute(
        select(streams).where(streams.c.connection_id == connection_id, streams.c.stream == stream)
    ).mappings().first()
    if row is None:
        return Cursor()
    return _cursor(row)


def begin_scan(session: Session, connection_id: int, stream: str) -> int:
    """Number a new full scan; answers its generation."""
    _ensure(session, connection_id, stream)
    row = session.execute(
        update(streams).where(streams.c.connection_id == connection_id, streams.c.stream == stream)
        .values(generation=streams.c.generation + 1, updated_at=now_ms()).returning(streams.c.generation)
    ).first()
    return int(row[0]) if row else 1


def complete(
    session: Session, connection_id: int, stream: str, watermark: Mapping[str, str], *, full: bool,
    sync_from: str | None = None,
) -> None:
    """A read of what was created since ``sync_from`` came to its end: move the watermark to what it saw."""
    _ensure(session, connection_id, stream)
    now = now_ms()
    values: dict[str, object] = {
        "watermark": msgspec.json.encode(dict(watermark), order="sorted").decode(), "read_at": now, "updated_at": now,
        "scanned_from": sync_from,
    }
    if full:
        values["scanned_at"] = now
    session.execute(update(streams).where(streams.c.connection_id == connection_id, streams.c.stream == stream)
                    .values(**values))


def of_connection(session: Session, connection_id: int) -> dict[str, Cursor]:
    """Every stream that has been read, by name."""
    rows = session.execute(select(streams).where(streams.c.connection_id == connection_id)).mappings()
    return {row["stream"]: _cursor(row) for row in rows}


def _cursor(row: RowMapping) -> Cursor:
    return Cursor(_MARKS.decode(row["watermark"]), row["generation"], row["scanned_at"], row["read_at"],
                  row["scanned_from"])


def _ensure(session: Session, connection_id: int, stream: str) -> None:
    found = session.execute(
        select(streams.c.stream).where(streams.c.connection_id == connection_id, streams.c.stream == stream)
    ).first()
    if found is None:
        session.execute(insert(streams).values(connection_id=connection_id, stream=stream, watermark="{}",
                                               generation=0, updated_at=now_ms()))
