"""How often each data model of a connection is read, and what may be done with it: set by its owner, checked against
what the platform offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entrepot.engine.context import Engine
from entrepot.engine.from_date import from_date
from entrepot.errors import ApiError, invalid_params, not_found, operation_denied
from entrepot.kit.spec import Connector
from entrepot.model.registry import by_data_model, noun
from entrepot.store import connections, frequencies
from entrepot.store.connections import Connection
from entrepot.store.scope import Scope
from entrepot.store.store import Session

MOST = 10_000


@dataclass(frozen=True)
class Rhythm:
    """One data model's: every ``interval`` times ``frequency`` (MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY NEVER).

    ``sync_from`` is an ISO date or date-time: nothing created before it is read. ``scope_access`` says of READ, CREATE,
    UPDATE and DELETE whether they are allowed; None leaves that as it is.
    """

    data_model: str
    frequency: str
    interval: int = 1
    enabled: bool = True
    sync_from: str | None = None
    scope_access: Mapping[str, bool] | None = None


async def set_rhythms(engine: Engine, scope: Scope, connection_id: int, rhythms: Sequence[Rhythm]) -> None:
    """Set some data models' rhythms; the others keep theirs. ApiError names ``sync_config[i].<field>``."""

    def keep(session: Session) -> None:
        connection = connections.get(session, connection_id)
        if connection is None:
            raise not_found("connection", connection_id)
        apply(engine, session, connection, rhythms)

    await engine.store.writing(scope, keep)


def apply(
    engine: Engine, session: Session, connection: Connection, rhythms: Sequence[Rhythm], *, field: str = "sync_config",
) -> None:
    """The same inside the caller's transaction. ``field`` is what the caller's list is called."""
    for position, rhythm in enumerate(rhythms):
        place = f"{field}[{position}]"
        name = _noun(engine, connection.integration_type, place, rhythm)
        frequencies.set_config(
            session, connection.id, name, rhythm.frequency, rhythm.interval,
            enabled=rhythm.enabled and rhythm.frequency != "NEVER",
            sync_from=from_date(rhythm.sync_from, f"{place}.sync_from"), access=rhythm.scope_access)
    if any(rhythm.scope_access for rhythm in rhythms):
        _agree(session, engine.platform(connection.integration_type).connector, connection, field)


def check(
    engine: Engine, integration_type: str, rhythms: Sequence[Rhythm], *, field: str = "sync_config",
) -> None:
    """Refuse what cannot be set, before anything is done."""
    for position, rhythm in enumerate(rhythms):
        _noun(engine, integration_type, f"{field}[{position}]", rhythm)


def check_values(place: str, rhythm: Rhythm) -> None:
    """Refuse a rhythm that cannot be kept, whatever the platform. ApiError names ``<place>.<field>``."""
    if rhythm.frequency not in frequencies.FREQUENCIES:
        raise invalid_params(f"{place}.frequency", f"Send one of {', '.join(frequencies.FREQUENCIES)}.")
    if not 1 <= rhythm.interval <= MOST:
        raise invalid_params(f"{place}.interval", f"Send a whole number from 1 to {MOST}.")
    unknown = [word for word in rhythm.scope_access or () if word not in frequencies.OPERATIONS]
    if unknown:
        raise invalid_params(f"{place}.scope_access", f"Send some of {', '.join(frequencies.OPERATIONS)}.")
    from_date(rhythm.sync_from, f"{place}.sync_from")


def _noun(engine: Engine, integration_type: str, place: str, rhythm: Rhythm) -> str:
    found = by_data_model(rhythm.data_model)
    connector = engine.platform(integration_type).connector
    if found is None or connector.stream_of(found.name) is None:
        raise invalid_params(f"{place}.data_model", f"{integration_type} offers no {rhythm.data_model}.")
    check_values(place, rhythm)
    return found.name


def _agree(session: Session, connector: Connector, connection: Connection, field: str) -> None:
    """What comes in one read is read together or not at all: taking a part away would look like deleting it."""
    configs = {one.noun: one for one in frequencies.of_connection(session, connection.id)}
    for stream in connector.streams:
        reads = {name: configs[name].may("READ") for name in stream.nouns if name in configs}
        if len(set(reads.values())) > 1:
            raise _apart(connection.integration_type, stream.nouns, field)


def _apart(integration_type: str, nouns: Sequence[str], field: str) -> ApiError:
    parent, *children = (noun(name).data_model for name in nouns)
    return operation_denied(f"{integration_type} sends {' and '.join(children)} with {parent}; allow READ for all of "
                            "them or for none.", field=f"{field}.scope_access")
