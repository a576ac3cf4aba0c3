"""Whether this program can do its work: the database, its version, and somebody who does the jobs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from entrepot.clock import now_ms
from entrepot.engine.context import Engine
from entrepot.engine.upkeep import EVERY_MINUTE
from entrepot.store import migrate
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session

LATELY_MS = 180_000
"""A worker makes the syncs that are due once a minute; three minutes without are no accident."""


@dataclass(frozen=True)
class Readiness:
    """``found`` and ``needed`` are versions of the tables; ``worker_seen_at`` is in ms, None for never."""

    found: str | None
    needed: str | None
    worker_seen_at: int | None

    @property
    def current(self) -> bool:
        """Whether the tables are this program's."""
        return self.found == self.needed

    @property
    def worker_lately(self) -> bool:
        """Whether any worker of the installation was seen within the last minutes."""
        return self.worker_seen_at is not None and now_ms() - self.worker_seen_at < LATELY_MS


async def look(engine: Engine) -> Readiness:
    """Ask the database; raises what it raises when it cannot be reached."""
    return await engine.store.reading(SYSTEM, _look)


def _look(session: Session) -> Readiness:
    found = session.unscoped("SELECT version_num FROM alembic_version")
    seen = session.unscoped("SELECT last_run_at FROM schedules WHERE name = ?", (EVERY_MINUTE,))
    return Readiness(str(found[0][0]) if found else None, _needed(), seen[0][0] if seen else None)


@cache
def _needed() -> str | None:
    return migrate.head()
