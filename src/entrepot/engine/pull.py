"""Read one stream of one shop into the store: the straight path, from the job to the last commit.

No transaction is open while the platform is called. Each page is one commit: its records, their changes, the counts,
and the checkpoint, under the job's fence. A kill at any instant repeats at most the page in hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import msgspec
import structlog

from entrepot.clock import now_ms
from entrepot.engine import events, faults
from entrepot.engine.checkpoint import Checkpoint
from entrepot.engine.context import Engine
from entrepot.engine.mapping import MappedPage, map_page
from entrepot.engine.overtaken import Overtaken, Watch, upsert_again
from entrepot.engine.proof import may_move_watermark, may_sweep
from entrepot.engine.sync import Pull
from entrepot.errors import PlatformFault
from entrepot.jobs.worker import GiveUp, Handler, Settled
from entrepot.kit.shop import ShopClient
from entrepot.kit.spec import Page, Start, Stream
from entrepot.store import call_counts, changes, connections, counters, cursors, frequencies, jobs, strays, sweep, syncs
from entrepot.store.connections import Connection
from entrepot.store.jobs import Held, JobError
from entrepot.store.records import Outcome, Target, tombstone, upsert
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session
from entrepot.store.syncs import Tally

log = structlog.get_logger()

_PULL = msgspec.json.Decoder(Pull)


@dataclass
class Trip:
    """One run of a stream: who, what, and how far."""

    job: Held
    pull: Pull
    connection: Connection
    stream: Stream
    target: Target
    at: Checkpoint
    metered: Tally
    watch: Watch
    unwanted: frozenset[str]
    """Nouns that come loose with this stream, and that must not be read."""


def handler(engine: Engine) -> Handler:
    """How jobs of kind ``sync`` are run."""

    async def run(job: Held) -> None:
        await pull(engine, job)

    return Handler(run, failed=_failed, postponed=_postponed)


async def pull(engine: Engine, job: Held) -> None:
    """Read the job's stream to its end. Raises what the worker acts on (Later, GiveUp, Settled, LostLease)."""
    trip = await engine.store.writing(SYSTEM, lambda session: _begin(engine, session, job))
    shop = None
    try:
        shop = engine.shop(trip.connection)
        start = Start(mode=trip.at.mode, since=trip.at.since, bookmark=trip.at.bookmark, sync_from=trip.at.sync_from)
        if not trip.at.ended:
            async for page in _ahead(trip, trip.stream.read(shop, start)):
                await _store(engine, trip, page, _meter(shop, trip))
    except PlatformFault as fault:
        throttled = shop.meter.throttled_ms if shop else 0
        log.info("sync.interrupted", sync=trip.pull.sync, stream=trip.stream.name, throttled_ms=throttled)
        raise await faults.decide(engine, job, trip.connection, fault) from fault
    await engine.store.writing(trip.connection.scope, lambda session: _finish(session, trip))
    raise Settled


def _begin(engine: Engine, session: Session, job: Held) -> Trip:
    pull = _PULL.decode(job.payload)
    connection = connections.get(session, pull.connection_id)
    if connection is None or connection.status == "DISCONNECTED":
        raise GiveUp(JobError("disconnected", "the connection was removed while this sync waited"))
    connector = engine.platform(connection.integration_type).connector
    stream = connector.stream(pull.stream)
    cursor = cursors.get(session, connection.id, stream.name)
    configs = {one.noun: one for one in frequencies.of_connection(session, connection.id)}
    rhythm = configs.get(stream.nouns[0]) if stream.dated else None
    at = Checkpoint.of(job.checkpoint) or Checkpoint.fresh(
        cursor, full=pull.full or not stream.incremental,
        generation=cursors.begin_scan(session, connection.id, stream.name),
        began=changes.newest(session, connection.company_id), sync_from=pull.sync_from,
        wanted_from=rhythm.sync_from if rhythm else None,
        had=counters.total(session, stream.nouns[0], connection.company_id, connection.id, include_deleted=False) > 0,
    )
    jobs.assert_held(session, job)
    if syncs.started(session, pull.sync, job.id):
        events.sync_started(session, pull.sync)
    if job.attempts:
        syncs.retried(session, pull.sync, job.id)
    connections.set_sync_status(session, connection.id, "FETCHING")
    target = Target(
        environment_id=connection.scope.environment_id, company_id=connection.company_id,
        connection_id=connection.id, ordinal=connection.ordinal, stream=stream.name,
        mapping_version=connector.mapping_version,
    )
    unwanted = frozenset(name for name in stream.loose if name in configs and not configs[name].may("READ"))
    return Trip(job, pull, connection, stream, target, at, Tally(), Watch(target, at.began), unwanted)


async def _ahead(trip: Trip, pages: AsyncIterator[Page]) -> AsyncIterator[MappedPage]:
    """The pages, mapped, one fetched ahead while the one before is being committed."""
    queue: asyncio.Queue[MappedPage | None] = asyncio.Queue(maxsize=1)

    async def fetch() -> None:
        try:
            async for page in pages:
                await queue.put(await asyncio.to_thread(map_page, trip.stream, page, trip.connection.settings,
                                                        trip.unwanted))
        finally:
            await queue.put(None)

    fetching = asyncio.create_task(fetch())
    try:
        while (page := await queue.get()) is not None:
            yield page
        await fetching
    finally:
        fetching.cancel()


async def _store(engine: Engine, trip: Trip, page: MappedPage, metered: Tally) -> None:
    """One commit; a second one without what a write has overtaken, and so on while there are such."""
    overtaken: Overtaken | None = None
    while True:
        commit = partial(_commit, trip=trip, page=page, metered=metered, overtaken=overtaken)
        try:
            trip.at = await engine.store.writing(trip.connection.scope, commit)
        except Overtaken as late:
            overtaken = late.and_also(overtaken)
            log.info("sync.overtaken", sync=trip.pull.sync, stream=trip.stream.name, records=len(overtaken.late))
            continue
        trip.watch.committed()
        return


def _commit(
    session: Session, trip: Trip, page: MappedPage, metered: Tally, overtaken: Overtaken | None,
) -> Checkpoint:
    at = trip.at.after(page)
    jobs.assert_held(session, trip.job)
    if trip.at.pages == 0:
        connections.set_sync_status(session, trip.connection.id, "RUNNING")
    parent = trip.stream.nouns[0]
    outcome = (upsert(session, trip.target, page.prepared, cause="sync", initial=at.initial) if overtaken is None
               else upsert_again(session, trip.target, page.families, overtaken))
    trip.watch.look(session, outcome)
    at = msgspec.structs.replace(at, inserted=at.inserted + outcome.of(parent).inserted)
    if page.gone:
        outcome.add(tombstone(session, trip.target, parent, page.gone, cause="sync"))
    if page.strays:
        strays.set_aside(session, trip.connection.company_id, trip.connection.id, trip.stream.name, trip.pull.sync,
                         page.strays)
    if at.sweeps and trip.stream.sweep:
        for name in trip.stream.nouns:
            sweep.remember_seen(session, trip.target, name, at.generation, at.pages, outcome.seen.get(name, ()))
    _count(session, trip, page, outcome, metered)
    call_counts.add(session, trip.connection.id, metered.calls)
    jobs.checkpoint(session, trip.job, at.text())
    return at


def _count(session: Session, trip: Trip, page: MappedPage, outcome: Outcome, metered: Tally) -> None:
    for position, name in enumerate(trip.stream.nouns):
        counts = outcome.counts.get(name)
        tally = metered if position == 0 else Tally()
        if position == 0:
            tally.pages += 1
            tally.set_aside += len(page.strays)
        tally.fetched += page.fetched.get(name, 0) + (len(page.strays) if position == 0 else 0)
        if counts is not None:
            tally.stored += counts.inserted + counts.changed + counts.same
            tally.changed += counts.inserted + counts.changed
            tally.same += counts.same
            tally.deleted += counts.deleted
        syncs.tally(session, trip.pull.sync, trip.job.id, name, tally, page.announced if position == 0 else None)


def _finish(session: Session, trip: Trip) -> None:
    """The read came to its end: what the scan did not see is gone, and the next one may skip what this one saw."""
    at, connection = trip.at, trip.connection
    jobs.assert_held(session, trip.job)
    note: JobError | None = None
    if at.sweeps and trip.stream.sweep:
        trip.watch.spare(session, trip.stream.nouns, at.generation)
        unseen = sweep.unseen(session, trip.target, trip.stream.nouns[0], at.generation)
        note = None if trip.pull.accept_shrink else may_sweep(at, unseen)
        if note is None:
            # The parent first: its children go with it.
            for name in trip.stream.nouns:
                gone = sweep.sweep(session, trip.target, name, at.generation, cause="sync")
                for noun, counts in gone.counts.items():
                    syncs.tally(session, trip.pull.sync, trip.job.id, noun, Tally(deleted=counts.deleted))
    mismatch = may_move_watermark(at)
    if mismatch is None and at.marks:
        cursors.complete(session, connection.id, trip.stream.name, at.watermark, full=at.mode == "full",
                         sync_from=at.sync_from)
    error = mismatch or note or at.alarm()
    _end(session, trip.pull, trip.job, "SUCCESS", error)
    connections.set_synced(session, connection.id, now_ms())
    jobs.finish(session, trip.job)
    log.info("sync.read", sync=trip.pull.sync, stream=trip.stream.name, mode=at.mode, pages=at.pages,
             fetched=at.fetched, set_aside=at.set_aside, note=error.code if error else None)


def _end(session: Session, pull: Pull, job: Held, status: Literal["SUCCESS", "FAILED"], error: JobError | None) -> None:
    if syncs.end_jobs(session, pull.sync, job.id, status, msgspec.json.encode(error).decode() if error else None):
        events.sync_completed(session, pull.sync)


def _meter(shop: ShopClient, trip: Trip) -> Tally:
    """What was spent since the last commit."""
    meter, before = shop.meter, trip.metered
    spent = Tally(calls=meter.calls - before.calls, bytes_in=meter.bytes_in - before.bytes_in,
                  throttled_ms=meter.throttled_ms - before.throttled_ms)
    trip.metered = Tally(calls=meter.calls, bytes_in=meter.bytes_in, throttled_ms=meter.throttled_ms)
    return spent


def _failed(session: Session, job: Held, error: JobError) -> None:
    pull = _PULL.decode(job.payload)
    _end(session, pull, job, "FAILED", error)
    connections.set_sync_status(session, pull.connection_id, "IDLE")


def _postponed(session: Session, job: Held, run_at: int, error: JobError | None) -> None:
    pull = _PULL.decode(job.payload)
    throttled = error is not None and error.code == "throttled"
    if error is not None:
        syncs.note_error(session, pull.sync, job.id, msgspec.json.encode(error).decode())
    connections.set_sync_status(session, pull.connection_id, "SLEEPING" if throttled else "IDLE",
                                run_at if throttled else None)
