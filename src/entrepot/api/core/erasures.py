"""/v4/core/erasures: what was removed for good, and how far that has come."""

from __future__ import annotations

import msgspec

from entrepot.api.core.idents import ident, number
from entrepot.api.core.pages import LIMIT, NEXT, edge, read_page
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.times import ms_text
from entrepot.engine.context import Engine
from entrepot.errors import not_found
from entrepot.model.registry import by_data_model
from entrepot.store import erasures
from entrepot.store.erasures import Erasure
from entrepot.store.store import Session

PATH = "/v4/core/erasures"
TAG = "erasures"
_AT = "2024-01-22T05:07:31.465Z"
_EXAMPLE = {
    "rootfi_id": 901, "rootfi_created_at": _AT, "rootfi_updated_at": _AT, "company_id": 42, "connection_id": None,
    "state": "RUNNING", "total": 1200, "removed": {"ECOMMERCE_ORDERS": 600, "changes": 40}, "progress": 0.5,
    "ended_at": None}


class ErasureShown(msgspec.Struct):
    """An erasure of a company, or of one connection of it. ``state``: CREATED, RUNNING, SUCCESS, FAILED. ``total`` are
    the records that there were; ``removed`` what is gone, by data model and by other things; ``progress`` 0 to 1."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    company_id: int
    connection_id: int | None
    state: str
    total: int
    removed: dict[str, int]
    progress: float
    ended_at: str | None


class OneErasure(msgspec.Struct):
    """One erasure."""

    data: ErasureShown


class ErasureList(msgspec.Struct):
    """A page of erasures, newest first."""

    data: list[ErasureShown]
    next: str | None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    return [_list(engine), _get(engine)] if version == "v4" else []


def _list(engine: Engine) -> Endpoint:
    async def listed(call: Call) -> Reply:
        page = read_page(call.query, frozenset({"company_id"}))
        company_id = number(page.plain.get("company_id", ""), "company_id")

        def found(session: Session) -> ErasureList:
            some = erasures.listed(session, company_id, page.next, page.limit + 1)
            more, some = len(some) > page.limit, some[: page.limit]
            return ErasureList([_shown(one) for one in some], edge(some[-1].id) if more else None)

        return Reply(msgspec.json.encode(await engine.store.reading(call.scope, found)))

    return Endpoint(
        "GET", PATH, "listErasures", "List erasures, newest first", TAG, "read", listed, ErasureList,
        parameters=(LIMIT, NEXT, Parameter("company_id", "Only erasures of this company.", {"type": "integer"})),
        answer_example={"data": [_EXAMPLE], "next": None})


def _get(engine: Engine) -> Endpoint:
    async def one(call: Call) -> Reply:
        which = ident(call, "erasure_id")
        found = await engine.store.reading(call.scope, lambda session: erasures.get(session, which))
        if found is None:
            raise not_found("erasure", which)
        return Reply(msgspec.json.encode(OneErasure(_shown(found))))

    return Endpoint(
        "GET", f"{PATH}/{{erasure_id}}", "getErasure", "Read an erasure: its progress, and then its receipt", TAG,
        "read", one, OneErasure, answer_example={"data": _EXAMPLE}, parameters=(
            Parameter("erasure_id", "The erasure's rootfi_id.", {"type": "integer"}, "path", required=True,
                      example=901),))


def _shown(one: Erasure) -> ErasureShown:
    records = sum(number for name, number in one.removed.items() if by_data_model(name) is not None)
    progress = 1.0 if one.state == "SUCCESS" else min(records / one.total, 1.0) if one.total else 0.0
    return ErasureShown(
        one.id, ms_text(one.created_at), ms_text(one.updated_at), one.company_id, one.connection_id, one.state,
        one.total, dict(one.removed), round(progress, 4), None if one.ended_at is None else ms_text(one.ended_at))
