"""The worker: claims jobs, keeps their leases alive, runs their handlers, settles what they raise.

A handler is an ``async`` function of a held job. What it raises is a decision:

* returns: the job is done (the handler itself may have settled it inside its last transaction: ``Settled``);
* :class:`Later`: come back at a time, the worker is released;
* :class:`GiveUp`: failed for good;
* :class:`LostLease`: somebody else has it; nothing is written;
* anything else: tried again with jittered back-off, then given up.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import msgspec
import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from entrepot.clock import now_ms
from entrepot.errors import LostLease
from entrepot.store import jobs
from entrepot.store.jobs import Held, JobError
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session, Store

log = structlog.get_logger()

# A dead worker's jobs are taken over after at most one lease; renewed at a third of it, so two lost beats are survived.
LEASE_MS = 20_000
BACK_OFF_FIRST_MS = 2_000
BACK_OFF_LONGEST_MS = 600_000
SOON_MS = 1_000


class Later(Exception):
    """Not now: postpone to ``run_at`` (ms). ``counts`` makes it an attempt that can run out."""

    def __init__(self, run_at: int, error: JobError | None = None, *, counts: bool = False) -> None:
        super().__init__(error.message if error else "later")
        self.run_at, self.error, self.counts = run_at, error, counts


class GiveUp(Exception):
    """Failed for good, with what to tell."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.message)
        self.error = error


class Settled(Exception):
    """The handler has settled the job inside its own transaction."""


OnFailed = Callable[[Session, Held, JobError], None]
OnPostponed = Callable[[Session, Held, int, JobError | None], None]


@dataclass(frozen=True)
class Handler:
    """How one kind of job is run; ``failed`` and ``postponed`` commit together with the job's new state."""

    run: Callable[[Held], Awaitable[None]]
    failed: OnFailed | None = None
    postponed: OnPostponed | None = None


@dataclass
class Worker:
    """Runs up to ``slots`` jobs side by side in one event loop."""

    store: Store
    owner: str
    handlers: Mapping[str, Handler]
    slots: int = 4
    lease_ms: int = LEASE_MS
    idle_s: float = 0.2
    closing: bool = False
    """Nobody need wait for what this process does any more: another one goes on with it."""
    held: dict[int, tuple[Held, asyncio.Task[None]]] = field(default_factory=dict)
    _beating: asyncio.Task[None] | None = None
    _rounds: bool = False
    """Whether :meth:`run` goes its rounds and writes down what has ended."""
    _ended: list[Held] = field(default_factory=list)
    """Done and still held: the next round says so to the table, all in the commit that claims others."""
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    """A job has ended since the last round."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set, then let running jobs go on where they are at their next claim."""
        beat = asyncio.create_task(self._beat())
        self._rounds = True
        try:
            while not stop.is_set():
                self._moved.clear()
                if not await self._round():
                    await _wait(stop, self._moved, self.idle_s)
        finally:
            self._rounds = False
            beat.cancel()
            await self._turn(0)
            await self._release()

    async def drain(self) -> None:
        """Run what is ready (or will be in a moment) and what comes of it, then return: for one-shot commands."""
        stop = asyncio.Event()
        runner = asyncio.create_task(self.run(stop))
        quiet = 0
        while quiet < 2 and not runner.done():
            await asyncio.sleep(self.idle_s)
            busy = bool(self.held) or await self.store.reading(SYSTEM, partial(jobs.due, within_ms=SOON_MS))
            quiet = 0 if busy else quiet + 1
        stop.set()
        await runner

    async def execute(self, job: Held) -> None:
        """Run one job that is already held (a synchronous write in the API process), keeping its lease alive."""
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beat())
        task = asyncio.create_task(self._run(job))
        self.held[job.id] = (job, task)
        await asyncio.wait([task])

    async def close(self) -> None:
        """Release what ``execute`` holds: it is ready for any worker at once."""
        self.closing = True
        if self._beating is not None:
            self._beating.cancel()
        await self._release()

    async def _round(self) -> bool:
        """Write down what has ended and claim what fits; False when there was nothing to do."""
        free = self.slots - len(self.held) + len(self._ended)
        due = free > 0 and await self.store.reading(SYSTEM, jobs.due)
        return await self._turn(free if due else 0)

    async def _turn(self, free: int) -> bool:
        ended, self._ended = self._ended, []
        if not ended and not free:
            return False
        try:
            lost, taken = await self.store.writing(SYSTEM, partial(self._take, ended=ended, free=free))
        except (IntegrityError, OperationalError):
            # Two workers met on one lane, or the database was busy: the next round decides.
            self._ended = ended + self._ended
            return False
        for ident in lost:
            log.warning("job.lease_lost", job_id=ident)
        for job in ended:
            self.held.pop(job.id, None)
        for job in taken:
            self.held[job.id] = (job, asyncio.create_task(self._run(job)))
        return bool(ended or taken)

    def _take(self, session: Session, ended: list[Held], free: int) -> tuple[set[int], list[Held]]:
        lost = jobs.finish_some(session, ended)
        if not free:
            return lost, []
        for ident in jobs.reap(session):
            log.warning("job.taken_over", job_id=ident)
        return lost, jobs.claim_some(session, self.owner, self.lease_ms, free)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.lease_ms / 3000)
            held = [job for job, _ in self.held.values()]
            if not held:
                continue
            try:
                lost = await self.store.writing(SYSTEM, partial(_renew, held=held, lease_ms=self.lease_ms))
            except OperationalError as problem:
                log.warning("job.renew_failed", error=str(problem.orig))
                continue
            for ident in lost:
                if ident in self.held:
                    log.warning("job.lease_lost", job_id=ident)
                    self.held[ident][1].cancel()

    async def _run(self, job: Held) -> None:
        log_ = log.bind(job_id=job.id, kind=job.kind, company_id=job.company_id, connection_id=job.connection_id)
        written = True
        try:
            outcome = await self._outcome(job, log_)
            if outcome is None and self._rounds:
                self._ended.append(job)
                written = False
            else:
                await self._settle(job, outcome)
        except LostLease:
            log_.warning("job.lease_lost")
        finally:
            if written:
                self.held.pop(job.id, None)
            self._moved.set()

    async def _outcome(self, job: Held, log_: structlog.typing.FilteringBoundLogger) -> Exception | None:
        handler = self.handlers.get(job.kind)
        if handler is None:
            return GiveUp(JobError("unknown-kind", f"no handler for jobs of kind {job.kind}"))
        if job.attempts > job.max_attempts:
            return GiveUp(JobError("worker-died", "the worker died on this job too often; see the log for the cause"))
        try:
            await handler.run(job)
        except (Later, GiveUp, Settled, LostLease) as decision:
            return decision
        except Exception as problem:
            log_.exception("job.failed", attempt=job.attempts + 1)
            return problem
        return None

    async def _settle(self, job: Held, outcome: Exception | None) -> None:
        handler = self.handlers.get(job.kind)
        if isinstance(outcome, (Settled, LostLease)):
            return
        if outcome is None:
            await self.store.writing(SYSTEM, lambda session: jobs.finish(session, job))
            return
        if isinstance(outcome, Later) and not (outcome.counts and job.attempts + 1 >= job.max_attempts):
            later = outcome
            await self.store.writing(SYSTEM, lambda session: _postpone(session, job, later, handler))
            return
        error = outcome.error if isinstance(outcome, (GiveUp, Later)) else None
        if error is None:
            error = JobError("unknown-error", f"{type(outcome).__name__}: {outcome}")
            if job.attempts + 1 < job.max_attempts:
                again = Later(now_ms() + back_off_ms(job.attempts), error, counts=True)
                await self.store.writing(SYSTEM, lambda session: _postpone(session, job, again, handler))
                return
        await self.store.writing(SYSTEM, lambda session: _fail(session, job, error, handler))

    async def _release(self) -> None:
        tasks = [task for _, task in self.held.values()]
        for job, task in list(self.held.values()):
            task.cancel()
            await self.store.writing(SYSTEM, partial(_let_go, job=job))
        await asyncio.gather(*tasks, return_exceptions=True)


def back_off_ms(attempts: int) -> int:
    """How long to wait before the next try: doubling, jittered between half and the whole, at most ten minutes."""
    whole = min(BACK_OFF_FIRST_MS * 2**attempts, BACK_OFF_LONGEST_MS)
    return int(whole * random.uniform(0.5, 1.0))


def _postpone(session: Session, job: Held, later: Later, handler: Handler | None) -> None:
    error = msgspec.json.encode(later.error).decode() if later.error else None
    jobs.postpone(session, job, later.run_at, error, counts=later.counts)
    if handler and handler.postponed:
        handler.postponed(session, job, later.run_at, later.error)


def _fail(session: Session, job: Held, error: JobError, handler: Handler | None) -> None:
    jobs.fail(session, job, msgspec.json.encode(error).decode())
    if handler and handler.failed:
        handler.failed(session, job, error)


def _renew(session: Session, held: list[Held], lease_ms: int) -> list[int]:
    return jobs.renew(session, held, lease_ms)


def _let_go(session: Session, job: Held) -> None:
    # A graceful stop: the job is ready for the next worker at once, no attempt counted.
    try:
        jobs.postpone(session, job, now_ms(), None, counts=False)
    except LostLease:
        return


async def _wait(stop: asyncio.Event, moved: asyncio.Event, seconds: float) -> None:
    """Until one of the two is set, or the time is over."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (stop, moved)]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
