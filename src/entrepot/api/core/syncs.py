"""Syncs and their jobs: ask for one, watch it, and see what it counted."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from entrepot.api.core.bodies import read
from entrepot.api.core.pages import LIMIT, NEXT, PREV, Page, edge, read_page
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply, Work
from entrepot.api.times import ms_text
from entrepot.engine.context import Engine
from entrepot.engine.sync import request_sync
from entrepot.errors import invalid_params, not_found
from entrepot.model.registry import noun
from entrepot.store import syncs
from entrepot.store.store import Session
from entrepot.store.syncs import Sync, SyncJob


class SyncBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which data models of which shop; no models named: all that the platform offers."""

    company_id: int
    integration_type: str | None = None
    full_sync: bool = False
    data_models_to_sync: list[str] = []
    connection_id: int | None = None


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
    sync_id: str
    total_count: int
    success_count: int
    failed_count: int
    running_count: int
    pending_count: int
    status: str


class JobError(msgspec.Struct):
    """Why a job failed."""

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
    status: str
    data_model: str
    config_mode: str
    sync_id: str
    parent_job_id: int | None
    retry_count: int
    priority: int | None
    variables: dict[str, str]
    error: JobError | None
    config_id: int | None
    job_type: str
    response_length: int
    """Records that the platform sent."""
    response_size: int
    """Bytes that it sent."""
    rate_limit_sleep_time: int
    """Milliseconds that its limits made us wait."""
    announced: int | None
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
    """All jobs of a sync."""

    data: list[JobShown]
    next: str | None = None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The five calls of one version."""
    path = f"/{version}/core/syncs"
    sync_id = Parameter("sync_id", "The sync's id.", {"type": "string"}, "path", required=True)
    job_id = Parameter("job_id", "The job's rootfi_id.", {"type": "integer"}, "path", required=True)
    company = Parameter("rootfi_company_id", "Only this company's syncs.", {"type": "integer"})
    example = {"company_id": 42, "integration_type": next(iter(engine.installed), "INTEGRATION_TYPE"),
               "full_sync": False, "data_models_to_sync": ["ECOMMERCE_ORDERS", "ECOMMERCE_CUSTOMERS"]}
    return [
        Endpoint("POST", path, "createSync", "Ask for a sync", "syncs", "write", _creating(engine), OneSync,
                 body=SyncBody, body_example=example),
        Endpoint("GET", path, "listSyncs", "List syncs, newest first", "syncs", "read", _listing(engine), SyncList,
                 parameters=(LIMIT, NEXT, PREV, company)),
        Endpoint("GET", f"{path}/{{sync_id}}", "getSync", "Read a sync", "syncs", "read", _reading(
            engine, lambda session, call: OneSync(_shown(_get(session, call.path["sync_id"])))), OneSync,
                 parameters=(sync_id,)),
        Endpoint("GET", f"{path}/{{sync_id}}/jobs", "listSyncJobs", "List a sync's jobs", "syncs", "read", _reading(
            engine, lambda session, call: JobList(
                [_job(found) for found in syncs.jobs_of(session, _get(session, call.path["sync_id"]).id)])), JobList,
                 parameters=(sync_id,)),
        Endpoint("GET", f"{path}/jobs/{{job_id}}", "getSyncJob", "Read a job", "syncs", "read", _reading(
            engine, lambda session, call: OneJob(_job(_get_job(session, call.path["job_id"])))), OneJob,
                 parameters=(job_id,)),
    ]


def _creating(engine: Engine) -> Work:
    async def work(call: Call) -> Reply:
        body = read(call.body, SyncBody)
        sync_id = await request_sync(
            engine, call.scope, body.company_id, connection_id=body.connection_id,
            integration_type=body.integration_type or None, data_models=body.data_models_to_sync, full=body.full_sync)
        answer = await engine.store.reading(call.scope, lambda session: OneSync(_shown(_get(session, sync_id))))
        return Reply(msgspec.json.encode(answer))

    return work


def _listing(engine: Engine) -> Work:
    async def work(call: Call) -> Reply:
        page = read_page(call.query, frozenset({"prev", "rootfi_company_id", "company_id", "rootfi_company_id[eq]"}))
        company = _company(page)
        answer = await engine.store.reading(call.scope, lambda session: _listed(session, page, company))
        return Reply(msgspec.json.encode(answer))

    return work


def _reading(engine: Engine, shown: Callable[[Session, Call], msgspec.Struct]) -> Work:
    """One thing by its path; limit and cursors are accepted, since a sync's jobs fit into one page."""

    async def work(call: Call) -> Reply:
        read_page(call.query, frozenset({"prev"}))
        answer = await engine.store.reading(call.scope, lambda session: shown(session, call))
        return Reply(msgspec.json.encode(answer))

    return work


def _company(page: Page) -> int | None:
    names = ("rootfi_company_id", "rootfi_company_id[eq]", "company_id")
    text = next((page.plain[name] for name in names if page.plain.get(name)), "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise invalid_params("rootfi_company_id", "It must be a positive whole number.")
    return int(text) if text else None


def _get(session: Session, sync_id: str) -> Sync:
    found = syncs.get(session, sync_id)
    if found is None:
        raise not_found("sync", sync_id)
    return found


def _get_job(session: Session, ident: str) -> SyncJob:
    number = int(ident) if ident.isascii() and ident.isdigit() and len(ident) < 16 else 0
    found = syncs.job(session, number)
    if found is None:
        raise not_found("job", ident)
    return found


def _listed(session: Session, page: Page, company: int | None) -> SyncList:
    found = syncs.listed(session, company, after=page.next, before=page.prev, limit=page.limit + 1)
    more = len(found) > page.limit
    backwards = page.prev is not None
    found = found[-page.limit:] if backwards else found[: page.limit]
    if not found:
        return SyncList([], None, None)
    return SyncList(
        [_shown(one) for one in found],
        next=edge(found[-1].id) if more or backwards else None,
        prev=edge(found[0].id) if page.next is not None or (backwards and more) else None,
    )


def _shown(one: Sync) -> SyncShown:
    counts = one.counts
    return SyncShown(
        rootfi_id=one.id, rootfi_company_id=one.company_id, rootfi_created_at=ms_text(one.created_at),
        rootfi_updated_at=ms_text(one.updated_at), start_time=_time(one.started_at), end_time=_time(one.ended_at),
        integration_type=one.integration_type, connection_id=one.connection_id, full_sync=one.full_sync,
        sync_type=one.sync_type, config_mode=one.config_mode, sync_data_models=one.data_models, sync_id=one.sync_id,
        total_count=sum(counts.values()), success_count=counts.get("SUCCESS", 0),
        failed_count=counts.get("FAILED", 0), running_count=counts.get("RUNNING", 0),
        pending_count=counts.get("CREATED", 0), status=one.status,
    )


def _job(one: SyncJob) -> JobShown:
    return JobShown(
        rootfi_id=one.id, rootfi_company_id=one.company_id, rootfi_created_at=ms_text(one.created_at),
        rootfi_updated_at=ms_text(one.updated_at), start_time=_time(one.started_at), end_time=_time(one.ended_at),
        integration_type=one.integration_type, status=one.status, data_model=noun(one.noun).data_model,
        config_mode=one.config_mode, sync_id=one.sync_id, parent_job_id=None, retry_count=one.retries, priority=None,
        variables={}, error=msgspec.json.decode(one.error, type=JobError) if one.error else None, config_id=None,
        job_type=one.job_type, response_length=one.fetched, response_size=one.bytes_in,
        rate_limit_sleep_time=one.throttled_ms, announced=one.announced, fetched=one.fetched, stored=one.stored,
        changed=one.changed, same=one.same, set_aside=one.set_aside, deleted=one.deleted,
    )


def _time(ms: int | None) -> str | None:
    return None if ms is None else ms_text(ms)
