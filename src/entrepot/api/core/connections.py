"""/v4/core/connections: connect a company to a shop by its credentials, and set how often each data model is read.

The credentials are probed first and kept only when they work.
"""

from __future__ import annotations

import msgspec

from entrepot.api import idempotency
from entrepot.api.core import company_examples, connection_actions
from entrepot.api.core.bodies import read
from entrepot.api.core.connection import show
from entrepot.api.core.connection_bodies import ConnectionBody, ConnectionChange, ConnectionList, OneConnection
from entrepot.api.core.idents import CONNECTION, ident, number
from entrepot.api.core.pages import LIMIT, NEXT, Page, edge, read_page, words
from entrepot.api.core.rhythm_body import rhythms
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.examples import INTEGRATION
from entrepot.engine import rhythm
from entrepot.engine.connect import Wish, keep, try_wish
from entrepot.engine.context import Engine
from entrepot.errors import missing_params, not_found
from entrepot.store import connections
from entrepot.store.store import Session

PATH = "/v4/core/connections"
TAG = "connections"
STATUSES = frozenset({"HEALTHY", "PENDING", "EXPIRED", "DISCONNECTED"})
_FILTERS = (
    Parameter("company_id", "Only this company's connections.", {"type": "integer"}),
    Parameter("integration_type", "Only connections to this platform.", {"type": "string"}),
    Parameter("status", "Only connections in one of these states (comma list).", {"type": "string"}),
)


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls; v3 has none of its own for connections."""
    if version != "v4":
        return []
    return [_create(engine), _list(engine), _get(engine), _update(engine), *connection_actions.endpoints(engine)]


def _list(engine: Engine) -> Endpoint:
    async def listed(call: Call) -> Reply:
        page = read_page(call.query, frozenset({"company_id", "integration_type", "status"}))
        wanted = _wanted(page)

        def found(session: Session) -> ConnectionList:
            some = connections.listed(session, wanted, page.next or 0, page.limit + 1)
            more, some = len(some) > page.limit, some[: page.limit]
            return ConnectionList(show(engine, session, some, "v4"), edge(some[-1].id) if more else None)

        return Reply(msgspec.json.encode(await engine.store.reading(call.scope, found)))

    return Endpoint("GET", PATH, "listConnections", "List connections", TAG, "read", listed, ConnectionList,
                    parameters=(LIMIT, NEXT, *_FILTERS),
                    answer_example={"data": [company_examples.connection("v4")], "next": None})


def _wanted(page: Page) -> connections.Wanted:
    return connections.Wanted(
        number(page.plain.get("company_id", ""), "company_id"), page.plain.get("integration_type") or None,
        words(page.plain, "status", STATUSES) or None)


def _get(engine: Engine) -> Endpoint:
    async def get(call: Call) -> Reply:
        which = ident(call, "connection_id")
        return await engine.store.reading(call.scope, lambda session: connection_actions.one(engine, session, which))

    return Endpoint("GET", f"{PATH}/{{connection_id}}", "getConnection", "Read a connection", TAG, "read", get,
                    OneConnection, parameters=(CONNECTION,),
                    answer_example={"data": company_examples.connection("v4")})


def _update(engine: Engine) -> Endpoint:
    async def update(call: Call) -> Reply:
        which, wanted = ident(call, "connection_id"), rhythms(read(call.body, ConnectionChange).sync_config)

        def updated(session: Session) -> Reply:
            found = connections.locked(session, which)
            if found is None:
                raise not_found("connection", which)
            rhythm.apply(engine, session, found, wanted)
            return connection_actions.one(engine, session, which)

        return await idempotency.effect(engine, call, updated)

    return Endpoint(
        "PUT", f"{PATH}/{{connection_id}}", "updateConnection", "Set how often a connection's data models are synced",
        TAG, "admin", update, OneConnection, parameters=(CONNECTION,), body=ConnectionChange,
        body_example={"sync_config": [company_examples.rhythm("v4")]},
        answer_example={"data": company_examples.connection("v4")})


def _create(engine: Engine) -> Endpoint:
    async def create(call: Call) -> Reply:
        body = read(call.body, ConnectionBody)
        if body.company_id is None and not body.invite_link_id:
            raise missing_params("company_id", "Send the company's rootfi_id, or an invite_link_id.")
        wish = Wish(body.integration_type, body.credentials, body.company_id, body.invite_link_id or None,
                    rhythms(body.sync_config), body.sync)
        tried = await try_wish(engine, call.scope, wish)

        def created(session: Session) -> Reply:
            return connection_actions.one(engine, session, keep(engine, session, wish, tried).id)

        return await idempotency.effect(engine, call, created)

    return Endpoint(
        "POST", PATH, "createConnection", "Connect a company to a shop, and ask for its first sync", TAG,
        "credentials", create, OneConnection, body=ConnectionBody,
        body_example={"company_id": 42, "integration_type": INTEGRATION, "credentials": {}},
        answer_example={"data": company_examples.connection("v4")})
