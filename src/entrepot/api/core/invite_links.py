"""Invite links: a POST makes a company and the token that lets its owner connect a shop."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from entrepot.api import idempotency
from entrepot.api.core import company_examples
from entrepot.api.core.bodies import read
from entrepot.api.core.deleted import Deleted, reply
from entrepot.api.core.invite_link import (
    InviteLinkBody,
    InviteLinkBodyV4,
    InviteLinkChangeV4,
    InviteLinkShown,
    check,
    configs_text,
    expiry,
    links_shown,
    name_of,
)
from entrepot.api.core.pages import LIMIT, NEXT, edge, read_page, words
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.query import parameters, read_plain
from entrepot.engine.context import Engine
from entrepot.errors import not_found
from entrepot.store import activity, companies, invites
from entrepot.store.invites import InviteLink
from entrepot.store.store import Session

EXPAND = frozenset({"connections"})
TAG = "invite links"
TOKEN = Parameter("invite_link_id", "The link's token.", {"type": "string"}, "path", required=True)
_EXPAND = Parameter("expand", "`connections`.", {"type": "string"})


class OneInviteLink(msgspec.Struct):
    """One link."""

    data: InviteLinkShown


class InviteLinkList(msgspec.Struct):
    """A page of links."""

    data: list[InviteLinkShown]
    next: str | None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    return [_create(engine, version), _list(engine, version), _get(engine, version), _change(engine, version),
            _delete(engine, version)]


def _path(version: str) -> str:
    return f"/{version}/core/invite_links"


def _example(version: str) -> dict[str, object]:
    return {"company_name": "Acme Inc.", "integration_categories": ["ECOMMERCE"],
            "sync_config": [company_examples.rhythm(version)]}


def _create(engine: Engine, version: str) -> Endpoint:
    kind = InviteLinkBody if version == "v3" else InviteLinkBodyV4

    async def create(call: Call) -> Reply:
        body = read(call.body, kind)
        check(body, new=True)

        def created(session: Session) -> Reply:
            link = _made(session, body)
            shown = links_shown(engine, session, [link], version, expand=_company_id(body) is not None)[0]
            if shown.connections is msgspec.UNSET:
                shown.connections = None
            return Reply(msgspec.json.encode(OneInviteLink(shown)), company_id=link.company_id)

        return await idempotency.effect(engine, call, created)

    return Endpoint("POST", _path(version), "createInviteLink", "Make a company and its invite link", TAG, "admin",
                    create, OneInviteLink, body=kind, body_example=_example(version),
                    answer_example={"data": company_examples.invite_link(version)})


def _list(engine: Engine, version: str) -> Endpoint:
    async def listed(call: Call) -> Reply:
        page = read_page(call.query, frozenset({"expand"}))
        expand = bool(words(page.plain, "expand", EXPAND))

        def found(session: Session) -> InviteLinkList:
            some = invites.listed(session, page.next or 0, page.limit + 1)
            more, some = len(some) > page.limit, some[: page.limit]
            return InviteLinkList(links_shown(engine, session, some, version, expand=expand),
                                  edge(some[-1].id) if more else None)

        return Reply(msgspec.json.encode(await engine.store.reading(call.scope, found)))

    return Endpoint("GET", _path(version), "listInviteLinks", "List invite links", TAG, "read", listed, InviteLinkList,
                    parameters=(LIMIT, NEXT, _EXPAND),
                    answer_example={"data": [company_examples.invite_link(version)], "next": None})


def _get(engine: Engine, version: str) -> Endpoint:
    async def one(call: Call) -> Reply:
        words(read_plain(parameters(call.query), frozenset({"expand"})), "expand", EXPAND)
        token = call.path["invite_link_id"]
        answer = await engine.store.reading(call.scope, lambda session: _one(engine, session, token, version))
        return Reply(msgspec.json.encode(answer))

    return Endpoint("GET", f"{_path(version)}/{{invite_link_id}}", "getInviteLink", "Read an invite link", TAG, "read",
                    one, OneInviteLink, parameters=(TOKEN, _EXPAND),
                    answer_example={"data": company_examples.invite_link(version)})


def _change(engine: Engine, version: str) -> Endpoint:
    kind = InviteLinkBody if version == "v3" else InviteLinkChangeV4

    async def change(call: Call) -> Reply:
        body, token = read(call.body, kind), call.path["invite_link_id"]
        check(body, new=False)

        def changed(session: Session) -> Reply:
            link = _find(session, token)
            invites.change(session, _after(link, body))
            if name := name_of(body):
                companies.update_company(session, link.company_id, name=name)
            return Reply(msgspec.json.encode(_one(engine, session, token, version)), company_id=link.company_id)

        return await idempotency.effect(engine, call, changed)

    return Endpoint("PUT", f"{_path(version)}/{{invite_link_id}}", "updateInviteLink",
                    "Change an invite link, and its company's name", TAG, "admin", change, OneInviteLink,
                    parameters=(TOKEN,), body=kind, body_example=_example(version),
                    answer_example={"data": company_examples.invite_link(version)})


def _delete(engine: Engine, version: str) -> Endpoint:
    async def delete(call: Call) -> Reply:
        def deleted(session: Session) -> Reply:
            link = _find(session, call.path["invite_link_id"])
            invites.remove(session, link.id)
            activity.note(session, session.scope, "INVITE_LINK_DELETED", link.company_id)
            return reply(Deleted())

        return await idempotency.effect(engine, call, deleted)

    return Endpoint("DELETE", f"{_path(version)}/{{invite_link_id}}", "deleteInviteLink",
                    "Delete an invite link; its company stays", TAG, "admin", delete, Deleted, parameters=(TOKEN,),
                    answer_example={"status": "success"})


def _company_id(body: InviteLinkBody) -> int | None:
    return body.company_id if isinstance(body, InviteLinkBodyV4) else None


def _made(session: Session, body: InviteLinkBody) -> InviteLink:
    company_id, scope, name = _company_id(body), session.scope, name_of(body)
    if company_id is None:
        company_id = companies.create(session, scope, name).id
        activity.note(session, scope, "COMPANY_CREATED", company_id)
    elif companies.get(session, company_id) is None:
        raise not_found("company", company_id)
    elif name:
        companies.update_company(session, company_id, name=name)
    until = expiry(body.expires_at) if isinstance(body, InviteLinkBodyV4) else None
    link = invites.add(session, scope, company_id, body.integrations or [], body.integration_categories or [],
                       configs_text(body), until)
    activity.note(session, scope, "INVITE_LINK_CREATED", company_id)
    return link


def _after(link: InviteLink, body: InviteLinkBody) -> InviteLink:
    """The link as it is changed: what is not sent stays."""
    changed = link
    if body.integrations is not None:
        changed = replace(changed, integrations=body.integrations)
    if body.integration_categories is not None:
        changed = replace(changed, categories=body.integration_categories)
    if body.sync_config is not None:
        changed = replace(changed, sync_config=configs_text(body))
    if isinstance(body, InviteLinkChangeV4) and body.expires_at is not msgspec.UNSET:
        changed = replace(changed, expires_at=expiry(body.expires_at))
    return changed


def _find(session: Session, token: str) -> InviteLink:
    link = invites.get(session, token)
    if link is None:
        raise not_found("invite link", token)
    return link


def _one(engine: Engine, session: Session, token: str, version: str) -> OneInviteLink:
    return OneInviteLink(links_shown(engine, session, [_find(session, token)], version, expand=True)[0])
