"""A connection as companies, invite links and its own calls show it, odd spots of the published client included.

Under a company the state is ``connection_status`` and ``sync_config`` one object; under an invite link they are
``status`` and a list. v4 shows every rhythm as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.api.times import ms_text
from entrepot.engine.context import Engine
from entrepot.model.registry import noun
from entrepot.store import call_counts, frequencies
from entrepot.store.call_counts import CallCounts
from entrepot.store.connections import Connection
from entrepot.store.frequencies import SyncConfig
from entrepot.store.store import Session

# The published client knows no finer rhythm than a day.
_COARSE = {"MINUTELY": "DAILY", "HOURLY": "DAILY", "NEVER": "DAILY"}


class ScopeAccess(msgspec.Struct, rename="upper"):
    """What may be done with a data model on this connection."""

    read: bool
    create: bool
    update: bool
    delete: bool


class SyncConfigShown(msgspec.Struct):
    """How often a data model is synced."""

    data_model: str
    category: str
    enabled: bool
    frequency: str
    interval: int
    scope_access: ScopeAccess
    sync_from: str | None
    custom_fields: list[str]


class MaxLimits(msgspec.Struct):
    """The platform's budget; null where it sets none."""

    per_minute: int | None
    concurrent_calls: int | None


class CallCounters(msgspec.Struct):
    """Calls to the platform in this day, hour and minute, and the jobs that talk to it at this moment."""

    day: int
    hour: int
    minute: int
    concurrent: int


class LastReset(msgspec.Struct):
    """When this day, hour and minute began (UTC)."""

    day: str
    hour: str
    minute: str


class RateLimits(msgspec.Struct, rename="camel"):
    """What the platform allows, and what was used of it."""

    max_limits: MaxLimits
    counters: CallCounters
    last_reset: LastReset


class ConnectionShown(msgspec.Struct, omit_defaults=False):
    """A company's way into one shop."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    integration_type: str
    category: str
    sync_status: str
    sync_resume_at: str | None
    last_synced: str | None
    rate_limits: RateLimits
    tally_last_active_at: str | None = None
    zoho_sub_calls_enabled: bool = False
    rootfi_company_id: int | msgspec.UnsetType = msgspec.UNSET
    """v4"""
    connection_status: str | msgspec.UnsetType = msgspec.UNSET
    """Under a company, and of the connection alone."""
    status: str | msgspec.UnsetType = msgspec.UNSET
    """Under an invite link."""
    status_reason: str | msgspec.UnsetType | None = msgspec.UNSET
    """v4: why it is not healthy, for people."""
    sync_config: SyncConfigShown | list[SyncConfigShown] | None = None


def show(
    engine: Engine, session: Session, some: Sequence[Connection], version: str, *, under_link: bool = False,
) -> list[ConnectionShown]:
    """Connections with their rhythms and counted calls; reads both."""
    counted = call_counts.of_connections(session, [one.id for one in some])
    return [_show(engine, session, one, counted[one.id], version, under_link=under_link) for one in some]


def _show(
    engine: Engine, session: Session, one: Connection, counted: CallCounts, version: str, *, under_link: bool,
) -> ConnectionShown:
    fine = version == "v4"
    configs = [_config(engine, one, config, fine=fine) for config in frequencies.of_connection(session, one.id)]
    shown = ConnectionShown(
        rootfi_id=one.id, rootfi_created_at=ms_text(one.created_at), rootfi_updated_at=ms_text(one.updated_at),
        integration_type=one.integration_type, category=one.category, sync_status=one.sync_status,
        sync_resume_at=_time(one.sync_resume_at), last_synced=_time(one.last_synced),
        rate_limits=_limits(engine, one, counted),
    )
    if under_link:
        shown.status, shown.sync_config = one.status, configs
    else:
        shown.connection_status, shown.sync_config = one.status, configs if fine else _first(configs)
    if fine:
        shown.rootfi_company_id, shown.status_reason = one.company_id, one.status_reason
    return shown


def _limits(engine: Engine, one: Connection, counted: CallCounts) -> RateLimits:
    installed = engine.installed.get(one.integration_type)
    http = installed.manifest.http if installed else None
    return RateLimits(
        MaxLimits(http.per_minute if http else None, http.concurrent if http else None),
        CallCounters(counted.day, counted.hour, counted.minute, counted.concurrent),
        LastReset(ms_text(counted.day_at), ms_text(counted.hour_at), ms_text(counted.minute_at)))


def _first(configs: Sequence[SyncConfigShown]) -> SyncConfigShown | None:
    """The client types one object where a connection has one rhythm per data model: the orders' stands for all."""
    return next((one for one in configs if one.data_model == "ECOMMERCE_ORDERS"), configs[0] if configs else None)


def _config(engine: Engine, connection: Connection, config: SyncConfig, *, fine: bool) -> SyncConfigShown:
    declared = noun(config.noun)
    installed = engine.installed.get(connection.integration_type)
    can = {kind: bool(installed and installed.connector.action(config.noun, kind)) and config.may(kind.upper())
           for kind in ("create", "update")}
    return SyncConfigShown(
        data_model=declared.data_model, category=declared.category,
        enabled=config.enabled and config.frequency != "NEVER",
        frequency=config.frequency if fine else _COARSE.get(config.frequency, config.frequency),
        interval=config.interval if fine or config.frequency not in _COARSE else 1,
        scope_access=ScopeAccess(read=config.may("READ"), create=can["create"], update=can["update"], delete=False),
        sync_from=config.sync_from, custom_fields=[],
    )


def _time(ms: int | None) -> str | None:
    return None if ms is None else ms_text(ms)
