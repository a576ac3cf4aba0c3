"""Watch a sync until it ends: bars on a terminal, plain lines elsewhere. Reads what every commit writes, no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from entrepot.cli.bars import Bars
from entrepot.cli.console import console
from entrepot.cli.lines import Lines
from entrepot.cli.running import pause
from entrepot.cli.sight import Sight
from entrepot.store import connections, syncs
from entrepot.store.scope import Scope
from entrepot.store.store import Session, Store

LOOK_S = 0.3
UNTAKEN_S = 2.0
"""A sync that no worker has begun after so long will likely stay so: workers look for jobs five times a second. One
that was begun and stands still may have lost its worker when, on top of that, a lease has run out."""


class Display(Protocol):
    """How looks are shown."""

    def show(self, sight: Sight) -> None:
        """The newest look."""

    def close(self) -> None:
        """The last one was shown."""


async def watch(
    store: Store, scope: Scope, sync_id: str, stop: asyncio.Event, *, lease_s: float = 0,
    untaken: Callable[[], None] | None = None,
) -> Sight:
    """Show a sync until it ends or ``stop`` is set; answers the last look. ``untaken`` is called once when it seems
    that no worker has it; leases last ``lease_s``."""
    display: Display = Bars() if console().is_terminal else Lines()
    moved, before = time.monotonic(), None
    try:
        while True:
            sight = await store.reading(scope, lambda session: _look(session, sync_id))
            display.show(sight)
            if sight.ended or stop.is_set():
                return sight
            if sight != before:
                moved, before = time.monotonic(), sight
            patience = UNTAKEN_S + (0 if sight.sync.status == "CREATED" else lease_s)
            if untaken and sight.asleep_until is None and time.monotonic() - moved > patience:
                untaken()
                untaken = None
            await pause(stop, LOOK_S)
    finally:
        display.close()


def _look(session: Session, sync_id: str) -> Sight:
    sync = syncs.get(session, sync_id)
    if sync is None:
        raise LookupError(f"sync {sync_id}")
    connection = connections.get(session, sync.connection_id)
    asleep = connection is not None and connection.sync_status == "SLEEPING"
    return Sight(sync, syncs.jobs_of(session, sync.id), connection.sync_resume_at if connection and asleep else None)
