"""From deliveries to receivers: every worker process delivers to the endpoints that it holds, each for itself.

An endpoint has a lease, a task and its own few requests in flight; nothing of it is shared, so one that is slow or
dead is so alone. What came of the tries is written down in groups, in the commit that fetches what goes next.
"""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from entrepot.engine.context import Engine
from entrepot.engine.delivery_run import DeliveryRun
from entrepot.store import delivering
from entrepot.store.delivering import Held
from entrepot.store.scope import SYSTEM

log = structlog.get_logger()

IDLE_S = 0.25


async def run(engine: Engine, stop: asyncio.Event, made: asyncio.Event) -> None:
    """Deliver until ``stop``; then what is in flight may end for a moment, and the endpoints are given back. ``made``
    is set when there is something new."""
    running: dict[int, asyncio.Task[None]] = {}
    try:
        while not stop.is_set():
            made.clear()
            try:
                for held in await _claimed(engine, running):
                    running[held.endpoint_id] = asyncio.create_task(_one(engine, held, stop, running))
            except Exception:
                # The database is busy or away; nothing else may end this loop.
                log.exception("webhook.claim_failed")
            try:
                await asyncio.wait_for(made.wait(), IDLE_S)
            except TimeoutError:
                continue
    finally:
        await asyncio.gather(*running.values(), return_exceptions=True)


async def _claimed(engine: Engine, running: dict[int, asyncio.Task[None]]) -> list[Held]:
    """The endpoints that were free and have something to be delivered, now ours."""
    due = [ident for ident in await engine.store.reading(SYSTEM, delivering.due) if ident not in running]
    found = []
    for ident in due:
        claim = partial(delivering.claim, endpoint_id=ident, owner=engine.worker.owner,
                        lease_ms=engine.settings.lease_seconds * 1000)
        if (held := await engine.store.writing(SYSTEM, claim)) is not None:
            found.append(held)
    return found


async def _one(engine: Engine, held: Held, stop: asyncio.Event, running: dict[int, asyncio.Task[None]]) -> None:
    try:
        await DeliveryRun(engine, held).run(stop)
    except Exception:
        # One endpoint's trouble is nobody else's; its lease runs out, and then it is tried again.
        log.exception("webhook.delivering_failed", webhook_id=held.endpoint_id)
    finally:
        running.pop(held.endpoint_id, None)
