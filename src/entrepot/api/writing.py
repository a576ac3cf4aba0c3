"""Creates and updates: the body to drafts, through the engine, and the stored record back as the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec

from entrepot.api import drafts, idempotency
from entrepot.api.blame import blame
from entrepot.api.dialect import written
from entrepot.api.drafts import Body
from entrepot.api.endpoint import Call, Reply
from entrepot.api.failures import error_bytes
from entrepot.api.query import Extras, Single, parameters, read_plain
from entrepot.api.reading import find_row
from entrepot.api.view import View
from entrepot.engine.context import Engine
from entrepot.engine.write import Accepted, WriteRequest, accept, outcome
from entrepot.errors import ApiError, invalid_params, missing_params
from entrepot.store import connections
from entrepot.store.idempotency import Kept
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

    async def asked() -> WriteRequest:
        return request

    def shown(bodies: list[bytes], sync_id: str) -> bytes:
        return written(bodies, sync_id, single=view.single)

    return await _Writing(engine, view, call, body, asked, shown).carry_out()


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

    async def asked() -> WriteRequest:
        row, ordinal = await engine.store.reading(call.scope, locate)
        return WriteRequest(
            noun=view.noun, action="update", company_id=row.company_id, connection_id=row.connection_id,
            items=drafts.read_items(view, "update", body.data, ordinal), target=str(row.rootfi_id),
            run_async=body.run_async)

    return await _Writing(engine, view, call, body, asked, lambda bodies, _: bodies[0]).carry_out()


def _query(call: Call) -> Mapping[str, str]:
    return read_plain(parameters(call.query), _QUERY)


@dataclass(frozen=True)
class _Writing:
    """One request. ``asked`` says what it wants of the engine, ``shown`` makes the answer of the written records."""

    engine: Engine
    view: View
    call: Call
    body: Body
    asked: Callable[[], Awaitable[WriteRequest]]
    shown: Callable[[list[bytes], str], bytes]

    async def carry_out(self) -> Reply:
        """Accept it, or find the write that its key leads to; answer what became of it."""
        kept = await idempotency.accepted(self.engine, self.call)
        going = kept if kept is not None else await self._accept()
        return await (self._repeat(going) if isinstance(going, Kept) else self._answer(going))

    async def _repeat(self, kept: Kept) -> Reply:
        answered = idempotency.replayed(self.call, idempotency.request_of(self.engine, self.call), kept)
        if answered is not None:
            return answered
        self.call.trace.headers.append(idempotency.REPLAYED)
        return await self._answer(Accepted(kept.sync or 0, (kept.body or b"").decode(), kept.company_id or 0))

    async def _accept(self) -> Accepted | Kept:
        once = idempotency.request_of(self.engine, self.call) if self.call.once else None
        request = await self.asked()
        try:
            return await accept(self.engine, self.call.scope, request, once)
        except ApiError as error:
            blame(self.view, error, self.body.data)
            raise

    async def _answer(self, going: Accepted) -> Reply:
        """The outcome. With a key it is kept, success or failure, and is from then on what every repeat is told."""
        if self.body.run_async:
            return Reply(msgspec.json.encode({"sync_id": going.sync_id}), 202)
        keyed = self.call.once is not None
        try:
            done = await outcome(self.engine, self.call.scope, going)
        except ApiError as error:
            blame(self.view, error, self.body.data)
            if not keyed:
                raise
            return await idempotency.finish(self.engine, self.call, Reply(error_bytes(error), error.status))
        if done.rootfi_ids is None:
            return Reply(msgspec.json.encode({"data": [], "sync_id": done.sync_id}), 202)
        bodies = await _bodies(self.engine, self.view, self.call.scope, done.company_id, done.rootfi_ids)
        reply = Reply(self.shown(bodies, done.sync_id))
        return await idempotency.finish(self.engine, self.call, reply) if keyed else reply


async def _bodies(engine: Engine, view: View, scope: Scope, company_id: int, idents: list[int]) -> list[bytes]:
    """The written records as the view shows them; one that a shop hid again at once is shown as deleted."""
    single = Single(company_id, None, include_deleted=True, extras=Extras())
    return await engine.store.reading(
        scope, lambda session: [find_row(session, view, str(ident), single).body for ident in idents])
