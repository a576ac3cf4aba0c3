"""/v4/core/webhook_logs: what was delivered to whom, every attempt, and replay."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from entrepot.api import idempotency, takes, webhook_docs
from entrepot.api.core.bodies import Ident, read
from entrepot.api.core.pages import LIMIT, NEXT, edge, read_page, words
from entrepot.api.core.webhook_bodies import WEBHOOK
from entrepot.api.cursor import read_cursor
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.query import parameters, read_flag, read_plain
from entrepot.api.times import ms_text
from entrepot.clock import to_ms
from entrepot.engine import webhook_filters, webhook_replay, webhooks
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params
from entrepot.store import deliveries, webhook_endpoints
from entrepot.store.deliveries import MOST_REPLAYED, STATES, Attempt, Delivery, Wanted
from entrepot.store.store import Session

TAG = "webhook logs"
PATH = "/v4/core/webhook_logs"
ID = Parameter("delivery_id", "The delivery's id.", {"type": "string"}, "path", required=True,
               example="5d0c7c1e-7f53-4b53-9a3c-1f6f2a6a3f10")
LOOK_S = 0.1
LONGEST_WAIT_S = 15.0
ENDED = ("FAILED", "DELIVERED")
State = Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*STATES]})]
Ended = Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*ENDED]})]
_ENCODE = msgspec.json.Encoder().encode
TYPES = (*webhook_filters.TYPES, "TEST")
_FILTERS = (
    Parameter("state", "Only deliveries in one of these states (comma list): `PENDING` (waiting for a try), "
              "`DELIVERED`, `FAILED` (given up).", {"type": "string"}, example="FAILED"),
    Parameter("webhook_id", "Only those of a webhook, by its id or number.", {"type": "string"}),
    Parameter("type", f"Only events of one of these types (comma list): {', '.join(TYPES)}.",
              {"type": "string"}),
    Parameter("company_id", "Only those about a company.", {"type": "integer"}),
    Parameter("data_model", "Only those about records of a data model.", {"type": "string"},
              example="ECOMMERCE_ORDERS"),
    Parameter("sync_id", "Only those about a sync.", {"type": "string"}),
    Parameter("from", "Only those made at this time or later.", {"type": "string", "format": "date-time"}),
    Parameter("to", "Only those made before this time.", {"type": "string", "format": "date-time"}),
)


_EXAMPLE = {
    "id": "5d0c7c1e-7f53-4b53-9a3c-1f6f2a6a3f10", "event_id": "evt_42_1007", "webhook_id": "wT4kP0aZr8QmXn2LbV6c",
    "webhook_name": "Orders", "webhook_url": "https://hooks.example.com/entrepot", "state": "FAILED",
    "type": "DATA_MODEL_CHANGES", "company_id": 42, "connection_id": 43, "integration_type": "EXAMPLE_SHOP",
    "data_model": "ECOMMERCE_ORDERS", "sync_id": None, "sequence": 1007, "latest_status_code": 503,
    "attempt_count": 12, "next_attempt_at": None, "created_at": "2024-01-22T05:07:31.465Z",
    "updated_at": "2024-01-25T05:32:10.120Z", "ended_at": "2024-01-25T05:32:10.120Z"}


EXAMPLE_DETAIL = {**_EXAMPLE, "payload": webhook_docs.change_example("v4"), "attempts": [
    {"number": 1, "success": False, "status_code": 503, "error": "503 Service Unavailable", "response": "try later",
     "took_ms": 41, "at": "2024-01-22T05:07:31.502Z"}]}


class DeliveryShown(msgspec.Struct):
    """One event on its way to one webhook. ``event_id`` is the header webhook-id, the same on every try."""

    id: str
    event_id: str
    webhook_id: str
    webhook_name: str
    webhook_url: str
    state: State
    type: str
    company_id: int | None
    connection_id: int | None
    integration_type: str | None
    data_model: str | None
    sync_id: str | None
    sequence: int | None
    latest_status_code: int | None
    attempt_count: int
    next_attempt_at: str | None
    created_at: str
    updated_at: str
    ended_at: str | None


class AttemptShown(msgspec.Struct):
    """One try. ``status_code`` is null when no answer came; ``response`` is the beginning of what was answered."""

    number: int
    success: bool
    status_code: int | None
    error: str | None
    response: str | None
    took_ms: int
    at: str


class DeliveryDetail(DeliveryShown):
    """The same with the body as it is sent, and every attempt."""

    payload: msgspec.Raw
    attempts: list[AttemptShown]


class _Id(msgspec.Struct):
    id: str


class _Made(msgspec.Struct):
    data: _Id


class DeliveryPage(msgspec.Struct):
    """A page of deliveries, the newest first."""

    data: list[DeliveryShown]
    next: str | None


class OneDelivery(msgspec.Struct):
    """One delivery."""

    data: DeliveryDetail


class ReplayBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which deliveries of a webhook are sent again: those that FAILED, or in a second call those DELIVERED."""

    webhook_id: str | int
    state: Ended = "FAILED"
    type: str | None = None
    company_id: Ident | None = None
    data_model: str | None = None
    from_: str | None = msgspec.field(name="from", default=None)
    to: str | None = None
    next: str | None = None


class ReplayCount(msgspec.Struct):
    """How many wait for a try now; ``next`` is to be sent with the same call when there are more."""

    replayed: int
    next: str | None


class Replayed(msgspec.Struct):
    """What a replay came to."""

    data: ReplayCount


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls; v3 has none."""
    return [] if version == "v3" else [
        _test(engine), _list(engine), _get(engine), _replay_many(engine), _replay(engine)]


def detail(session: Session, one: Delivery) -> OneDelivery:
    """A delivery with its body and attempts."""
    shown = _shown(one, webhook_endpoints.named(session, [one.endpoint_id]))
    tries = [_attempt(each) for each in deliveries.attempts_of(session, one.id)]
    payload = msgspec.Raw(deliveries.body(session, one.id))
    return OneDelivery(DeliveryDetail(**msgspec.structs.asdict(shown), payload=payload, attempts=tries))


def _test(engine: Engine) -> Endpoint:
    async def test(call: Call) -> Reply:
        wait = read_flag(read_plain(parameters(call.query), frozenset({"wait"})), "wait")

        def made(session: Session) -> Reply:
            delivery_id = webhook_replay.test(session, call.path["webhook_id"])
            return Reply(_ENCODE(detail(session, webhook_replay.find(session, delivery_id))))

        reply = await idempotency.effect(engine, call, made)
        return await _tried(engine, call, reply) if wait and reply.status == 200 else reply

    return Endpoint(
        "POST", "/v4/core/webhooks/{webhook_id}/test", "testWebhook",
        "Send a webhook an event of type TEST", "webhooks", "admin", test, OneDelivery,
        parameters=(WEBHOOK, Parameter("wait", "Answer when it was tried once, or after so long as a receiver has.",
                                       {"type": "boolean", "default": False})),
        answer_example={"data": {**EXAMPLE_DETAIL, "type": "TEST", "state": "DELIVERED", "attempt_count": 1,
                                 "payload": webhook_docs.test_example("v4")}})


async def _tried(engine: Engine, call: Call, reply: Reply) -> Reply:
    """The same delivery once it has been tried, or as it stands when the time is over."""
    delivery_id = msgspec.json.decode(reply.body, type=_Made).data.id
    loop = asyncio.get_running_loop()
    until = loop.time() + min(engine.settings.webhook_timeout_seconds, LONGEST_WAIT_S) + 1

    def look(session: Session) -> OneDelivery:
        return detail(session, webhook_replay.find(session, delivery_id))

    while True:
        found = await engine.store.reading(call.scope, look)
        if found.data.attempts or found.data.state != "PENDING" or loop.time() >= until:
            return Reply(_ENCODE(found))
        await asyncio.sleep(LOOK_S)


def _list(engine: Engine) -> Endpoint:
    async def listed(call: Call) -> Reply:
        page = read_page(call.query, frozenset(one.name for one in _FILTERS))

        def found(session: Session) -> DeliveryPage:
            rows = deliveries.listed(session, _wanted(session, page.plain), after=page.next, before=None,
                                     limit=page.limit + 1)
            more, rows = len(rows) > page.limit, rows[: page.limit]
            named = webhook_endpoints.named(session, list({row.endpoint_id for row in rows}))
            return DeliveryPage([_shown(row, named) for row in rows], edge(rows[-1].id) if more else None)

        return Reply(_ENCODE(await engine.store.reading(call.scope, found)))

    return Endpoint("GET", PATH, "listWebhookLogs", "List deliveries, the newest first", TAG, "read", listed,
                    DeliveryPage, parameters=(LIMIT, NEXT, *_FILTERS),
                    answer_example={"data": [_EXAMPLE], "next": None})


def _get(engine: Engine) -> Endpoint:
    async def get(call: Call) -> Reply:
        def found(session: Session) -> OneDelivery:
            return detail(session, webhook_replay.find(session, call.path["delivery_id"]))

        return Reply(_ENCODE(await engine.store.reading(call.scope, found)))

    return Endpoint("GET", PATH + "/{delivery_id}", "getWebhookLog", "Read a delivery, its body and its attempts", TAG,
                    "read", get, OneDelivery, parameters=(ID,), answer_example={"data": EXAMPLE_DETAIL})


def _replay(engine: Engine) -> Endpoint:
    async def replay(call: Call) -> Reply:
        def made(session: Session) -> Reply:
            return Reply(_ENCODE(detail(session, webhook_replay.again(engine, session, call.path["delivery_id"]))))

        return await idempotency.effect(engine, call, made)

    return Endpoint("POST", PATH + "/{delivery_id}/replay", "replayWebhookLog",
                    "Send a delivery again, the same event with the same body", TAG, "admin", replay, OneDelivery,
                    parameters=(ID,), answer_example={"data": {
                        **EXAMPLE_DETAIL, "state": "PENDING", "ended_at": None,
                        "next_attempt_at": "2024-01-22T05:09:00.000Z"}})


def _replay_many(engine: Engine) -> Endpoint:
    async def replay(call: Call) -> Reply:
        body = read(call.body, ReplayBody)
        if body.state not in ENDED:
            raise invalid_params("state", f"Send {' or '.join(ENDED)}.")
        wanted = Wanted(
            states=[body.state], types=_words("type", body.type, TYPES), company_id=_company(body.company_id),
            data_model=_data_model(body.data_model),
            since=_moment(body.from_, "from"), until=_moment(body.to, "to"),
            beyond=read_cursor(body.next, "next", None).rootfi_id if body.next else None)

        def made(session: Session) -> Reply:
            ids = webhook_replay.again_many(engine, session, str(body.webhook_id), wanted)
            more = edge(ids[-1]) if len(ids) == MOST_REPLAYED else None
            return Reply(_ENCODE(Replayed(ReplayCount(len(ids), more))))

        return await idempotency.effect(engine, call, made)

    return Endpoint("POST", PATH + "/replay", "replayWebhookLogs",
                    f"Send many deliveries again, the oldest first, at most {MOST_REPLAYED} a call", TAG, "admin",
                    replay, Replayed, body=ReplayBody,
                    body_example={"webhook_id": "wT4kP0aZr8QmXn2LbV6c", "from": "2024-01-22T00:00:00.000Z"},
                    answer_example={"data": {"replayed": 314, "next": None}})


def _wanted(session: Session, plain: Mapping[str, str]) -> Wanted:
    webhook = plain.get("webhook_id")
    return Wanted(
        endpoint_id=webhooks.find(session, webhook).id if webhook else None,
        states=_words("state", plain.get("state"), STATES), types=_words("type", plain.get("type"), TYPES),
        company_id=_company(plain.get("company_id")), data_model=_data_model(plain.get("data_model")),
        sync_id=_sync_id(plain.get("sync_id")), since=_moment(plain.get("from"), "from"),
        until=_moment(plain.get("to"), "to"))


def _words(name: str, text: str | None, known: Sequence[str]) -> list[str] | None:
    return sorted(words({name: text}, name, frozenset(known))) if text else None


def _data_model(text: str | None) -> str | None:
    return webhook_filters.words("data_model", [text], webhook_filters.DATA_MODELS)[0] if text else None


def _sync_id(text: str | None) -> str | None:
    if text and not (text.isascii() and text.isalnum()):
        raise invalid_params("sync_id", "Send a sync's sync_id.")
    return text or None


def _company(given: str | int | None) -> int | None:
    text = "" if given is None else str(given)
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise invalid_params("company_id", "Send a company's rootfi_id.")
    return int(text) if text else None


def _moment(text: str | None, name: str) -> int | None:
    return to_ms(takes.moment(text, name)) if text else None


def _text(ms: int | None) -> str | None:
    return None if ms is None else ms_text(ms)


def _shown(one: Delivery, named: Mapping[int, tuple[str, str, str]]) -> DeliveryShown:
    name, url, public_id = named.get(one.endpoint_id, ("", "", ""))
    return DeliveryShown(
        one.delivery_id, one.event_id, public_id, name, url, one.state, one.type, one.company_id, one.connection_id,
        one.integration_type, one.data_model, one.sync_id, one.sequence, one.last_status, one.attempts_ever,
        ms_text(one.next_at) if one.state == "PENDING" else None, ms_text(one.created_at), ms_text(one.updated_at),
        _text(one.ended_at))


def _attempt(one: Attempt) -> AttemptShown:
    return AttemptShown(one.number, one.success, one.status, one.error, one.answer, one.took_ms, ms_text(one.at))
