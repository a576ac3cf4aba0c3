"""Write to a shop, second half: send, settle, and after an unknown outcome look before anything is tried again.

``sent`` is committed before the platform is called. Whoever finds an operation in that state (after a time-out, a 5xx
or a crash) asks the connector to look for our marker first: found, it is settled; not found, it never happened.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import structlog

from entrepot.clock import now_ms, text_ms, to_ms
from entrepot.engine import events, faults
from entrepot.engine.context import Engine
from entrepot.engine.mapping import map_row
from entrepot.engine.overtaken import Overtaken, Watch
from entrepot.engine.refusals import given_up, refusal
from entrepot.errors import (
    NeedsReauth,
    NotSupported,
    OutcomeUnknown,
    PlatformFault,
    Rejected,
    Throttled,
)
from entrepot.jobs.worker import GiveUp, Handler, Later, Settled, back_off_ms
from entrepot.kit.shop import ShopClient
from entrepot.kit.spec import Action, Change, Connector, Family, Json
from entrepot.model.base import Record
from entrepot.model.registry import noun
from entrepot.store import call_counts, changes, connections, jobs, operations, records_read, syncs
from entrepot.store.connections import Connection
from entrepot.store.jobs import Held, JobError
from entrepot.store.operations import Operation
from entrepot.store.records import Target, upsert
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Session
from entrepot.store.strays import Stray
from entrepot.store.syncs import Tally

log = structlog.get_logger()

# The platform's clock and ours may differ, and a write may have landed before we noted that it was sent.
LOOK_BACK_MS = 120_000
UNKNOWN_AGAIN_MS = 1_500


class Write(msgspec.Struct):
    """The payload of a write's durable job."""

    sync: int
    connection_id: int


_WRITE = msgspec.json.Decoder(Write)
_GIVEN = msgspec.json.Decoder(list[str])
_EXTRA: msgspec.json.Decoder[Json] = msgspec.json.Decoder(dict)


def handler(engine: Engine) -> Handler:
    """How jobs of kind ``write`` are run."""

    async def run(job: Held) -> None:
        await perform(engine, job)

    return Handler(run, failed=_failed)


async def perform(engine: Engine, job: Held) -> None:
    """Do a request's operations one after the other; the last commit settles the job."""
    write = _WRITE.decode(job.payload)
    connection, todo = await _begin(engine, job, write)
    connector = engine.platform(connection.integration_type).connector
    scope = connection.scope
    for operation in todo:
        if operation.state in ("done", "failed"):
            continue
        try:
            shop = engine.shop(connection)
            action = connector.action(operation.noun, operation.kind)
            if action is None:
                raise NotSupported(f"{connection.integration_type} cannot {operation.kind} this data model")
            change = await engine.store.reading(scope, partial(_change, operation=operation))
            own_id = await _carry_out(engine, job, shop, action, operation, change)
            await _read_back(engine, job, shop, connection, connector, action, operation, change, own_id)
        except PlatformFault as fault:
            await _refused(engine, job, connection, operation, fault)
    await engine.store.writing(scope, lambda session: _finish(session, job, write))
    raise Settled


async def _begin(engine: Engine, job: Held, write: Write) -> tuple[Connection, list[Operation]]:
    def begin(session: Session) -> tuple[Connection, list[Operation]]:
        jobs.assert_held(session, job)
        connection = connections.get(session, write.connection_id)
        if connection is None:
            raise GiveUp(JobError("operation-denied", "the connection was removed while this write waited"))
        syncs.started(session, write.sync, job.id)
        return connection, operations.of_job(session, job.id)

    return await engine.store.writing(SYSTEM, begin)


def _change(session: Session, operation: Operation) -> Change:
    record: Record = msgspec.json.decode(operation.input, type=noun(operation.noun).type)
    current = None
    if operation.target is not None:
        row = records_read.owned(session, operation.noun, operation.company_id, operation.connection_id,
                                 operation.target)
        if row is not None:
            current = records_read.raw_of(session, operation.noun, operation.company_id, row.rootfi_id)
    return Change(
        "create" if operation.kind == "create" else "update", record,
        frozenset(_GIVEN.decode(operation.given)), operation.marker, operation.target, current,
        _EXTRA.decode(operation.extra),
    )


async def _carry_out(
    engine: Engine, job: Held, shop: ShopClient, action: Action, operation: Operation, change: Change,
) -> str:
    """Make sure that it happened exactly once; answer the own id of what is to be read back."""
    own_id = None
    if operation.state == "sent" and action.find is not None:
        since = text_ms((operation.sent_at or operation.created_at) - LOOK_BACK_MS)
        own_id = await action.find(shop, change, since)
        log.info("write.looked_for", marker=change.marker, found=own_id is not None)
    if own_id is None:
        await engine.store.writing(_scope(operation), lambda session: _mark_sent(session, job, operation))
        own_id = await action.perform(shop, change)
    return own_id


async def _read_back(
    engine: Engine, job: Held, shop: ShopClient, connection: Connection, connector: Connector, action: Action,
    operation: Operation, change: Change, own_id: str,
) -> None:
    """Read what the platform made of it, and store that as the outcome: again, where another write was faster."""
    stream = connector.stream(action.stream)
    if stream.fetch is None:
        raise NotSupported(f"stream {stream.name} cannot read one object back")
    while True:
        began = await engine.store.reading(
            connection.scope, lambda session: changes.newest(session, connection.company_id))
        family = map_row(stream, await stream.fetch(shop, own_id), shop.settings)
        if isinstance(family, Stray):
            raise Rejected(f"The write reached the platform, but its answer does not fit: {family.reason}",
                           code="unknown-error")
        uid = action.result(family, change) if action.result else family.parent.record.platform_unique_id
        settle = _settling(job, connection, connector, action, operation, family, uid, began, shop.meter.calls)
        try:
            await engine.store.writing(connection.scope, settle)
        except Overtaken:
            continue
        return


def _scope(operation: Operation) -> Scope:
    return Scope(operation.organisation_id, operation.environment_id)


def _mark_sent(session: Session, job: Held, operation: Operation) -> None:
    jobs.assert_held(session, job)
    operations.sent(session, operation.id)


def _settling(
    job: Held, connection: Connection, connector: Connector, action: Action, operation: Operation, family: Family,
    uid: str, began: int, calls: int,
) -> Callable[[Session], None]:
    target = Target(
        environment_id=connection.scope.environment_id, company_id=connection.company_id,
        connection_id=connection.id, ordinal=connection.ordinal, stream=action.stream,
        mapping_version=connector.mapping_version,
    )

    def settle(session: Session) -> None:
        jobs.assert_held(session, job)
        outcome = upsert(session, target, [family], cause="write")
        Watch(target, began).look(session, outcome)
        operations.done(session, operation.id, outcome.ids[operation.noun, uid])
        syncs.tally(session, operation.sync, job.id, operation.noun,
                    Tally(fetched=1, stored=1, changed=1, calls=calls))
        call_counts.add(session, connection.id, calls)

    return settle


async def _refused(
    engine: Engine, job: Held, connection: Connection, operation: Operation, fault: PlatformFault,
) -> None:
    """A fault of one operation: raise what the worker acts on, or note the failure and let the next one go on."""
    if isinstance(fault, OutcomeUnknown):
        raise Later(now_ms() + max(UNKNOWN_AGAIN_MS, back_off_ms(job.attempts) if job.attempts else 0),
                    JobError("outcome-unknown", fault.message, fault.platform_error), counts=True) from fault
    if isinstance(fault, (Rejected, NotSupported, NeedsReauth)):
        if isinstance(fault, NeedsReauth):
            await engine.store.writing(connection.scope, lambda session: faults.expire(session, connection))
        error = msgspec.json.encode(refusal(fault, f"data[{operation.position}]")).decode()
        await engine.store.writing(connection.scope, lambda session: _note(session, job, operation, error))
        return
    error_ = JobError("throttled" if isinstance(fault, Throttled) else "platform-unreachable", fault.message,
                      fault.platform_error)
    if isinstance(fault, Throttled):
        raise Later(to_ms(fault.until), error_) from fault
    raise Later(now_ms() + back_off_ms(job.attempts), error_, counts=True) from fault


def _note(session: Session, job: Held, operation: Operation, error: str) -> None:
    jobs.assert_held(session, job)
    operations.failed(session, [operation.id], error)
    syncs.tally(session, operation.sync, job.id, operation.noun, Tally(fetched=1, set_aside=1))


def _finish(session: Session, job: Held, write: Write) -> None:
    failed = next((one for one in operations.of_job(session, job.id) if one.state == "failed"), None)
    if syncs.end_jobs(session, write.sync, job.id, "FAILED" if failed else "SUCCESS",
                      failed.error if failed else None):
        events.sync_completed(session, write.sync)
    jobs.finish(session, job)


def _failed(session: Session, job: Held, error: JobError) -> None:
    """The worker gave up: what is not done will not be."""
    write = _WRITE.decode(job.payload)
    text = msgspec.json.encode(given_up(error.message, error.platform_error)).decode()
    operations.failed(session, [one.id for one in operations.of_job(session, job.id)], text)
    if syncs.end_jobs(session, write.sync, job.id, "FAILED", text):
        events.sync_completed(session, write.sync)
