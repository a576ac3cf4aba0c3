"""Syncs and their jobs: ask for one, watch it, see what it counted, stop it, and do again what failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType

import msgspec

from entrepot.api.core import sync_v3, sync_v4
from entrepot.api.core.bodies import read
from entrepot.api.core.pages import LIMIT, NEXT, PREV, Page, edge, read_page, words
from entrepot.api.core.sync_examples import JOB, SYNC
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply, Work
from entrepot.api.examples import INTEGRATION
from entrepot.api.idempotency import effect
from entrepot.engine.cancel import cancel
from entrepot.engine.context import Engine
from entrepot.engine.retry import retry
from entrepot.engine.sync import Asked, ask
from entrepot.errors import invalid_params, not_found
from entrepot.store import syncs
from entrepot.store.store import Session
from entrepot.store.syncs import FINISHED, OPEN, Sync, SyncJob, Wanted

_SHAPES: Mapping[str, ModuleType] = {"v3": sync_v3, "v4": sync_v4}
_COMPANY = ("rootfi_company_id", "rootfi_company_id[eq]", "company_id")
_KNOWN = {"v3": frozenset({"prev", *_COMPANY}),
          "v4": frozenset({"prev", *_COMPANY, "status", "connection_id", "integration_type", "job_type"})}
_JOB_TYPES = {"PULL": False, "PUSH": True}

SYNC_ID = Parameter("sync_id", "The sync's id.", {"type": "string"}, "path", required=True)
JOB_ID = Parameter("job_id", "The job's rootfi_id.", {"type": "integer"}, "path", required=True)
COMPANY = Parameter("rootfi_company_id", "Only this company's syncs.", {"type": "integer"})
FILTERS = (
    Parameter("status", "Only syncs in one of these states (comma list): CREATED, RUNNING, SUCCESS, FAILED, CANCELED.",
              {"type": "string"}),
    Parameter("connection_id", "Only syncs of this connection.", {"type": "integer"}),
    Parameter("integration_type", "Only syncs of this kind of shop.", {"type": "string"}),
    Parameter("job_type", "`PULL`: reads only; `PUSH`: writes only.", {"type": "string", "enum": list(_JOB_TYPES)}),
)


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    path, shape = f"/{version}/core/syncs", _SHAPES[version]
    example = {"company_id": 42, "integration_type": INTEGRATION,
               "full_sync": False, "data_models_to_sync": ["ECOMMERCE_ORDERS", "ECOMMERCE_CUSTOMERS"]}
    filters = FILTERS if version == "v4" else ()
    one, job = (msgspec.to_builtins(shape.sync(SYNC, [JOB])), msgspec.to_builtins(shape.job(JOB)))
    a_sync, a_job, ends = {"data": one}, {"data": job}, {"next": None, "prev": None}
    found = [
        Endpoint("POST", path, "createSync", "Ask for a sync", "syncs", "write", _creating(engine, shape),
                 shape.OneSync, body=shape.SyncBody, body_example=example, answer_example=a_sync),
        Endpoint("GET", path, "listSyncs", "List syncs, newest first", "syncs", "read",
                 _listing(engine, version), shape.SyncList, parameters=(LIMIT, NEXT, PREV, COMPANY, *filters),
                 answer_example={"data": [one], **ends}),
        Endpoint("GET", f"{path}/{{sync_id}}", "getSync", "Read a sync", "syncs", "read", _reading(
            engine, lambda session, call, _: _one(session, shape, _get(session, call.path["sync_id"]))),
                 shape.OneSync, parameters=(SYNC_ID,), answer_example=a_sync),
        Endpoint("GET", f"{path}/{{sync_id}}/jobs", "listSyncJobs", "List a sync's jobs", "syncs", "read", _reading(
            engine, lambda session, call, page: _jobs(session, shape, call.path["sync_id"], page)), shape.JobList,
                 parameters=(LIMIT, NEXT, PREV, SYNC_ID), answer_example={"data": [job], **ends}),
        Endpoint("GET", f"{path}/jobs/{{job_id}}", "getSyncJob", "Read a job", "syncs", "read", _reading(
            engine, lambda session, call, _: shape.OneJob(shape.job(_get_job(session, call.path["job_id"])))),
                 shape.OneJob, parameters=(JOB_ID,), answer_example=a_job),
    ]
    if version == "v4":
        found += [
            Endpoint("POST", f"{path}/{{sync_id}}/cancel", "cancelSync", "Stop a sync; what it stored stays", "syncs",
                     "write", _canceling(engine), sync_v4.OneSync, parameters=(SYNC_ID,), answer_example=a_sync),
            Endpoint("POST", f"{path}/{{sync_id}}/retry", "retrySync", "Do again what failed or was canceled", "syncs",
                     "write", _retrying(engine), sync_v4.OneSync, parameters=(SYNC_ID,), answer_example=a_sync),
        ]
    return found


def _creating(engine: Engine, shape: ModuleType) -> Work:
    async def work(call: Call) -> Reply:
        body: sync_v3.SyncBody | sync_v4.SyncBody = read(call.body, shape.SyncBody)
        models = body.models()
        asked = Asked(
            body.company_id, body.connection_id, body.integration_type or None, [model for model, _ in models],
            body.full_sync, body.sync_from, {model: begin for model, begin in models if begin})

        def create(session: Session) -> Reply:
            return _reply(_one(session, shape, _get(session, ask(engine, session, asked))))

        return await effect(engine, call, create)

    return work


def _canceling(engine: Engine) -> Work:
    async def work(call: Call) -> Reply:
        def stop(session: Session) -> Reply:
            found = _get(session, call.path["sync_id"])
            cancel(session, found)
            return _reply(_one(session, sync_v4, _get(session, found.sync_id)))

        return await effect(engine, call, stop)

    return work


def _retrying(engine: Engine) -> Work:
    async def work(call: Call) -> Reply:
        def again(session: Session) -> Reply:
            made = retry(engine, session, _get(session, call.path["sync_id"]))
            return _reply(_one(session, sync_v4, _get(session, made)))

        return await effect(engine, call, again)

    return work


def _listing(engine: Engine, version: str) -> Work:
    async def work(call: Call) -> Reply:
        page = read_page(call.query, _KNOWN[version])
        wanted = _wanted(page.plain)
        return _reply(await engine.store.reading(
            call.scope, lambda session: _listed(session, _SHAPES[version], page, wanted)))

    return work


def _reading(engine: Engine, shown: Callable[[Session, Call, Page], msgspec.Struct]) -> Work:
    """One thing by its path. Limit and cursors are accepted everywhere, and mean something where there is a list."""

    async def work(call: Call) -> Reply:
        page = read_page(call.query, frozenset({"prev"}))
        return _reply(await engine.store.reading(call.scope, lambda session: shown(session, call, page)))

    return work


def _reply(answer: msgspec.Struct) -> Reply:
    return Reply(msgspec.json.encode(answer))


def _wanted(plain: Mapping[str, str]) -> Wanted:
    company = next((plain[name] for name in _COMPANY if plain.get(name)), "")
    kind = plain.get("job_type", "")
    if kind and kind not in _JOB_TYPES:
        raise invalid_params("job_type", f"Send {' or '.join(_JOB_TYPES)}.")
    return Wanted(
        company_id=_number("rootfi_company_id", company), connection_id=_number(
            "connection_id", plain.get("connection_id", "")),
        integration_type=plain.get("integration_type") or None,
        statuses=words(plain, "status", frozenset((*OPEN, *FINISHED))) or None, pushes=_JOB_TYPES.get(kind))


def _number(name: str, text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise invalid_params(name, "It must be a positive whole number.")
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


def _one(session: Session, shape: ModuleType, one: Sync) -> msgspec.Struct:
    shown: msgspec.Struct = shape.OneSync(shape.sync(one, syncs.jobs_of(session, one.id)))
    return shown


def _listed(session: Session, shape: ModuleType, page: Page, wanted: Wanted) -> msgspec.Struct:
    found = syncs.listed(session, wanted, after=page.next, before=page.prev, limit=page.limit + 1)
    more = len(found) > page.limit
    backwards = page.prev is not None
    found = found[-page.limit:] if backwards else found[: page.limit]
    jobs = syncs.jobs_of_some(session, [one.id for one in found]) if shape is sync_v4 else {}
    answer: msgspec.Struct = shape.SyncList(
        [shape.sync(one, jobs.get(one.id, ())) for one in found],
        next=edge(found[-1].id) if found and (more or backwards) else None,
        prev=edge(found[0].id) if found and (page.next is not None or (backwards and more)) else None,
    )
    return answer


def _jobs(session: Session, shape: ModuleType, sync_id: str, page: Page) -> msgspec.Struct:
    """A sync has a handful of jobs, so that a page is cut out of all of them."""
    found = syncs.jobs_of(session, _get(session, sync_id).id)
    if page.prev is not None:
        some = [one for one in found if one.id < page.prev][-page.limit:]
    else:
        some = [one for one in found if one.id > (page.next or 0)][: page.limit]
    answer: msgspec.Struct = shape.JobList(
        [shape.job(one) for one in some],
        next=edge(some[-1].id) if some and some[-1].id != found[-1].id else None,
        prev=edge(some[0].id) if some and some[0].id != found[0].id else None,
    )
    return answer
