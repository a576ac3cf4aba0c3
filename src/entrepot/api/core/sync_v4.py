"""Syncs and jobs as they are: null for what is not known, CANCELED, and how far a sync has come."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.api.core.bodies import Ident
from entrepot.api.core.progress import Progress, progress_of
from entrepot.api.core.sync_words import config_id, priority, time_or
from entrepot.api.times import ms_text
from entrepot.clock import now_ms
from entrepot.model.registry import noun
from entrepot.store.syncs import Sync, SyncJob


class ModelFrom(msgspec.Struct, forbid_unknown_fields=True):
    """A data model, and the ISO date or date-time before which nothing of it is read."""

    data_model: str
    sync_from: str | None = None


class SyncBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which data models of which shop; no models named: all that the platform offers and that may be read.

    A data model is its name, or an object that names it and its own ``sync_from``. ``sync_from`` is an ISO date or
    date-time: nothing created before it is read. Not sent, the rhythm's own holds.
    """

    company_id: Ident
    integration_type: str | None = None
    full_sync: bool = False
    data_models_to_sync: list[str | ModelFrom] = []
    connection_id: Ident | None = None
    sync_from: str | None = None

    def models(self) -> list[tuple[str, str | None]]:
        """Data models, and from when on each is wanted where that was said of it alone."""
        return [(one, None) if isinstance(one, str) else (one.data_model, one.sync_from)
                for one in self.data_models_to_sync]


class SyncShown(msgspec.Struct):
    """A sync, or (``config_mode`` CREATE and UPDATE) a write. The counts are of its jobs."""

    rootfi_id: int
    rootfi_company_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    start_time: str | None
    end_time: str | None
    integration_type: str
    connection_id: int
    full_sync: bool
    sync_type: str
    config_mode: str
    sync_data_models: list[str]
    sync_from: str | None
    """The earliest creation that is read; null: all."""
    sync_id: str
    total_count: int
    success_count: int
    failed_count: int
    canceled_count: int
    running_count: int
    pending_count: int
    status: str
    """CREATED RUNNING SUCCESS FAILED CANCELED."""
    progress: Progress


class JobError(msgspec.Struct):
    """Why a job failed, waits, or what its owner should know of a good end."""

    code: str = ""
    message: str = ""
    field: str | None = None
    """Of a write: the field to blame, in the words of the unified model."""
    platform_error: str | None = None


class JobShown(msgspec.Struct):
    """What a sync does for one data model, with what it counted so far."""

    rootfi_id: int
    rootfi_company_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    start_time: str | None
    end_time: str | None
    integration_type: str
    connection_id: int
    status: str
    """CREATED RUNNING SUCCESS FAILED CANCELED."""
    data_model: str
    config_mode: str
    sync_id: str
    sync_from: str | None
    parent_job_id: int | None
    retry_count: int
    priority: int
    variables: dict[str, str]
    error: JobError | None
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
    pages: int
    """This and what follows is counted at the first data model of those that come in one read."""
    calls: int
    bytes: int
    throttled_ms: int
    retries: int


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
    """A sync with its progress."""
    counts = one.counts
    return SyncShown(
        rootfi_id=one.id, rootfi_company_id=one.company_id, rootfi_created_at=ms_text(one.created_at),
        rootfi_updated_at=ms_text(one.updated_at), start_time=time_or(one.started_at, None),
        end_time=time_or(one.ended_at, None), integration_type=one.integration_type, connection_id=one.connection_id,
        full_sync=one.full_sync, sync_type=one.sync_type, config_mode=one.config_mode,
        sync_data_models=one.data_models, sync_from=one.sync_from, sync_id=one.sync_id,
        total_count=sum(counts.values()), success_count=counts.get("SUCCESS", 0),
        failed_count=counts.get("FAILED", 0), canceled_count=counts.get("CANCELED", 0),
        running_count=counts.get("RUNNING", 0), pending_count=counts.get("CREATED", 0), status=one.status,
        progress=progress_of(one, jobs, now_ms()),
    )


def job(one: SyncJob) -> JobShown:
    """A job with all that was counted."""
    return JobShown(
        rootfi_id=one.id, rootfi_company_id=one.company_id, rootfi_created_at=ms_text(one.created_at),
        rootfi_updated_at=ms_text(one.updated_at), start_time=time_or(one.started_at, None),
        end_time=time_or(one.ended_at, None), integration_type=one.integration_type, connection_id=one.connection_id,
        status=one.status, data_model=noun(one.noun).data_model, config_mode=one.config_mode, sync_id=one.sync_id,
        sync_from=one.sync_from, parent_job_id=None, retry_count=one.retries, priority=priority(one), variables={},
        error=msgspec.json.decode(one.error, type=JobError) if one.error else None, config_id=config_id(one),
        job_type=one.job_type, response_length=one.fetched, response_size=one.bytes_in,
        rate_limit_sleep_time=one.throttled_ms, announced=one.announced, fetched=one.fetched, stored=one.stored,
        changed=one.changed, same=one.same, set_aside=one.set_aside, deleted=one.deleted, pages=one.pages,
        calls=one.calls, bytes=one.bytes_in, throttled_ms=one.throttled_ms, retries=one.retries,
    )
