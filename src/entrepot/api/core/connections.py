"""POST /v4/core/connections: connect a company to a shop by its credentials. Probed first, kept only when they work."""

from __future__ import annotations

import msgspec

from entrepot.api.core.bodies import read
from entrepot.api.core.connection import ConnectionShown, show
from entrepot.api.endpoint import Call, Endpoint, Reply
from entrepot.engine.connect import connect
from entrepot.engine.context import Engine
from entrepot.errors import not_found
from entrepot.store import connections
from entrepot.store.store import Session


class ConnectionBody(msgspec.Struct, forbid_unknown_fields=True):
    """The company, the kind of shop, and what its connect form asks for."""

    company_id: int
    integration_type: str
    credentials: dict[str, str] = {}


class OneConnection(msgspec.Struct):
    """The connection that was made."""

    data: ConnectionShown


def endpoint(engine: Engine) -> Endpoint:
    """The call."""

    async def create(call: Call) -> Reply:
        body = read(call.body, ConnectionBody)
        ident = await connect(engine, call.scope, body.company_id, body.integration_type, body.credentials)

        def shown(session: Session) -> OneConnection:
            one = connections.get(session, ident)
            if one is None:
                raise not_found("connection", ident)
            return OneConnection(show(engine, session, one, under_link=False))

        return Reply(msgspec.json.encode(await engine.store.reading(call.scope, shown)))

    return Endpoint(
        "POST", "/v4/core/connections", "createConnection", "Connect a company to a shop", "connections", "admin",
        create, OneConnection, body=ConnectionBody,
        body_example={"company_id": 42, "integration_type": next(iter(engine.installed), "INTEGRATION_TYPE"),
                      "credentials": {}},
    )
