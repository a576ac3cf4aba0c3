"""How often each data model of a connection is read: set by its owner, checked against what the platform offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.engine.context import Engine
from entrepot.errors import ApiError, invalid_params, not_found
from entrepot.model.registry import by_data_model
from entrepot.store import connections, frequencies
from entrepot.store.connections import Connection
from entrepot.store.scope import Scope
from entrepot.store.store import Session

MOST = 10_000


@dataclass(frozen=True)
class Rhythm:
    """One data model's: every ``interval`` times ``frequency`` (MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY NEVER)."""

    data_model: str
    frequency: str
    interval: int = 1
    enabled: bool = True
    sync_from: str | None = None


async def set_rhythms(engine: Engine, scope: Scope, connection_id: int, rhythms: Sequence[Rhythm]) -> None:
    """Set some data models' rhythms; the others keep theirs. ApiError names ``sync_config[i].<field>``."""

    def keep(session: Session) -> None:
        connection = connections.get(session, connection_id)
        if connection is None:
            raise not_found("connection", connection_id)
        apply(engine, session, connection, rhythms)

    await engine.store.writing(scope, keep)


def apply(engine: Engine, session: Session, connection: Connection, rhythms: Sequence[Rhythm]) -> None:
    """The same inside the caller's transaction."""
    for position, rhythm in enumerate(rhythms):
        name = _noun(engine, connection.integration_type, position, rhythm)
        frequencies.set_config(session, connection.id, name, rhythm.frequency, rhythm.interval,
                               enabled=rhythm.enabled and rhythm.frequency != "NEVER", sync_from=rhythm.sync_from)


def check(engine: Engine, integration_type: str, rhythms: Sequence[Rhythm]) -> None:
    """Refuse what cannot be set, before anything is done."""
    for position, rhythm in enumerate(rhythms):
        _noun(engine, integration_type, position, rhythm)


def _noun(engine: Engine, integration_type: str, position: int, rhythm: Rhythm) -> str:
    def wrong(field: str, hint: str) -> ApiError:
        return invalid_params(f"sync_config[{position}].{field}", hint)

    found = by_data_model(rhythm.data_model)
    connector = engine.platform(integration_type).connector
    if found is None or connector.stream_of(found.name) is None:
        raise wrong("data_model", f"{integration_type} offers no {rhythm.data_model}.")
    if rhythm.frequency not in frequencies.FREQUENCIES:
        raise wrong("frequency", f"Send one of {', '.join(frequencies.FREQUENCIES)}.")
    if not 1 <= rhythm.interval <= MOST:
        raise wrong("interval", f"Send a whole number from 1 to {MOST}.")
    return found.name
