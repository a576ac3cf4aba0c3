"""The web application: one Litestar handler per endpoint, made in a loop."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from litestar import Litestar, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from entrepot.api import data, failures, idempotency, metrics, openapi
from entrepot.api.auth import Door, check_scope
from entrepot.api.core import (
    api_keys,
    companies,
    connections,
    erasures,
    health,
    integrations,
    invite_links,
    passthrough,
    real_time,
    sync_config,
    syncs,
    webhook_logs,
    webhooks,
)
from entrepot.api.endpoint import Call, Endpoint
from entrepot.api.failures import JSON, AnyRequest
from entrepot.api.outermost import Outermost
from entrepot.api.rate_limit import RateLimits
from entrepot.api.reference import serving as reference
from entrepot.api.trace import NAME, Trace
from entrepot.engine.context import Engine
from entrepot.errors import ApiError, PlatformFault, not_found
from entrepot.store.scope import SYSTEM
from entrepot.store.store import OutOfScope

MAX_BODY = 10 * 1024 * 1024
"""Bytes; a thousand large orders are about four megabytes."""
VERSIONS = ("v3", "v4")
CORE = (invite_links, companies, connections, syncs, sync_config, passthrough, real_time, webhooks, webhook_logs,
        api_keys, integrations, erasures)
"""Each has ``endpoints(engine, version)``."""


def create_api(engine: Engine) -> ASGIApp:
    """The application that ``serve`` and ``demo`` run."""
    door = Door(engine)
    limits = RateLimits(engine.settings.rate_limit)
    requests = metrics.Requests()
    endpoints = all_endpoints(engine)
    documents = [openapi.endpoint(version, of_version(endpoints, version)) for version in VERSIONS]
    inner = Litestar(
        # OPTIONS first: it is made up for a path that has none when another handler comes.
        route_handlers=[*_options((*endpoints, *documents)),
                        *(_handler(engine, one, door, limits) for one in (*endpoints, *documents)),
                        *reference.handlers(), metrics.handler(engine, requests)],
        exception_handlers={
            ApiError: failures.on_api_error, PlatformFault: failures.on_platform_fault,
            OutOfScope: failures.on_out_of_scope, HTTPException: failures.on_framework,
            Exception: failures.on_crash,
        },
        openapi_config=None, logging_config=None, debug=False, request_max_body_size=MAX_BODY,
    )
    return Outermost(inner, requests)


def of_version(endpoints: list[Endpoint], version: str) -> list[Endpoint]:
    """A version's calls, and those that belong to none."""
    others = tuple(f"/{other}/" for other in VERSIONS if other != version)
    return [one for one in endpoints if not one.path.startswith(others)]


def all_endpoints(engine: Engine) -> list[Endpoint]:
    """Every call, both versions."""
    found: list[Endpoint] = [*health.endpoints(engine)]
    for version in VERSIONS:
        for part in CORE:
            found += part.endpoints(engine, version)
        found += data.endpoints(engine, version)
    return found


def _handler(engine: Engine, one: Endpoint, door: Door, limits: RateLimits) -> HTTPRouteHandler:
    names = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    needs, work, reads_body = one.needs, one.work, one.method != "GET"

    async def handle(request: AnyRequest) -> ASGIApp:
        scope, key = SYSTEM, None
        trace: Trace = request.scope[NAME]  # type: ignore[literal-required]
        trace.route = one.path
        if needs is not None:
            key = await door.caller(request.scope["headers"])
            limits.take(key, trace)
            check_scope(key, needs)
            scope = key.scope
        body = b""
        if reads_body:
            check_media_type(request)
            body = await request.body()
        path = {name: str(request.path_params[name]) for name in names} if names else {}
        if "id" in path:
            path["id"] = ident_of(request, one.path.removesuffix("{id}")) or path["id"].removeprefix("/")
        if any("\x00" in ident for ident in path.values()):
            # No database text can hold it, so nothing can be called that.
            raise not_found("record", next(iter(path.values())).replace("\x00", "\N{REPLACEMENT CHARACTER}"))
        once = idempotency.key_of(request.scope["headers"]) if reads_body else None
        call = Call(scope, path, request.scope["query_string"], body, trace, one.method, request.scope["path"], key,
                    once)
        return await (work(call) if once is None else idempotency.once(engine, call, work))

    # The framework would say 204 of a DELETE; the status is the reply's.
    return HTTPRouteHandler(_route(one), http_method=one.method, name=f"{one.method} {one.path}",
                            status_code=200)(handle)


def _route(one: Endpoint) -> str:
    # Platforms have ids with slashes in them (gid://shop/Order/1), which arrive decoded.
    return one.path.replace("{id}", "{id:path}") if one.path.endswith("/{id}") else one.path.replace("}", ":str}")


def _options(endpoints: Iterable[Endpoint]) -> list[HTTPRouteHandler]:
    """OPTIONS of every path; the framework's own answer knows only one of its methods."""
    known: dict[str, set[str]] = {}
    for one in endpoints:
        known.setdefault(_route(one), {"OPTIONS"}).add(one.method)
    return [_allowing(route, ", ".join(sorted(methods))) for route, methods in known.items()]


def _allowing(route: str, methods: str) -> HTTPRouteHandler:
    async def handle() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": methods})

    return HTTPRouteHandler(route, http_method="OPTIONS", name=f"OPTIONS {route}", status_code=204)(handle)


def ident_of(request: AnyRequest, place: str) -> str | None:
    """The id at the end of a path, as it was sent: the framework takes ``//`` for ``/``, and in an id it is none."""
    raw = request.scope["raw_path"].decode("latin-1")
    return unquote(raw.removeprefix(place)).removesuffix("/") if raw.startswith(place) else None


def check_media_type(request: AnyRequest) -> None:
    """415 for a body that says it is something else than JSON; saying nothing is fine."""
    said = request.headers.get("content-type", "")
    kind = said.partition(";")[0].strip().lower()
    if kind and kind != JSON and not kind.endswith("+json"):
        raise ApiError(415, "unsupported-media-type", "Send the body as JSON, and the header "
                       "content-type: application/json.")
