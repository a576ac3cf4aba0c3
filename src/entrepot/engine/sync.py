"""Ask for a sync: one durable job per stream, one public job per noun, all in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import structlog

from entrepot.engine.choose import choose
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params
from entrepot.kit.spec import Connector, Stream
from entrepot.model.registry import by_data_model, noun
from entrepot.store import connections, frequencies, jobs, syncs
from entrepot.store.connections import Connection
from entrepot.store.jobs import NewJob
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Session

log = structlog.get_logger()

KIND = "sync"
SYNC_PRIORITY = 50


class Pull(msgspec.Struct):
    """The payload of a sync's durable job."""

    sync: int
    connection_id: int
    stream: str
    full: bool
    accept_shrink: bool = False


async def request_sync(
    engine: Engine, scope: Scope, company_id: int, *, connection_id: int | None = None,
    integration_type: str | None = None, data_models: Sequence[str] = (), full: bool = False,
    sync_type: Literal["MANUAL", "AUTO_SYNC"] = "MANUAL", accept_shrink: bool = False,
) -> str:
    """Make a sync of the named data models (none named: all that the platform offers); answers its ``sync_id``."""

    def ask(session: Session) -> str:
        connection = choose(session, company_id, connection_id, integration_type)
        connector = engine.platform(connection.integration_type).connector
        wanted = _streams(connector, connection, data_models)
        return enqueue(session, connection, wanted, full=full, sync_type=sync_type, accept_shrink=accept_shrink)

    return await engine.store.writing(scope, ask)


def enqueue(
    session: Session, connection: Connection, streams: Sequence[Stream], *, full: bool, sync_type: str,
    accept_shrink: bool = False,
) -> str:
    """Put the sync and its jobs into the table; they run one after the other in the connection's lane."""
    models = [noun(name).data_model for stream in streams for name in stream.nouns]
    sync = syncs.create(session, connection, models, full=full, sync_type=sync_type)
    for stream in streams:
        pull = Pull(sync.id, connection.id, stream.name, full, accept_shrink)
        job_id = jobs.add(session, NewJob(
            KIND, msgspec.json.encode(pull).decode(), lane=f"connection:{connection.id}",
            company_id=connection.company_id, connection_id=connection.id, priority=SYNC_PRIORITY,
        ))
        for name in stream.nouns:
            syncs.add_job(session, sync, job_id, name, stream.name, "PULL")
    return sync.sync_id


def request_due(engine: Engine, session: Session) -> int:
    """Make the syncs whose time has come, by the rhythm of each data model; answers how many."""
    made = 0
    for connection_id, nouns in frequencies.due(session).items():
        connection = connections.get(session, connection_id)
        installed = engine.installed.get(connection.integration_type) if connection else None
        if connection is None or installed is None:
            log.warning("sync.connector_missing", connection_id=connection_id)
            continue
        streams = [stream for stream in installed.connector.streams if set(stream.nouns) & set(nouns)]
        if syncs.unfinished(session, connection_id, [stream.name for stream in streams]) is None:
            enqueue(session, connection, streams, full=False, sync_type="AUTO_SYNC")
            made += 1
    return made


async def schedule_due(engine: Engine) -> None:
    """One turn of the scheduler."""
    made = await engine.store.writing(SYSTEM, lambda session: request_due(engine, session))
    if made:
        log.info("sync.scheduled", syncs=made)


def _streams(connector: Connector, connection: Connection, data_models: Sequence[str]) -> list[Stream]:
    if not data_models:
        return list(connector.streams)
    wanted: list[Stream] = []
    for value in data_models:
        found = by_data_model(value)
        if found is None:
            known = ", ".join(noun(name).data_model for stream in connector.streams for name in stream.nouns)
            raise invalid_params("data_models_to_sync", f"{value} is no data model; send some of: {known}.")
        stream = connector.stream_of(found.name)
        if stream is None:
            reason = connector.refusals.get(found.name, "the platform does not offer it")
            raise invalid_params("data_models_to_sync", f"{connection.integration_type} has no {value}: {reason}.")
        if stream not in wanted:
            wanted.append(stream)
    # In the connector's own order: what is referred to comes first.
    return [stream for stream in connector.streams if stream in wanted]
