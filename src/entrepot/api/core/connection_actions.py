"""What is done with a connection: disconnected, re-authorised, probed, deleted."""

from __future__ import annotations

import msgspec

from entrepot.api import idempotency
from entrepot.api.core import company_examples
from entrepot.api.core.bodies import read
from entrepot.api.core.connection import show
from entrepot.api.core.connection_bodies import Credentials, OneConnection, OneProbe, Probed, Problem
from entrepot.api.core.deleted import Erasing, reply
from entrepot.api.core.idents import CONNECTION, ident
from entrepot.api.endpoint import Call, Endpoint, Needs, Reply, Work
from entrepot.engine import reauthorise, reprobe
from entrepot.engine.context import Engine
from entrepot.engine.disconnect import disconnect
from entrepot.engine.erase import delete_connection
from entrepot.engine.reprobe import Found
from entrepot.errors import not_found
from entrepot.store import connections
from entrepot.store.store import Session

_LEARNED = {"shop_id": "shop_1", "shop_name": "Acme", "currency": "USD"}


def endpoints(engine: Engine) -> list[Endpoint]:
    """The calls."""
    return [_disconnect(engine), _reauthorise(engine), _probe(engine), _delete(engine)]


def _action(verb: str, name: str, summary: str, needs: Needs, work: Work, **more: object) -> Endpoint:
    given: dict[str, object] = {
        "answer": OneConnection, "answer_example": {"data": company_examples.connection("v4")}, **more}
    return Endpoint("POST", f"/v4/core/connections/{{connection_id}}/{verb}", name, summary, "connections", needs, work,
                    parameters=(CONNECTION,), **given)  # type: ignore[arg-type]


def one(engine: Engine, session: Session, number: int) -> Reply:
    """A connection as it stands. ApiError 404."""
    found = connections.get(session, number)
    if found is None:
        raise not_found("connection", number)
    answer = OneConnection(show(engine, session, [found], "v4")[0])
    return Reply(msgspec.json.encode(answer), company_id=found.company_id)


def _disconnect(engine: Engine) -> Endpoint:
    async def forget(call: Call) -> Reply:
        number = ident(call, "connection_id")

        def forgotten(session: Session) -> Reply:
            disconnect(session, number)
            return one(engine, session, number)

        return await idempotency.effect(engine, call, forgotten)

    return _action("disconnect", "disconnectConnection", "Forget a connection's credentials; its data stays", "admin",
                   forget)


def _reauthorise(engine: Engine) -> Endpoint:
    async def renew(call: Call) -> Reply:
        number, body = ident(call, "connection_id"), read(call.body, Credentials)
        tried = await reauthorise.try_again(engine, call.scope, number, body.credentials)

        def renewed(session: Session) -> Reply:
            reauthorise.keep(engine, session, number, tried)
            return one(engine, session, number)

        return await idempotency.effect(engine, call, renewed)

    return _action("reauthorise", "reauthoriseConnection",
                   "Give a connection new credentials for the same shop; nothing else of it changes", "credentials",
                   renew, body=Credentials, body_example={"credentials": {}})


def _probe(engine: Engine) -> Endpoint:
    async def probe(call: Call) -> Reply:
        number = ident(call, "connection_id")
        found = await reprobe.look(engine, call.scope, number)

        def probed(session: Session) -> Reply:
            reprobe.keep(session, number, found)
            known = connections.get(session, number)
            if known is None:
                raise not_found("connection", number)
            answer = OneProbe(Probed(found.problem is None, dict(found.learned), _problem(found),
                                     show(engine, session, [known], "v4")[0]))
            return Reply(msgspec.json.encode(answer), company_id=known.company_id)

        return await idempotency.effect(engine, call, probed)

    return _action("probe", "probeConnection", "Look whether a shop still opens with the kept credentials", "write",
                   probe, answer=OneProbe, answer_example={"data": {
                       "opens": True, "learned": _LEARNED, "problem": None,
                       "connection": company_examples.connection("v4")}})


def _problem(found: Found) -> Problem | None:
    if found.problem is None:
        return None
    return Problem(found.problem.code, found.problem.message, found.problem.platform_error)


def _delete(engine: Engine) -> Endpoint:
    async def delete(call: Call) -> Reply:
        number = ident(call, "connection_id")
        return await idempotency.effect(
            engine, call, lambda session: reply(Erasing(delete_connection(session, number))))

    return Endpoint("DELETE", "/v4/core/connections/{connection_id}", "deleteConnection",
                    "Delete a connection and remove its records for good", "connections", "admin", delete, Erasing,
                    parameters=(CONNECTION,), answer_example=company_examples.ERASING)
