"""GET /healthz and GET /readyz, for supervisors and load balancers, so no key is asked for.

/healthz: the process answers and reaches its database. /readyz: it can do its work too; send it requests.
"""

from __future__ import annotations

import msgspec
import structlog

from entrepot import __version__
from entrepot.api.endpoint import Call, Endpoint, Reply
from entrepot.api.times import ms_text
from entrepot.engine import ready
from entrepot.engine.context import Engine
from entrepot.errors import ApiError
from entrepot.store.scope import SYSTEM

log = structlog.get_logger()
_ENCODE = msgspec.json.Encoder().encode


class Health(msgspec.Struct):
    """All is well."""

    status: str
    database: str
    version: str


class WorkerSeen(msgspec.Struct):
    """When a worker of the installation was seen last; ``lately``: within three minutes."""

    lately: bool
    seen_at: str | None


class Readiness(msgspec.Struct):
    """Requests are welcome. Without a worker they are answered all the same; syncs and asynchronous writes wait."""

    status: str
    database: str
    tables: str | None
    version: str
    worker: WorkerSeen


def endpoints(engine: Engine) -> list[Endpoint]:
    """Both calls."""
    return [_health(engine), _ready(engine)]


def _health(engine: Engine) -> Endpoint:
    async def work(call: Call) -> Reply:
        try:
            await engine.store.reading(SYSTEM, lambda session: session.unscoped("SELECT 1"))
        except Exception as problem:
            log.exception("health.database")
            raise _unreachable() from problem
        return Reply(_ENCODE(Health("ok", engine.store.dialect, __version__)))

    return Endpoint("GET", "/healthz", "health", "Whether the server and its database are well", "health", None, work,
                    Health, answer_example={"status": "ok", "database": "postgresql", "version": "1.0.0"},
                    errors=(503,))


def _ready(engine: Engine) -> Endpoint:
    async def work(call: Call) -> Reply:
        try:
            found = await ready.look(engine)
        except Exception as problem:
            log.exception("ready.database")
            raise _unreachable() from problem
        if not found.current:
            raise ApiError(503, "unavailable", f"The database is at version {found.found or 'none'}; this program "
                           f"needs {found.needed}.")
        seen = None if found.worker_seen_at is None else ms_text(found.worker_seen_at)
        return Reply(_ENCODE(Readiness("ready", engine.store.dialect, found.found, __version__,
                                       WorkerSeen(found.worker_lately, seen))))

    return Endpoint("GET", "/readyz", "ready", "Whether the server can do its work, and a worker was seen lately",
                    "health", None, work, Readiness, errors=(503,), answer_example={
                        "status": "ready", "database": "postgresql", "tables": "0002", "version": "1.0.0",
                        "worker": {"lately": True, "seen_at": "2024-01-22T05:07:31.465Z"}})


def _unreachable() -> ApiError:
    return ApiError(503, "unavailable", "The database cannot be reached.")
