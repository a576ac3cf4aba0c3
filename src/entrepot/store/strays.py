"""Strays: rows of a platform that do not fit the model, kept with the reason instead of stopping a sync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from isal import isal_zlib
from sqlalchemy import func, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.core_tables import strays
from entrepot.store.store import Session


@dataclass(frozen=True)
class Stray:
    """A row set aside and why."""

    raw: bytes
    reason: str


def set_aside(
    session: Session, company_id: int, connection_id: int, stream: str, sync: int | None, found: Sequence[Stray],
) -> None:
    """Keep the rows; the same row again only moves its ``last_seen_at``."""
    now = now_ms()
    for stray in found:
        fingerprint = blake2b(stray.raw, digest_size=16).digest()
        known = session.execute(
            update(strays)
            .where(strays.c.connection_id == connection_id, strays.c.stream == stream,
                   strays.c.fingerprint == fingerprint)
            .values(last_seen_at=now, reason=stray.reason, sync=sync).returning(strays.c.id)
        ).first()
        if known is None:
            session.execute(strays.insert().values(
                id=sequence.take(session, 1)[0], company_id=company_id, connection_id=connection_id, stream=stream,
                fingerprint=fingerprint, reason=stray.reason, raw=isal_zlib.compress(stray.raw, 1), sync=sync,
                first_seen_at=now, last_seen_at=now,
            ))


def how_many(session: Session, connection_id: int) -> int:
    """How many rows of a connection lie aside."""
    row = session.execute(
        select(func.count()).select_from(strays).where(strays.c.connection_id == connection_id)).first()
    return int(row[0]) if row else 0
