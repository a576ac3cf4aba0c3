"""Creates and updates: the body to drafts, through the engine, and the stored record back as the answer."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from entrepot.api import drafts
from entrepot.api.blame import blame
from entrepot.api.dialect import written
from entrepot.api.drafts import Body
from entrepot.api.endpoint import Call, Reply
from entrepot.api.query import Extras, Single, parameters, read_plain
from entrepot.api.reading import find_row
from entrepot.api.view import View
from entrepot.engine.context import Engine
from entrepot.engine.write import Submitted, WriteRequest, submit
from entrepot.errors import ApiError, invalid_params, missing_params
from entrepot.store import connections
from entrepot.store.query import Row
from entrepot.store.scope import Scope
from entrepot.store.store import Session

_QUERY = frozenset({"run_async", "company_id", "connection_id"})


async def create(engine: Engine, view: View, call: Call) -> Reply:
    """POST: ``{"data": [...], "sync_id"}``, or 202 where the work goes on."""
    body = drafts.read_body(drafts.decode(call.body), _query(call))
    if body.company_id is None:
        raise missing_params("company_id", "Send the rootfi_id of the company whose shop it is for.")
    request = WriteRequest(
        noun=view.noun, action="create", company_id=body.company_id, connection_id=body.connection_id,
        items=drafts.read_items(view, "create", body.data), run_async=body.run_async)
    done = await _submit(engine, view, call, request, body)
    if done.rootfi_ids is None:
        return _accepted(done, waited=not body.run_async)
    bodies = await _bodies(engine, view, call.scope, body.company_id, done.rootfi_ids)
    return Reply(written(bodies, done.sync_id, single=view.single))


async def update(engine: Engine, view: View, call: Call) -> Reply:
    """PUT: the bare updated record, or 202 where the work goes on."""
    body = drafts.read_body(drafts.decode(call.body), _query(call))
    if len(body.data) != 1:
        raise invalid_params("data", "An update takes exactly one record.")
    single = Single(body.company_id, body.connection_id, include_deleted=False, extras=Extras())

    def locate(session: Session) -> tuple[Row, int | None]:
        row = find_row(session, view, call.path["id"], single)
        connection = connections.get(session, row.connection_id)
        return row, connection.ordinal if connection else None

    row, ordinal = await engine.store.reading(call.scope, locate)
    request = WriteRequest(
        noun=view.noun, action="update", company_id=row.company_id, connection_id=row.connection_id,
        items=drafts.read_items(view, "update", body.data, ordinal), target=str(row.rootfi_id),
        run_async=body.run_async)
    done = await _submit(engine, view, call, request, body)
    if done.rootfi_ids is None:
        return _accepted(done, waited=not body.run_async)
    return Reply((await _bodies(engine, view, call.scope, row.company_id, done.rootfi_ids))[0])


def _query(call: Call) -> Mapping[str, str]:
    return read_plain(parameters(call.query), _QUERY)


async def _submit(engine: Engine, view: View, call: Call, request: WriteRequest, body: Body) -> Submitted:
    try:
        return await submit(engine, call.scope, request)
    except ApiError as error:
        blame(view, error, body.data)
        raise


async def _bodies(engine: Engine, view: View, scope: Scope, company_id: int, idents: list[int]) -> list[bytes]:
    """The written records as the view shows them; one that a shop hid again at once is shown as deleted."""
    single = Single(company_id, None, include_deleted=True, extras=Extras())
    return await engine.store.reading(
        scope, lambda session: [find_row(session, view, str(ident), single).body for ident in idents])


def _accepted(done: Submitted, *, waited: bool) -> Reply:
    answer = {"data": [], "sync_id": done.sync_id} if waited else {"sync_id": done.sync_id}
    return Reply(msgspec.json.encode(answer), 202)
