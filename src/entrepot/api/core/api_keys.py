"""/v4/core/api_keys: make, list, rotate and revoke the keys of one's own environment.

A key's text is in the answer of the call that made it, and nowhere else ever again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from entrepot.api import idempotency
from entrepot.api.core.bodies import read
from entrepot.api.core.pages import LIMIT, NEXT, edge, read_page
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.query import parameters, read_plain
from entrepot.api.times import ms_text
from entrepot.clock import now_ms, to_ms
from entrepot.engine import issue
from entrepot.engine.context import Engine
from entrepot.engine.issue import Issued, Wish
from entrepot.errors import invalid_params, missing_params, not_found
from entrepot.store import keys, organisations
from entrepot.store.keys import ALL_SCOPES, ApiKey
from entrepot.store.organisations import EnvironmentName
from entrepot.store.store import Session

PATH = "/v4/core/api_keys"
TAG = "api keys"
MOST = 10_000_000
LONGEST_NAME, LONGEST_OVERLAP_H, DIGITS = 200, 8760, 16
ID = Parameter("api_key_id", "The key's rootfi_id.", {"type": "integer"}, "path", required=True, example=17)
_ENCODE = msgspec.json.Encoder().encode
_NOTHING: frozenset[str] = frozenset()
_EXAMPLE = {
    "rootfi_id": 17, "rootfi_created_at": "2024-01-22T05:07:31.465Z", "name": "billing", "environment": "live",
    "begins_with": "ent_live_4fR9x2", "scopes": ["read", "write"], "per_minute": None, "burst": None,
    "expires_at": None, "last_used_at": None, "revoked_at": None, "rotated_from": None}
_TEXT = "ent_live_4fR9x2..."

# The documents show what is known; the call checks it, with sentences that say what to send.
KeyName = Annotated[str, msgspec.Meta(extra_json_schema={"minLength": 1, "maxLength": LONGEST_NAME})]
KeyScope = Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*ALL_SCOPES]})]
KeyScopes = Annotated[list[KeyScope], msgspec.Meta(extra_json_schema={"minItems": 1})]
Rate = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Overlap = Annotated[int, msgspec.Meta(ge=0, le=LONGEST_OVERLAP_H)]


class KeyBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a key is to be. It may have no scope, no longer life and no higher limit than the key that asks for it."""

    name: KeyName
    scopes: KeyScopes
    expires_at: Moment | None = None
    """When it shuts by itself; null: never."""
    per_minute: Rate | None = None
    """Requests a minute; null: the limit of the key that asks."""
    burst: Rate | None = None
    """Requests at once; null: a minute's worth."""


class RotationBody(msgspec.Struct, forbid_unknown_fields=True):
    """How long the old key still opens, in hours; 0 shuts it at once."""

    overlap_hours: Overlap = 24


class KeyShown(msgspec.Struct):
    """A key, by its first characters. ``rotated_from`` is the key that it took the place of."""

    rootfi_id: int
    rootfi_created_at: str
    name: str
    environment: EnvironmentName
    begins_with: str
    scopes: list[KeyScope]
    per_minute: int | None
    burst: int | None
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    rotated_from: int | None


class KeyMade(KeyShown):
    """A key that was just made, with its text, which is told this once."""

    api_key: str


class OneKey(msgspec.Struct):
    """One key."""

    data: KeyShown


class OneKeyMade(msgspec.Struct):
    """The new key."""

    data: KeyMade


class KeyList(msgspec.Struct):
    """A page of keys."""

    data: list[KeyShown]
    next: str | None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls; v3 has none for keys."""
    if version != "v4":
        return []
    return [_list(engine), _create(engine), _get(engine), _rotate(engine), _revoke(engine)]


def _list(engine: Engine) -> Endpoint:
    async def listed(call: Call) -> Reply:
        page = read_page(call.query, _NOTHING)

        def work(session: Session) -> KeyList:
            found = keys.page(session, page.next or 0, page.limit + 1)
            more, found = len(found) > page.limit, found[: page.limit]
            place = _environment(session)
            return KeyList([_show(place, one) for one in found], edge(found[-1].id) if more else None)

        return Reply(_ENCODE(await engine.store.reading(call.scope, work)))

    return Endpoint("GET", PATH, "listApiKeys", "List API keys, shut ones too", TAG, "admin", listed, KeyList,
                    parameters=(LIMIT, NEXT), answer_example={"data": [_EXAMPLE], "next": None})


def _get(engine: Engine) -> Endpoint:
    async def get(call: Call) -> Reply:
        read_plain(parameters(call.query), _NOTHING)
        return Reply(await engine.store.reading(
            call.scope, lambda session: _ENCODE(OneKey(_show(_environment(session), _find(session, call))))))

    return Endpoint("GET", f"{PATH}/{{api_key_id}}", "getApiKey", "Read an API key", TAG, "admin", get, OneKey,
                    parameters=(ID,), answer_example={"data": _EXAMPLE})


def _create(engine: Engine) -> Endpoint:
    async def create(call: Call) -> Reply:
        wish = _wish(read(call.body, KeyBody), _caller(call))

        def made(session: Session) -> Reply:
            issue.check_gift(_caller(call), wish, engine.settings.rate_limit)
            return _told(session, issue.issue(session, call.scope, wish))

        return await idempotency.effect(engine, call, made)

    return Endpoint("POST", PATH, "createApiKey", "Make an API key; its text is shown once", TAG, "admin", create,
                    OneKeyMade, body=KeyBody, body_example={"name": "billing", "scopes": ["read", "write"]},
                    answer_example={"data": {**_EXAMPLE, "api_key": _TEXT}})


def _rotate(engine: Engine) -> Endpoint:
    async def rotate(call: Call) -> Reply:
        body = read(call.body or b"{}", RotationBody)

        def made(session: Session) -> Reply:
            old = _find(session, call)
            issue.check_rotation(_caller(call), old, engine.settings.rate_limit)
            return _told(session, issue.rotate(session, old, body.overlap_hours))

        reply = await idempotency.effect(engine, call, made)
        engine.known_keys.forget(_ident(call))
        return reply

    return Endpoint("POST", f"{PATH}/{{api_key_id}}/rotate", "rotateApiKey",
                    "Make a key in the place of another one, which shuts when the overlap is over", TAG, "admin",
                    rotate, OneKeyMade, parameters=(ID,), body=RotationBody, body_example={"overlap_hours": 24},
                    answer_example={"data": {**_EXAMPLE, "rotated_from": 16, "api_key": _TEXT}})


def _revoke(engine: Engine) -> Endpoint:
    async def revoke(call: Call) -> Reply:
        read_plain(parameters(call.query), _NOTHING)

        def made(session: Session) -> Reply:
            keys.revoke(session, _find(session, call).id)
            return Reply(_ENCODE(OneKey(_show(_environment(session), _find(session, call)))))

        reply = await idempotency.effect(engine, call, made)
        engine.known_keys.forget(_ident(call))
        return reply

    return Endpoint("DELETE", f"{PATH}/{{api_key_id}}", "revokeApiKey", "Shut an API key for good", TAG, "admin",
                    revoke, OneKey, parameters=(ID,),
                    answer_example={"data": {**_EXAMPLE, "revoked_at": "2024-01-23T00:00:00.000Z"}})


def _caller(call: Call) -> ApiKey:
    if call.key is None:
        raise AssertionError("a call behind the door without a key")
    return call.key


def _wish(body: KeyBody, giver: ApiKey) -> Wish:
    name, scopes = body.name.strip(), list(dict.fromkeys(body.scopes))
    if not name or len(name) > LONGEST_NAME:
        raise invalid_params("name", f"Send 1 to {LONGEST_NAME} characters.")
    if not scopes or not set(scopes) <= set(ALL_SCOPES):
        raise invalid_params("scopes", f"Send some of {', '.join(ALL_SCOPES)}.")
    expires_at = None if body.expires_at is None else to_ms(body.expires_at)
    if expires_at is not None and expires_at <= now_ms():
        raise invalid_params("expires_at", "Send a time that is still to come.")
    if body.per_minute is None:
        if body.burst is not None:
            raise missing_params("per_minute", "A burst needs a limit.")
        return Wish(name, scopes, expires_at, giver.per_minute, giver.burst)
    return Wish(name, scopes, expires_at, body.per_minute, body.burst)


def _ident(call: Call) -> int:
    text = call.path["api_key_id"]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else 0


def _find(session: Session, call: Call) -> ApiKey:
    found = keys.get(session, _ident(call))
    if found is None:
        # Somebody may have sent a key in the place of its number, so what was sent is not repeated.
        raise not_found("API key", _ident(call) or "of that number")
    return found


def _told(session: Session, made: Issued) -> Reply:
    shown = msgspec.structs.asdict(_show(_environment(session), made.key))
    return idempotency.shown_once(
        _ENCODE(OneKeyMade(KeyMade(**shown, api_key=made.text))),
        f"It made API key {made.key.id}, whose text was in that answer only. POST {PATH}/{made.key.id}/rotate makes "
        "another one in its place.")


def _environment(session: Session) -> EnvironmentName:
    """What the caller's environment is called: a key sees the keys of its own only."""
    return organisations.environment_names(session)[session.scope.environment_id]


def _show(environment: EnvironmentName, one: ApiKey) -> KeyShown:
    def at(ms: int | None) -> str | None:
        return None if ms is None else ms_text(ms)

    return KeyShown(
        rootfi_id=one.id, rootfi_created_at=ms_text(one.created_at), name=one.name, environment=environment,
        begins_with=one.shown, scopes=sorted(one.scopes), per_minute=one.per_minute, burst=one.burst,
        expires_at=at(one.expires_at), last_used_at=at(one.last_used_at), revoked_at=at(one.revoked_at),
        rotated_from=one.rotated_from)
