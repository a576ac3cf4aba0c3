"""One endpoint's deliveries for as long as this process holds it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from entrepot.clock import now_ms
from entrepot.engine.context import Engine
from entrepot.engine.hook_health import judge
from entrepot.engine.hook_try import GONE, Addressee, one_try
from entrepot.errors import LostLease
from entrepot.store import delivering, webhook_secrets
from entrepot.store.delivering import Due, Held, Tried
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint

log = structlog.get_logger()

IN_FLIGHT = 16
STRUGGLING = 2
"""In flight at an endpoint that took nothing lately: enough to see that it is back, too few to hold up anything."""
GROUP = 100
GROUP_S = 0.05
AHEAD = 128
"""Deliveries fetched before their turn, at an endpoint that is quick."""
GRACE_S = 3.0
"""For what is in flight when the process is asked to stop."""
LOOK_S = 1.0
"""Between looks for more while something slow is in flight."""


@dataclass(frozen=True)
class Turn:
    """What one commit found: what goes next, and to whom; ``ours`` is False when the endpoint was given back."""

    ours: bool
    addressee: Addressee | None
    per_second: int | None
    due: Sequence[Due]


class DeliveryRun:
    """Delivers to one endpoint until there is nothing left that is due, it is turned off, or the lease is lost."""

    def __init__(self, engine: Engine, held: Held) -> None:
        self._engine = engine
        self._held = held
        self._lease_s = float(engine.settings.lease_seconds)
        self._until = time.monotonic() + self._lease_s
        self._queue: deque[Due] = deque()
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._tried: list[Tried] = []
        self._gone = False
        self._looked = 0.0
        self._news = asyncio.Event()
        self._addressee: Addressee | None = None
        self._sealed: tuple[object, ...] = ()
        self._per_second: int | None = None
        self._next_send = 0.0
        self._failed_in_a_row = 0
        self._ahead = IN_FLIGHT
        self._grace: float | None = None
        """Until when what is in flight may end; set once the process was asked to stop."""

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver; returns when the endpoint is free for anybody."""
        try:
            while await self._turn():
                await self._until_there_is_news(stop)
        except LostLease:
            log.warning("webhook.lease_lost", webhook_id=self._held.endpoint_id)
        finally:
            await self._abandon()

    async def _until_there_is_news(self, stop: asyncio.Event) -> None:
        """Until a group of results is complete or old enough, there is room for more, or the lease wants renewal."""
        renew = self._until - self._lease_s * 2 / 3
        oldest: float | None = None
        while True:
            if stop.is_set() and await self._ended():
                return
            self._launch()
            moment = time.monotonic()
            oldest = oldest or (moment if self._tried else None)
            ends = renew if oldest is None else min(renew, oldest + GROUP_S)
            if moment >= ends or len(self._tried) >= GROUP or self._hungry(moment):
                return
            pace = self._next_send if self._queue and len(self._flying) < self._width() else ends
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), max(0.001, min(ends, pace, moment + 0.5) - moment))
            except TimeoutError:
                continue

    def _hungry(self, moment: float) -> bool:
        """Whether it is time to look for more. Before the pace allows the next one the endpoint is not given back
        either: who takes it up again would know nothing of the pace."""
        if self._queue or moment < self._next_send:
            return False
        return not self._flying or (len(self._flying) < self._width() and moment >= self._looked + LOOK_S)

    async def _ended(self) -> bool:
        """Asked to stop: nothing more is sent; True once nothing is in flight, by force when it takes too long."""
        self._queue.clear()
        moment = time.monotonic()
        self._grace = self._grace or moment + GRACE_S
        if self._flying and moment < self._grace:
            return False
        await self._abandon()
        return True

    async def _abandon(self) -> None:
        flying = list(self._flying.values())
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)

    def _width(self) -> int:
        return IN_FLIGHT if self._failed_in_a_row < IN_FLIGHT else STRUGGLING

    def _launch(self) -> None:
        """Send what fits: never without a lease that is good for longer than it takes to notice its end."""
        while self._queue and len(self._flying) < self._width() and self._addressee is not None:
            moment = time.monotonic()
            if moment < self._next_send or moment >= self._until:
                return
            if self._per_second:
                # A little late is made up for, else a busy loop would never reach the rate that was asked for.
                self._next_send = max(self._next_send, moment - 0.02) + 1.0 / self._per_second
            due = self._queue.popleft()
            self._flying[due.id] = asyncio.create_task(self._send(self._addressee, due))

    async def _send(self, to: Addressee, due: Due) -> None:
        try:
            tried, status = await one_try(self._engine, to, due)
        finally:
            self._flying.pop(due.id, None)
        self._tried.append(tried)
        self._gone = self._gone or status == GONE
        self._failed_in_a_row = 0 if tried.success else self._failed_in_a_row + 1
        self._launch()
        self._news.set()

    async def _turn(self) -> bool:
        """One commit: results down, lease on, what goes next; False when the endpoint was given back."""
        tried, self._tried = self._tried, []
        gone, self._gone = self._gone, False
        stopping = self._grace is not None
        wanted = 0 if stopping else max(0, self._ahead - len(self._queue))
        busy = {*self._flying, *(due.id for due in self._queue)}
        work = partial(self._commit, tried=tried, gone=gone, wanted=wanted, busy=busy)
        began = self._looked = time.monotonic()
        try:
            turn = await self._engine.store.writing(SYSTEM, work)
        except LostLease:
            raise
        except Exception as problem:
            # The database is busy or away. What came of the tries is kept for the next commit, as long as the lease is.
            log.warning("webhook.commit_failed", webhook_id=self._held.endpoint_id, error=str(problem))
            self._tried, self._gone = tried + self._tried, gone or self._gone
            if time.monotonic() >= self._until:
                raise LostLease(f"webhook {self._held.endpoint_id} could not be renewed in time") from problem
            await asyncio.sleep(0.2)
            return True
        self._until = began + self._lease_s
        # Twice what one group took keeps all places busy until the next; a slow endpoint has little lying here.
        self._ahead = min(AHEAD, max(IN_FLIGHT, 2 * len(tried)))
        self._addressee, self._per_second = turn.addressee, turn.per_second
        if turn.addressee is None:
            self._queue.clear()
        self._queue.extend(turn.due)
        return turn.ours

    def _commit(self, session: Session, tried: list[Tried], gone: bool, wanted: int, busy: set[int]) -> Turn:
        held = self._held
        endpoint = delivering.renew(session, held, int(self._lease_s * 1000))
        done = delivering.settle(session, held.endpoint_id, tried) if tried else []
        for one in done:
            if not one.success and one.next_at is None:
                log.warning("webhook.dead_letter", webhook_id=held.endpoint_id, delivery=one.id, error=one.error)
        usable = endpoint is not None and endpoint.state == "ENABLED" and judge(
            session, endpoint, done, gone=gone, pause_hours=self._engine.settings.webhook_pause_hours)
        due = delivering.heads(session, held.endpoint_id, wanted, busy) if usable and wanted else []
        if not due and not busy:
            if usable:
                delivering.put_off(session, held.endpoint_id)
            delivering.release(session, held)
            return Turn(False, None, None, [])
        if endpoint is None or not usable:
            return Turn(True, None, None, [])
        return Turn(True, self._opened(session, endpoint), endpoint.per_second, due)

    def _opened(self, session: Session, endpoint: WebhookEndpoint) -> Addressee:
        """The endpoint as it is now; what is sealed is opened again only when it has changed."""
        secrets = webhook_secrets.usable(session, endpoint.id, now_ms())
        sealed = (endpoint.url, endpoint.sealed_headers, *(secret.sealed for secret in secrets))
        if self._addressee is None or sealed != self._sealed:
            self._sealed = sealed
            return Addressee.of(self._engine, endpoint, secrets)
        return self._addressee
