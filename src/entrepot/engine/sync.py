"""Ask for a sync: one durable job per stream, one public job per noun, all in one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import structlog

from entrepot.engine.choose import choose
from entrepot.engine.context import Engine
from entrepot.engine.from_date import from_date
from entrepot.errors import invalid_params, operation_denied
from entrepot.kit.spec import Connector, Stream
from entrepot.model.registry import by_data_model, noun
from entrepot.store import connections, cursors, frequencies, jobs, syncs
from entrepot.store.connections import Connection
from entrepot.store.frequencies import SyncConfig
from entrepot.store.jobs import NewJob
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Session

log = structlog.get_logger()

KIND = "sync"
SYNC_PRIORITY = 50
SyncType = Literal["MANUAL", "AUTO_SYNC"]
Rhythms = Mapping[str, SyncConfig]
"""A connection's, by noun."""


class Pull(msgspec.Struct):
    """The payload of a sync's durable job."""

    sync: int
    connection_id: int
    stream: str
    full: bool
    accept_shrink: bool = False
    sync_from: str | None = None


@dataclass(frozen=True)
class Part:
    """One stream of a sync, and from when on it is read (ISO time; None: from the beginning)."""

    stream: Stream
    sync_from: str | None = None


@dataclass(frozen=True)
class Asked:
    """What a caller wants read: the named data models (none named: all that the platform offers and that may be read).

    ``sync_from`` is an ISO date or date-time: nothing created before it; ``sync_froms`` the same by data model. Where
    neither says anything the rhythm's own holds.
    """

    company_id: int
    connection_id: int | None = None
    integration_type: str | None = None
    data_models: Sequence[str] = ()
    full: bool = False
    sync_from: str | None = None
    sync_froms: Mapping[str, str | None] = field(default_factory=dict)
    accept_shrink: bool = False


async def request_sync(
    engine: Engine, scope: Scope, company_id: int, *, connection_id: int | None = None,
    integration_type: str | None = None, data_models: Sequence[str] = (), full: bool = False,
    sync_from: str | None = None, accept_shrink: bool = False,
) -> str:
    """Make a sync in a transaction of its own; answers its ``sync_id``."""
    asked = Asked(company_id, connection_id, integration_type, data_models, full, sync_from,
                  accept_shrink=accept_shrink)
    return await engine.store.writing(scope, lambda session: ask(engine, session, asked))


def ask(engine: Engine, session: Session, asked: Asked) -> str:
    """Make a sync, or find the same one that still waits; answers its ``sync_id``. ApiError says what to send."""
    connection = choose(session, asked.company_id, asked.connection_id, asked.integration_type)
    # Of two that ask at once the second sees the first one's sync.
    if (held := connections.locked(session, connection.id)) is None or held.status == "DISCONNECTED":
        raise operation_denied("the connection was removed at this moment.")
    connector = engine.platform(connection.integration_type).connector
    rhythms = {one.noun: one for one in frequencies.of_connection(session, connection.id)}
    begin = from_date(asked.sync_from, "sync_from")
    begins = {model: from_date(asked.sync_froms.get(model), f"data_models_to_sync[{position}].sync_from") or begin
              for position, model in enumerate(asked.data_models)}
    nouns = _nouns(connector, connection, rhythms, asked.data_models)
    parts = [Part(stream, _begin(stream, nouns, begin, begins, rhythms)) for stream in connector.streams
             if set(stream.nouns) & set(nouns)]
    return enqueue(session, connection, parts, full=asked.full, sync_type="MANUAL", accept_shrink=asked.accept_shrink)


def enqueue(
    session: Session, connection: Connection, parts: Sequence[Part], *, full: bool, sync_type: SyncType,
    accept_shrink: bool = False,
) -> str:
    """Put the sync and its jobs into the table; they run one after the other in the connection's lane. A sync of
    exactly the same that waits and has not begun will see all that this one would: it is answered instead."""
    pulls = [Pull(0, connection.id, part.stream.name, full, accept_shrink, part.sync_from) for part in parts]
    if known := _waiting(session, connection, pulls):
        return known
    models = [noun(name).data_model for part in parts for name in part.stream.nouns]
    sync = syncs.create(session, connection, models, full=full, sync_type=sync_type, sync_from=_earliest(parts))
    for part, pull in zip(parts, pulls, strict=True):
        pull.sync = sync.id
        job_id = jobs.add(session, NewJob(
            KIND, msgspec.json.encode(pull).decode(), lane=f"connection:{connection.id}",
            company_id=connection.company_id, connection_id=connection.id, priority=SYNC_PRIORITY,
        ))
        for name in part.stream.nouns:
            syncs.add_job(session, sync, job_id, name, part.stream.name, "PULL", part.sync_from)
    return sync.sync_id


def _waiting(session: Session, connection: Connection, pulls: Sequence[Pull]) -> str | None:
    read = {name for name, cursor in cursors.of_connection(session, connection.id).items() if cursor.scanned_at}

    def text(pull: Pull) -> str:
        # The first read of a stream is a full one, whatever was asked for.
        same = msgspec.structs.replace(pull, sync=0, full=pull.full or pull.stream not in read)
        return msgspec.json.encode(same).decode()

    wanted = sorted(map(text, pulls))
    for sync_id, payloads in syncs.waiting(session, connection.id):
        if sorted(text(msgspec.json.decode(one, type=Pull)) for one in payloads) == wanted:
            return sync_id
    return None


def _earliest(parts: Sequence[Part]) -> str | None:
    """From when on the sync reads; None when a part that could begin later begins at the beginning."""
    begins = [part.sync_from for part in parts if part.stream.dated]
    return min((begin for begin in begins if begin is not None), default=None) if None not in begins else None


def request_due(engine: Engine, session: Session) -> int:
    """Make the syncs whose time has come, by the rhythm of each data model; answers how many. What a sync of the
    connection is about to read, or reads, is not queued a second time."""
    made = 0
    for connection_id, nouns in frequencies.due(session).items():
        connection = connections.locked(session, connection_id)
        installed = engine.installed.get(connection.integration_type) if connection else None
        if connection is None or installed is None:
            log.warning("sync.connector_missing", connection_id=connection_id)
            continue
        rhythms = {one.noun: one for one in frequencies.of_connection(session, connection_id)}
        busy = syncs.busy(session, connection_id)
        parts = [Part(stream, _begin(stream, (), None, {}, rhythms)) for stream in installed.connector.streams
                 if set(stream.nouns) & set(nouns) and stream.name not in busy and _readable(stream, rhythms)]
        if parts:
            enqueue(session, connection, parts, full=False, sync_type="AUTO_SYNC")
            made += 1
    return made


async def schedule_due(engine: Engine) -> None:
    """One turn of the scheduler."""
    made = await engine.store.writing(SYSTEM, lambda session: request_due(engine, session))
    if made:
        log.info("sync.scheduled", syncs=made)


def _nouns(
    connector: Connector, connection: Connection, rhythms: Rhythms, data_models: Sequence[str],
) -> list[str]:
    """The nouns that are meant. ApiError for one that there is not, or that must not be read."""
    if not data_models:
        every = [name for stream in connector.streams if _readable(stream, rhythms) for name in stream.nouns]
        if not every:
            raise operation_denied("no data model of this connection may be read; allow READ in its scope_access.")
        return every
    wanted: list[str] = []
    for value in data_models:
        found = by_data_model(value)
        if found is None:
            known = ", ".join(noun(name).data_model for stream in connector.streams for name in stream.nouns)
            raise invalid_params("data_models_to_sync", f"{value} is no data model; send some of: {known}.")
        stream = connector.stream_of(found.name)
        if stream is None:
            reason = connector.refusals.get(found.name, "the platform does not offer it")
            raise invalid_params("data_models_to_sync", f"{connection.integration_type} has no {value}: {reason}.")
        if not _readable(stream, rhythms):
            raise operation_denied(f"{value} must not be read; its scope_access forbids READ.",
                                   field="data_models_to_sync")
        wanted.append(found.name)
    return wanted


def _readable(stream: Stream, rhythms: Rhythms) -> bool:
    """The first noun decides for those that come with it."""
    rhythm = rhythms.get(stream.nouns[0])
    return rhythm is None or rhythm.may("READ")


def _begin(
    stream: Stream, nouns: Sequence[str], begin: str | None, begins: Mapping[str, str | None], rhythms: Rhythms,
) -> str | None:
    """From when on a stream is read: the earliest that was asked for its nouns, else its rhythm's."""
    if not stream.dated:
        return None
    asked = [begins.get(noun(name).data_model, begin) for name in stream.nouns if name in nouns]
    rhythm = rhythms.get(stream.nouns[0])
    usual = rhythm.sync_from if rhythm else None
    found = [one or usual for one in asked] or [usual]
    return None if None in found else min(one for one in found if one is not None)
