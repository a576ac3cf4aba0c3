"""GET /healthz: whether this process can reach its database. For load balancers, so no key is asked for."""

from __future__ import annotations

import msgspec
import structlog

from entrepot import __version__
from entrepot.api.endpoint import Call, Endpoint, Reply
from entrepot.engine.context import Engine
from entrepot.errors import ApiError
from entrepot.store.scope import SYSTEM

log = structlog.get_logger()


class Health(msgspec.Struct):
    """All is well."""

    status: str
    database: str
    version: str


def endpoints(engine: Engine) -> list[Endpoint]:
    """The call."""

    async def work(call: Call) -> Reply:
        try:
            await engine.store.reading(SYSTEM, lambda session: session.unscoped("SELECT 1"))
        except Exception as problem:
            log.exception("health.database")
            raise ApiError(503, "unavailable", "The database cannot be reached.") from problem
        return Reply(msgspec.json.encode(Health("ok", engine.store.dialect, __version__)))

    return [Endpoint("GET", "/healthz", "health", "Whether the server and its database are well", "health", None, work,
                     Health, answer_example={"status": "ok", "database": "postgresql", "version": "1.0.0"},
                     errors=(503,))]
