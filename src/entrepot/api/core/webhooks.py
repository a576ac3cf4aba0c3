"""/core/webhooks: who is told of changes. v3 word for word with its oddities, v4 with more to choose from.

Custom headers may hold passwords: only keys with the scope admin see what they hold.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from entrepot.api import idempotency
from entrepot.api.core.bodies import read
from entrepot.api.core.pages import LIMIT, NEXT, Page, edge, read_page
from entrepot.api.core.webhook_bodies import (
    WEBHOOK,
    OneWebhook,
    OneWebhookV3,
    SecretRotation,
    WebhookChange,
    WebhookCreation,
    WebhookCreationV3,
    WebhookFieldsV3,
    WebhookList,
    WebhookPage,
    WebhookV3Shown,
    show,
    show_v3,
    within,
)
from entrepot.api.endpoint import Call, Endpoint, Reply, Work
from entrepot.api.query import parameters, read_plain
from entrepot.clock import now_ms
from entrepot.engine import webhook_headers, webhooks
from entrepot.engine.context import Engine
from entrepot.errors import ApiError
from entrepot.store import webhook_endpoints, webhook_secrets
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint

TAG = "webhooks"
PATH = "/{version}/core/webhooks"
_NOTHING: frozenset[str] = frozenset()
_ENCODE = msgspec.json.Encoder().encode

_EXAMPLE_FIELDS_V3 = {
    "name": "Orders", "type": "DATA_MODEL_CHANGES", "operations": ["CREATE", "UPDATE"],
    "data_models": ["ECOMMERCE_ORDERS"], "url": "https://hooks.example.com/entrepot",
    "headers": {"X-Team": "warehouse"}}
_EXAMPLE_V3 = {
    "id": "wT4kP0aZr8QmXn2LbV6c", **_EXAMPLE_FIELDS_V3, "created_at": "2024-01-22T05:07:31.465Z", "state": "ENABLED"}
_EXAMPLE_FIELDS = {
    "name": "Orders", "url": "https://hooks.example.com/entrepot", "types": ["DATA_MODEL_CHANGES", "SYNC_COMPLETED"],
    "operations": [], "data_models": ["ECOMMERCE_ORDERS"], "company_ids": [], "integration_types": [],
    "headers": {"X-Team": "warehouse"}, "initial": True, "per_second": 50, "state": "ENABLED"}
_EXAMPLE = {
    "id": "wT4kP0aZr8QmXn2LbV6c", "rootfi_id": 812, "version": "v4", **_EXAMPLE_FIELDS, "state_reason": None,
    "failing_since": None, "old_secret_signs_until": None, "created_at": "2024-01-22T05:07:31.465Z",
    "updated_at": "2024-01-22T05:07:31.465Z"}
_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 (an example)


class Status(msgspec.Struct):
    """It was done."""

    status: str = "success"


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    if version == "v3":
        return [_list_v3(engine), _create_v3(engine), _change_v3(engine), _delete(engine, version)]
    return [_list(engine), _get(engine), _create(engine), _change(engine), _delete(engine, version),
            _state(engine, "enable", "ENABLED", "Enable a webhook, also one that was paused"),
            _state(engine, "disable", "DISABLED", "Disable a webhook; enabled again, it is told what has changed"),
            _rotate(engine)]


def _headers(engine: Engine, call: Call, one: WebhookEndpoint) -> dict[str, str]:
    found = webhook_headers.known(engine, one)
    return found if call.key is not None and "admin" in call.key.scopes else webhook_headers.masked(found)


def _list_v3(engine: Engine) -> Endpoint:
    async def listed(call: Call) -> Reply:
        read_plain(parameters(call.query), _NOTHING)
        found = await engine.store.reading(
            call.scope, lambda session: webhook_endpoints.listed(session, 0, webhooks.MOST))
        return Reply(_ENCODE(WebhookList([show_v3(one, _headers(engine, call, one)) for one in found])))

    return Endpoint("GET", PATH.format(version="v3"), "listWebhooks", "List all webhooks", TAG, "read", listed,
                    WebhookList, answer_example={"data": [_EXAMPLE_V3]})


def _create_v3(engine: Engine) -> Endpoint:
    async def create(call: Call) -> Reply:
        body = read(call.body, WebhookCreationV3)

        def made(session: Session) -> Reply:
            endpoint, secret = webhooks.create(engine, session, body.wanted(), "v3")
            headers = webhook_headers.known(engine, endpoint)
            # The contract has this one answer without `data` around it.
            return Reply(_ENCODE(show_v3(endpoint, headers, secret)),
                         kept=Reply(_ENCODE(show_v3(endpoint, webhook_headers.masked(headers)))))

        try:
            return await idempotency.effect(engine, call, made)
        except ApiError as error:
            raise within(error, "webhook") if error.status == 400 else error from None

    return Endpoint("POST", PATH.format(version="v3"), "createWebhook",
                    "Make a webhook; its signing secret is shown once", TAG, "admin", create, WebhookV3Shown,
                    body=WebhookCreationV3, body_example={"webhook": _EXAMPLE_FIELDS_V3},
                    answer_example={**_EXAMPLE_V3, "secret": _SECRET})


def _change_v3(engine: Engine) -> Endpoint:
    async def change(call: Call) -> Reply:
        body, ident = read(call.body, WebhookFieldsV3), call.path["webhook_id"]

        def made(session: Session) -> Reply:
            before = webhooks.find(session, ident)
            endpoint = webhooks.change(engine, session, ident, body.wanted(before))
            headers = webhook_headers.known(engine, endpoint)
            return Reply(_ENCODE(OneWebhookV3(show_v3(endpoint, headers))),
                         kept=Reply(_ENCODE(OneWebhookV3(show_v3(endpoint, webhook_headers.masked(headers))))))

        return await idempotency.effect(engine, call, made)

    return Endpoint("PUT", PATH.format(version="v3") + "/{webhook_id}", "updateWebhook", "Change a webhook", TAG,
                    "admin", change, OneWebhookV3, parameters=(WEBHOOK,), body=WebhookFieldsV3,
                    body_example={"operations": ["CREATE", "UPDATE", "DELETE"]}, answer_example={"data": _EXAMPLE_V3})


def _delete(engine: Engine, version: str) -> Endpoint:
    async def delete(call: Call) -> Reply:
        def made(session: Session) -> Reply:
            webhooks.remove(session, call.path["webhook_id"])
            return Reply(_ENCODE(Status()))

        return await idempotency.effect(engine, call, made)

    return Endpoint("DELETE", PATH.format(version=version) + "/{webhook_id}", "deleteWebhook",
                    "Delete a webhook and its secrets", TAG, "admin", delete, Status, parameters=(WEBHOOK,),
                    answer_example={"status": "success"})


def _list(engine: Engine) -> Endpoint:
    async def listed(call: Call) -> Reply:
        page = read_page(call.query, _NOTHING)
        answer = await engine.store.reading(call.scope, lambda session: _page(engine, call, session, page))
        return Reply(_ENCODE(answer))

    return Endpoint("GET", PATH.format(version="v4"), "listWebhooks", "List webhooks", TAG, "read", listed,
                    WebhookPage, parameters=(LIMIT, NEXT), answer_example={"data": [_EXAMPLE], "next": None})


def _page(engine: Engine, call: Call, session: Session, page: Page) -> WebhookPage:
    found = webhook_endpoints.listed(session, page.next or 0, page.limit + 1)
    more, found = len(found) > page.limit, found[: page.limit]
    until = webhook_secrets.outgoing(session, [one.id for one in found], now_ms())
    return WebhookPage([show(one, _headers(engine, call, one), until.get(one.id)) for one in found],
                       edge(found[-1].id) if more else None)


def _get(engine: Engine) -> Endpoint:
    async def get(call: Call) -> Reply:
        def found(session: Session) -> OneWebhook:
            one = webhooks.find(session, call.path["webhook_id"])
            return OneWebhook(show(one, _headers(engine, call, one), _until(session, one)))

        return Reply(_ENCODE(await engine.store.reading(call.scope, found)))

    return Endpoint("GET", PATH.format(version="v4") + "/{webhook_id}", "getWebhook", "Read a webhook", TAG, "read",
                    get, OneWebhook, parameters=(WEBHOOK,), answer_example={"data": _EXAMPLE})


def _create(engine: Engine) -> Endpoint:
    async def create(call: Call) -> Reply:
        body = read(call.body, WebhookCreation)
        wanted = body.wanted(body.signing_secret)
        return await _effect(engine, call, lambda session: webhooks.create(engine, session, wanted, "v4"))

    return Endpoint("POST", PATH.format(version="v4"), "createWebhook",
                    "Make a webhook; its signing secret is shown once", TAG, "admin", create, OneWebhook,
                    body=WebhookCreation, body_example=_EXAMPLE_FIELDS,
                    answer_example={"data": {**_EXAMPLE, "signing_secret": _SECRET}})


def _change(engine: Engine) -> Endpoint:
    async def change(call: Call) -> Reply:
        wanted, ident = read(call.body, WebhookChange).wanted(), call.path["webhook_id"]
        return await _effect(engine, call, lambda session: (webhooks.change(engine, session, ident, wanted), None))

    return Endpoint("PUT", PATH.format(version="v4") + "/{webhook_id}", "updateWebhook", "Change a webhook", TAG,
                    "admin", change, OneWebhook, parameters=(WEBHOOK,), body=WebhookChange,
                    body_example={"per_second": 20, "initial": False}, answer_example={"data": _EXAMPLE})


def _state(engine: Engine, verb: str, state: str, summary: str) -> Endpoint:
    async def turn(call: Call) -> Reply:
        ident = call.path["webhook_id"]
        return await _effect(engine, call, lambda session: (webhooks.set_state(session, ident, state), None))

    return _about_one(verb, f"{verb}Webhook", summary, turn)


def _rotate(engine: Engine) -> Endpoint:
    async def rotate(call: Call) -> Reply:
        body, ident = read(call.body or b"{}", SecretRotation), call.path["webhook_id"]
        return await _effect(engine, call, lambda session: webhooks.rotate(
            engine, session, ident, body.overlap_hours, body.signing_secret))

    return _about_one("rotate_secret", "rotateWebhookSecret", "Give a webhook a new signing secret, shown once",
                      rotate, secret=True)


def _about_one(verb: str, name: str, summary: str, work: Work, *, secret: bool = False) -> Endpoint:
    return Endpoint(
        "POST", PATH.format(version="v4") + f"/{{webhook_id}}/{verb}", name, summary, TAG, "admin", work, OneWebhook,
        parameters=(WEBHOOK,), body=SecretRotation if secret else None,
        body_example={"overlap_hours": 24} if secret else None,
        answer_example={"data": {**_EXAMPLE, "signing_secret": _SECRET} if secret else _EXAMPLE})


async def _effect(
    engine: Engine, call: Call, flow: Callable[[Session], tuple[WebhookEndpoint, str | None]],
) -> Reply:
    """Run a flow as one effect and show its webhook. Neither a secret nor what headers hold is kept with the call's
    key."""
    def made(session: Session) -> Reply:
        endpoint, secret = flow(session)
        headers, until = webhook_headers.known(engine, endpoint), _until(session, endpoint)
        return Reply(_ENCODE(OneWebhook(show(endpoint, headers, until, secret))),
                     kept=Reply(_ENCODE(OneWebhook(show(endpoint, webhook_headers.masked(headers), until)))))

    return await idempotency.effect(engine, call, made)


def _until(session: Session, one: WebhookEndpoint) -> int | None:
    return webhook_secrets.outgoing(session, [one.id], now_ms()).get(one.id)
