"""A connection as companies and invite links show it, odd spots of the published client included.

Under a company the state is ``connection_status`` and ``sync_config`` one object; under an invite link they are
``status`` and a list.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.api.times import ms_text
from entrepot.engine.context import Engine
from entrepot.model.registry import noun
from entrepot.store import frequencies
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


class RateLimits(msgspec.Struct, rename="camel"):
    """What the platform allows. Counters live in the workers, not here: null."""

    max_limits: MaxLimits
    counters: dict[str, int] | None = None
    last_reset: dict[str, str] | None = None


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
    connection_status: str | msgspec.UnsetType = msgspec.UNSET
    """Under a company."""
    status: str | msgspec.UnsetType = msgspec.UNSET
    """Under an invite link."""
    sync_config: SyncConfigShown | list[SyncConfigShown] | None = None


def show(
    engine: Engine, session: Session, one: Connection, *, under_link: bool, fine: bool = False,
) -> ConnectionShown:
    """The connection with its rhythms; reads them. ``fine``: all of them as they are, which v3's client cannot read."""
    configs = [_config(engine, one, config, fine=fine) for config in frequencies.of_connection(session, one.id)]
    installed = engine.installed.get(one.integration_type)
    http = installed.manifest.http if installed else None
    shown = ConnectionShown(
        rootfi_id=one.id, rootfi_created_at=ms_text(one.created_at), rootfi_updated_at=ms_text(one.updated_at),
        integration_type=one.integration_type, category=one.category, sync_status=one.sync_status,
        sync_resume_at=_time(one.sync_resume_at), last_synced=_time(one.last_synced),
        rate_limits=RateLimits(MaxLimits(http.per_minute if http else None, http.concurrent if http else None)),
    )
    if under_link:
        shown.status, shown.sync_config = one.status, configs
    else:
        shown.connection_status, shown.sync_config = one.status, configs if fine else _first(configs)
    return shown


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
