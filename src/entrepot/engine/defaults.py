"""The rhythms that new connections begin with: the environment's, for their platform or for all, else daily."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from entrepot.engine.context import Engine
from entrepot.engine.from_date import from_date
from entrepot.engine.rhythm import Rhythm, check_values
from entrepot.errors import invalid_params
from entrepot.model.registry import NOUNS, by_data_model, noun
from entrepot.store import frequencies, sync_defaults
from entrepot.store.connections import Connection
from entrepot.store.frequencies import SyncConfig
from entrepot.store.scope import Scope
from entrepot.store.store import Session
from entrepot.store.sync_defaults import EVERY_PLATFORM

FREQUENCY = ("DAILY", 1)
"""Where nobody has said anything else."""


def offered(engine: Engine, integration_type: str = EVERY_PLATFORM) -> list[str]:
    """The nouns that a platform offers, or any installed one, in the registry's order."""
    kinds = [integration_type] if integration_type else engine.installed
    names = {name for kind in kinds for stream in engine.platform(kind).connector.streams for name in stream.nouns}
    return [one.name for one in NOUNS if one.name in names]


def of(
    session: Session, environment_id: int, nouns: Sequence[str], integration_type: str = EVERY_PLATFORM,
) -> dict[str, SyncConfig]:
    """What holds for each of the nouns."""
    found = sync_defaults.of(session, environment_id)
    if integration_type:
        found |= sync_defaults.of(session, environment_id, integration_type)
    return {**of_nobody(nouns), **{name: one for name, one in found.items() if name in nouns}}


def of_nobody(nouns: Sequence[str]) -> dict[str, SyncConfig]:
    """What holds where nobody has set anything."""
    return {name: SyncConfig(name, True, *FREQUENCY, None) for name in nouns}


def apply(engine: Engine, session: Session, connection: Connection) -> None:
    """Give a new connection its rhythms; the first runs are one step from now."""
    for one in fitting(engine, session, connection.scope, connection.integration_type):
        frequencies.set_config(session, connection.id, one.noun, one.frequency, one.interval, enabled=one.enabled,
                               sync_from=one.sync_from, access=one.access)


def fitting(engine: Engine, session: Session, scope: Scope, integration_type: str) -> Iterator[SyncConfig]:
    """What a platform's connections begin with. What comes in one read is read together or not at all, so that the
    first noun of a stream decides whether all of it is read."""
    configs = of(session, scope.environment_id, offered(engine, integration_type), integration_type)
    for stream in engine.platform(integration_type).connector.streams:
        read = configs[stream.nouns[0]].may("READ")
        for name in stream.nouns:
            one = configs[name]
            yield one if one.may("READ") == read else replace(one, access={**one.access, "READ": read})


def keep(
    engine: Engine, session: Session, scope: Scope, rhythms: Sequence[Rhythm], integration_type: str = EVERY_PLATFORM,
) -> list[str]:
    """Set the environment's defaults; answers the nouns that were set. ApiError names ``configs[i].<field>``."""
    known = offered(engine, integration_type)
    before = of(session, scope.environment_id, known, integration_type)
    nouns = []
    for position, rhythm in enumerate(rhythms):
        place = f"configs[{position}]"
        found = by_data_model(rhythm.data_model)
        if found is None or found.name not in before:
            models = ", ".join(noun(name).data_model for name in known)
            raise invalid_params(f"{place}.data_model", f"Send one of {models}.")
        check_values(place, rhythm)
        access = before[found.name].access if rhythm.scope_access is None else rhythm.scope_access
        sync_defaults.keep(session, scope, integration_type, SyncConfig(
            found.name, rhythm.enabled and rhythm.frequency != "NEVER", rhythm.frequency, rhythm.interval,
            from_date(rhythm.sync_from, f"{place}.sync_from"), None, access))
        nouns.append(found.name)
    return nouns


def propagate(
    engine: Engine, session: Session, scope: Scope, nouns: Collection[str], integration_type: str = EVERY_PLATFORM,
) -> int:
    """Give these nouns' defaults to the connections that there are; answers how many rhythms were set."""
    moved = 0
    for kind in [integration_type] if integration_type else list(engine.installed):
        streams = engine.platform(kind).connector.streams
        # The children of what was set go along, since whether they are read was decided with it.
        touched = {name for stream in streams for name in stream.nouns
                   if name in nouns or (stream.nouns[0] in nouns)}
        for config in fitting(engine, session, scope, kind):
            if config.noun in touched:
                moved += frequencies.set_everywhere(session, config, [kind])
    return moved


def overridden(one: SyncConfig, default: SyncConfig) -> bool:
    """Whether a connection's rhythm is another than the default."""
    return _plain(one) != _plain(default)


def _plain(one: SyncConfig) -> tuple[SyncConfig, Mapping[str, bool]]:
    allowed = {word: one.may(word) for word in frequencies.OPERATIONS}
    return replace(one, next_run_at=None, access={}), allowed
