"""What both versions say of a sync in the same words."""

from __future__ import annotations

from typing import TypeVar

from entrepot.api.times import ms_text
from entrepot.engine.sync import SYNC_PRIORITY
from entrepot.engine.write import WRITE_PRIORITY
from entrepot.model.registry import noun
from entrepot.store.syncs import SyncJob

T = TypeVar("T", str, None)


def time_or(ms: int | None, unknown: T) -> str | T:
    """A time as text, or what stands for one that is not known yet."""
    return unknown if ms is None else ms_text(ms)


def priority(one: SyncJob) -> int:
    """Smaller first: writes before reads."""
    return WRITE_PRIORITY if one.job_type == "PUSH" else SYNC_PRIORITY


def config_id(one: SyncJob) -> str:
    """The rhythm that it belongs to: one for each connection and data model."""
    return f"{one.connection_id}_{noun(one.noun).data_model}"
