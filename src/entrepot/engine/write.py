"""Write to a shop, first half: check everything that can be checked, accept, and wait for the outcome.

Accepting is one commit: sync, public job, durable job, and one operation per record. The process that accepts a
synchronous write holds its job and performs it at once; when it dies, any worker takes the job over and finds out
what became of it (see ``perform.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from entrepot.clock import now_ms
from entrepot.engine.choose import choose
from entrepot.engine.context import Engine
from entrepot.engine.references import resolve
from entrepot.engine.refusals import Refusal, refusal
from entrepot.errors import ApiError, NotSupported, Rejected, invalid_params, not_found, operation_denied
from entrepot.kit.json import ENCODER
from entrepot.kit.spec import Action, Change, Json
from entrepot.model.base import Record
from entrepot.model.registry import noun
from entrepot.store import frequencies, idempotency, jobs, operations, records_read, syncs
from entrepot.store.connections import Connection
from entrepot.store.idempotency import Kept, Once
from entrepot.store.jobs import Held, NewJob
from entrepot.store.operations import Operation
from entrepot.store.scope import Scope
from entrepot.store.store import Session
from entrepot.store.syncs import Sync

KIND = "write"
WRITE_PRIORITY = 10
FIRST_LOOK_S, LAST_LOOK_S = 0.1, 0.5
"""Between looks at a write that somebody else performs."""


@dataclass(frozen=True)
class Draft:
    """One record as a caller sent it, references as sent; ``given`` names the fields that were there."""

    record: Record
    given: frozenset[str]
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True)
class WriteRequest:
    """A create or update. ``target`` is the id in the path of an update (any form); ``items`` then holds one."""

    noun: str
    action: Literal["create", "update"]
    company_id: int
    items: Sequence[Draft]
    connection_id: int | None = None
    target: str | None = None
    run_async: bool = False


@dataclass(frozen=True)
class Submitted:
    """What became of it: the records' ids in order, or None while it goes on behind ``sync_id``."""

    sync_id: str
    company_id: int
    rootfi_ids: list[int] | None


@dataclass(frozen=True)
class Accepted:
    """A write that is in the table; ``performing`` where this process carries it out while the caller waits."""

    sync: int
    sync_id: str
    company_id: int
    performing: asyncio.Task[None] | None = None


async def accept(engine: Engine, scope: Scope, request: WriteRequest, once: Once | None = None) -> Accepted | Kept:
    """Check, keep, begin. ApiError says what to send instead; nothing is left behind then.

    With ``once`` the request's key leads to the write from the same commit on; what is kept under it, where an earlier
    request was faster.
    """
    if not request.items:
        raise invalid_params("data", "Send at least one record.")
    if len(request.items) > 1 and not request.run_async:
        raise invalid_params("run_async", "More than one record needs run_async=true.")
    found = await engine.store.writing(scope, lambda session: _accept(engine, session, request, once))
    if isinstance(found, Kept):
        return found
    sync, held = found
    performing = None if held is None else asyncio.create_task(engine.worker.execute(held))
    return Accepted(sync.id, sync.sync_id, sync.company_id, performing)


async def outcome(engine: Engine, scope: Scope, write: Accepted) -> Submitted:
    """Wait for a synchronous write, whoever performs it. ApiError tells why it failed."""
    now, limit = asyncio.get_running_loop().time, engine.settings.write_wait_seconds
    deadline, pause = now() + limit, FIRST_LOOK_S
    if write.performing is not None:
        # The write goes on when the caller's patience (or connection) ends: only the waiting is given up.
        await asyncio.wait([write.performing], timeout=limit)
    while True:
        found = await engine.store.reading(scope, lambda session: operations.of_sync(session, write.sync))
        if not found:
            raise ApiError(409, "conflict", f"What sync {write.sync_id} wrote was removed with its company's data.")
        if all(one.state == "done" for one in found):
            idents = [one.rootfi_id for one in found if one.rootfi_id is not None]
            return Submitted(write.sync_id, write.company_id, idents)
        for one in found:
            if one.state == "failed":
                raise msgspec.json.decode(one.error or "{}", type=Refusal).told()
        if now() >= deadline or engine.worker.closing:
            return Submitted(write.sync_id, write.company_id, None)
        await asyncio.sleep(pause)
        pause = min(1.5 * pause, LAST_LOOK_S)


def _accept(
    engine: Engine, session: Session, request: WriteRequest, once: Once | None,
) -> tuple[Sync, Held | None] | Kept:
    if once is not None:
        kept = idempotency.claim(session, once)  # before any other lock: a twin waits here and holds nothing
        if kept is not None:
            return kept
    connection = choose(session, request.company_id, request.connection_id)
    action = _action(engine, session, connection, request)
    target = _target(session, connection, request)
    changes = [_change(session, connection, action, request, position, draft, target)
               for position, draft in enumerate(request.items)]
    model = noun(request.noun).data_model
    sync = syncs.create(session, connection, [model], full=False, sync_type="MANUAL",
                        config_mode=request.action.upper())
    new = NewJob(KIND, msgspec.json.encode({"sync": sync.id, "connection_id": connection.id}).decode(),
                 company_id=connection.company_id, connection_id=connection.id, priority=WRITE_PRIORITY)
    held = None if request.run_async else jobs.add_held(session, new, engine.worker.owner, engine.worker.lease_ms)
    job_id = held.id if held else jobs.add(session, new)
    syncs.add_job(session, sync, job_id, request.noun, action.stream, "PUSH")
    for position, (ident, change) in enumerate(changes):
        operations.add(session, _operation(ident, change, connection, sync, job_id, request, position))
    if once is not None:
        idempotency.accepted(session, once, sync.id, sync.sync_id, sync.company_id)
    return sync, held


def _action(engine: Engine, session: Session, connection: Connection, request: WriteRequest) -> Action:
    connector = engine.platform(connection.integration_type).connector
    action = connector.action(request.noun, request.action)
    if action is None:
        reason = connector.refusals.get(request.noun, "its API has no call for it")
        raise operation_denied(f"{connection.integration_type} cannot {request.action} "
                               f"{noun(request.noun).data_model}: {reason}.")
    rhythm = frequencies.of_noun(session, connection.id, request.noun)
    if rhythm is not None and not rhythm.may(request.action.upper()):
        raise operation_denied(f"the scope_access of {noun(request.noun).data_model} forbids "
                               f"{request.action.upper()} on this connection.")
    return action


@dataclass(frozen=True)
class Target:
    """What an update changes: own id, stored payload, stored record. All None for a create."""

    uid: str | None = None
    raw: bytes | None = None
    record: Record | None = None


def _target(session: Session, connection: Connection, request: WriteRequest) -> Target:
    if request.target is None:
        return Target()
    rows = records_read.find(session, request.noun, request.target, connection.company_id, connection.id)
    if not rows:
        raise not_found(request.noun, request.target)
    company, ident = connection.company_id, rows[0].rootfi_id
    return Target(rows[0].uid, records_read.raw_of(session, request.noun, company, ident),
                  records_read.document_of(session, request.noun, company, ident))


def _change(
    session: Session, connection: Connection, action: Action, request: WriteRequest, position: int, draft: Draft,
    target: Target,
) -> tuple[int, Change]:
    ident, marker = operations.take_marker(session)
    record = resolve(session, connection, draft.record, f"data[{position}].", target.record)
    change = Change(request.action, record, draft.given, marker, target.uid, target.raw, draft.extra)
    if action.check is not None:
        try:
            action.check(change, connection.settings)
        except (Rejected, NotSupported) as fault:
            raise refusal(fault, f"data[{position}]").told() from fault
    return ident, replace(change, current=None)


def _operation(
    ident: int, change: Change, connection: Connection, sync: Sync, job_id: int, request: WriteRequest, position: int,
) -> Operation:
    return Operation(
        id=ident, marker=change.marker, organisation_id=connection.scope.organisation_id,
        environment_id=connection.scope.environment_id, company_id=connection.company_id,
        connection_id=connection.id, sync=sync.id, job_id=job_id, noun=request.noun, kind=request.action,
        position=position, target=change.target, given=msgspec.json.encode(sorted(change.given)).decode(),
        input=ENCODER.encode(change.record).decode(), extra=ENCODER.encode(change.extra).decode(), state="accepted",
        rootfi_id=None, error=None, created_at=now_ms(), sent_at=None,
    )

