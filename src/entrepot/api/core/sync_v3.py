"""Syncs and jobs as the published client declares them: nothing that it requires is null, and no word is new to it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.api.core.bodies import Ident
from entrepot.api.core.sync_words import config_id, priority, time_or
from entrepot.api.times import ms_text
from entrepot.model.registry import noun
from entrepot.store.syncs import Sync, SyncJob

_STATUSES = {"CANCELED": "FAILED"}


class SyncBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which data models of which shop; no models named: all that the platform offers. ``sync_from`` is an ISO date or
    date-time: nothing created before it is read."""

    company_id: Ident
    integration_type: str | None = None
    full_sync: bool = False
    data_models_to_sync: list[str] = []
    connection_id: Ident | None = None
    sync_from: str | None = None

    def models(self) -> list[tuple[str, str | None]]:
        """Data models, and from when on each is wanted where that was said of it alone."""
        return [(model, None) for model in self.data_models_to_sync]


class SyncShown(msgspec.Struct):
    """A sync, or (``config_mode`` CREATE and UPDATE) a write. Times that are not known yet are empty; the counts are of
    its jobs."""

    rootfi_id: int
    rootfi_company_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    start_time: str
    end_time: str
    integration_type: str
    connection_id: int
    full_sync: bool
    sync_type: str
    config_mode: str
    sync_data_models: list[str]
    sync_id: str
    total_count: int
    success_count: int
    failed_count: int
    running_count: int
    pending_count: int
    status: str
    """CREATED RUNNING SUCCESS FAILED."""


class JobShown(msgspec.Struct):
    """What a sync does for one data model, with what it counted so far. ``error`` is empty where there is none."""

    rootfi_id: int
    rootfi_company_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    start_time: str
    end_time: str
    integration_type: str
    status: str
    """CREATED RUNNING SUCCESS FAILED."""
    data_model: str
    config_mode: str
    sync_id: str
    retry_count: int
    priority: int
    variables: dict[str, str]
    error: dict[str, str]
    config_id: str
    job_type: str
    response_length: int
    """Records that the platform sent."""
    response_size: int
    """Bytes that it sent."""
    rate_limit_sleep_time: int
    """Milliseconds that its limits made us wait."""
    announced: int | None
    """Records that the platform said there are; null where it does not say."""
    fetched: int
    stored: int
    changed: int
    same: int
    set_aside: int
    deleted: int


class OneSync(msgspec.Struct):
    """One sync."""

    data: SyncShown


class SyncList(msgspec.Struct):
    """A page of syncs, newest first."""

    data: list[SyncShown]
    next: str | None
    prev: str | None


class OneJob(msgspec.Struct):
    """One job."""

    data: JobShown


class JobList(msgspec.Struct):
    """A page of a sync's jobs, in the order in which they run."""

    data: list[JobShown]
    next: str | None
    prev: str | None


def sync(one: Sync, jobs: Sequence[SyncJob]) -> SyncShown:
    """A sync as the client knows it."""
    counts = one.counts
    return SyncShown(
        rootfi_id=one.id, rootfi_company_id=one.company_id, rootfi_created_at=ms_text(one.created_at),
        rootfi_updated_at=ms_text(one.updated_at), start_time=time_or(one.started_at, ""),
        end_time=time_or(one.ended_at, ""), integration_type=one.integration_type, connection_id=one.connection_id,
        full_sync=one.full_sync, sync_type=one.sync_type, config_mode=one.config_mode,
        sync_data_models=one.data_models, sync_id=one.sync_id, total_count=sum(counts.values()),
        success_count=counts.get("SUCCESS", 0), failed_count=counts.get("FAILED", 0) + counts.get("CANCELED", 0),
        running_count=counts.get("RUNNING", 0), pending_count=counts.get("CREATED", 0),
        status=_STATUSES.get(one.status, one.status),
    )


def job(one: SyncJob) -> JobShown:
    """A job as the client knows it."""
    return JobShown(
        rootfi_id=one.id, rootfi_company_id=one.company_id, rootfi_created_at=ms_text(one.created_at),
        rootfi_updated_at=ms_text(one.updated_at), start_time=time_or(one.started_at, ""),
        end_time=time_or(one.ended_at, ""), integration_type=one.integration_type,
        status=_STATUSES.get(one.status, one.status), data_model=noun(one.noun).data_model,
        config_mode=one.config_mode, sync_id=one.sync_id, retry_count=one.retries, priority=priority(one),
        variables={}, error=_error(one.error), config_id=config_id(one), job_type=one.job_type,
        response_length=one.fetched, response_size=one.bytes_in, rate_limit_sleep_time=one.throttled_ms,
        announced=one.announced, fetched=one.fetched, stored=one.stored, changed=one.changed, same=one.same,
        set_aside=one.set_aside, deleted=one.deleted,
    )


def _error(text: str | None) -> dict[str, str]:
    """Texts only."""
    found = msgspec.json.decode(text, type=dict[str, str | None]) if text else {}
    return {name: value for name, value in found.items() if value is not None}
