"""/v4/core/connections: connect a company to a shop by its credentials, and set how often each data model is read.

The credentials are probed first and kept only when they work.
"""

from __future__ import annotations

import msgspec

from entrepot.api.core.bodies import read
from entrepot.api.core.connection import ConnectionShown, show
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.engine.connect import connect
from entrepot.engine.context import Engine
from entrepot.engine.rhythm import Rhythm, set_rhythms
from entrepot.errors import not_found
from entrepot.store import connections
from entrepot.store.store import Session

DIGITS = 16
CONNECTION_ID = Parameter("connection_id", "The connection's rootfi_id.", {"type": "integer"}, "path", required=True,
                          example=43)


class RhythmBody(msgspec.Struct, forbid_unknown_fields=True):
    """How often one data model is synced: every ``interval`` times ``frequency`` (MINUTELY, HOURLY, DAILY, WEEKLY,
    MONTHLY, YEARLY, NEVER)."""

    data_model: str
    frequency: str
    interval: int = 1
    enabled: bool = True
    sync_from: str | None = None

    def rhythm(self) -> Rhythm:
        """The same for the engine."""
        return Rhythm(self.data_model, self.frequency, self.interval, self.enabled, self.sync_from)


class ConnectionBody(msgspec.Struct, forbid_unknown_fields=True):
    """The company, the kind of shop, and what its connect form asks for. What ``sync_config`` leaves out is daily."""

    company_id: int
    integration_type: str
    credentials: dict[str, str] = {}
    sync_config: list[RhythmBody] = []


class ConnectionChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed of a connection: data models that are not named keep their rhythm."""

    sync_config: list[RhythmBody]


class OneConnection(msgspec.Struct):
    """The connection that was made."""

    data: ConnectionShown


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls; v3 has none of its own for connections."""
    return [_create(engine), _get(engine), _update(engine)] if version == "v4" else []


async def _shown(engine: Engine, call: Call, ident: int) -> Reply:
    def shown(session: Session) -> OneConnection:
        one = connections.get(session, ident)
        if one is None:
            raise not_found("connection", ident)
        return OneConnection(show(engine, session, one, under_link=False, fine=True))

    return Reply(msgspec.json.encode(await engine.store.reading(call.scope, shown)))


def _ident(call: Call) -> int:
    text = call.path["connection_id"]
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        raise not_found("connection", text[:100])
    return int(text)


def _get(engine: Engine) -> Endpoint:
    async def get(call: Call) -> Reply:
        return await _shown(engine, call, _ident(call))

    return Endpoint("GET", "/v4/core/connections/{connection_id}", "getConnection", "Read a connection",
                    "connections", "read", get, OneConnection, parameters=(CONNECTION_ID,))


def _update(engine: Engine) -> Endpoint:
    async def update(call: Call) -> Reply:
        ident, body = _ident(call), read(call.body, ConnectionChange)
        await set_rhythms(engine, call.scope, ident, [one.rhythm() for one in body.sync_config])
        return await _shown(engine, call, ident)

    return Endpoint(
        "PUT", "/v4/core/connections/{connection_id}", "updateConnection",
        "Set how often a connection's data models are synced", "connections", "admin", update, OneConnection,
        parameters=(CONNECTION_ID,), body=ConnectionChange,
        body_example={"sync_config": [{"data_model": "ECOMMERCE_ORDERS", "frequency": "MINUTELY", "interval": 15}]})


def _create(engine: Engine) -> Endpoint:
    async def create(call: Call) -> Reply:
        body = read(call.body, ConnectionBody)
        ident = await connect(engine, call.scope, body.company_id, body.integration_type, body.credentials,
                              [one.rhythm() for one in body.sync_config])
        return await _shown(engine, call, ident)

    return Endpoint(
        "POST", "/v4/core/connections", "createConnection", "Connect a company to a shop", "connections", "credentials",
        create, OneConnection, body=ConnectionBody,
        body_example={"company_id": 42, "integration_type": next(iter(engine.installed), "INTEGRATION_TYPE"),
                      "credentials": {}},
    )
