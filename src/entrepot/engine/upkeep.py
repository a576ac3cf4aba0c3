"""What runs by the clock: making the syncs that are due, and letting go of what need not be kept."""

from __future__ import annotations

import asyncio

import structlog

from entrepot.clock import now_ms
from entrepot.engine import sync
from entrepot.engine.context import Engine
from entrepot.jobs import schedule
from entrepot.jobs.schedule import Entry
from entrepot.jobs.worker import Handler
from entrepot.store import retention
from entrepot.store.jobs import Held
from entrepot.store.scope import SYSTEM

log = structlog.get_logger()

EVERY_MINUTE = "sync-due"
"""Also the sign that a worker lives."""
ENTRIES = (
    Entry(EVERY_MINUTE, "* * * * *", "sync-due"),
    Entry("retention", "17 3 * * *", "retention"),
)
TICK_S = 5.0
DAY_MS = 86_400_000
HOUR_MS = 3_600_000


def handlers(engine: Engine) -> dict[str, Handler]:
    """The handlers of the scheduled kinds."""

    async def due(_: Held) -> None:
        await sync.schedule_due(engine)

    async def retain(_: Held) -> None:
        await let_go(engine)

    return {"sync-due": Handler(due), "retention": Handler(retain)}


async def tick(engine: Engine, stop: asyncio.Event) -> None:
    """Look at the schedule every few seconds until ``stop``; several workers may, each entry fires once."""
    while not stop.is_set():
        if await engine.store.reading(SYSTEM, lambda session: schedule.pending(session, ENTRIES)):
            await engine.store.writing(SYSTEM, lambda session: schedule.tick(session, ENTRIES))
        try:
            await asyncio.wait_for(stop.wait(), TICK_S)
        except TimeoutError:
            continue


async def let_go(engine: Engine) -> None:
    """Delete what is older than the retention settings, in small transactions, so that nobody waits for it."""
    settings, now = engine.settings, now_ms()
    keys_before = now - settings.idempotency_hours * HOUR_MS
    limits = retention.Limits(
        raw_before=now - settings.retention_raw_days * DAY_MS,
        changes_before=now - settings.retention_changes_days * DAY_MS,
        # A key leads to its write for as long as it is kept.
        log_before=min(now - settings.retention_log_days * DAY_MS, keys_before),
        keys_before=keys_before,
        deliveries_before=now - settings.retention_delivery_days * DAY_MS,
    )
    removed = 0
    while gone := await engine.store.writing(SYSTEM, lambda session: retention.let_go(session, limits)):
        removed += gone
    log.info("retention.done", rows=removed)
