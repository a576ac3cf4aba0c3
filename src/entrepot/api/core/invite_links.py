"""Invite links: a POST makes a company and the token that lets its owner connect a shop."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot.api.core.bodies import read
from entrepot.api.core.companies import CATEGORIES
from entrepot.api.core.connection import ConnectionShown, show
from entrepot.api.core.pages import LIMIT, NEXT, Page, edge, read_page, words
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.query import parameters, read_plain
from entrepot.api.times import ms_text
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params, missing_params, not_found, operation_denied
from entrepot.store import activity, companies, connections, invites
from entrepot.store.companies import Company
from entrepot.store.connections import Connection
from entrepot.store.invites import InviteLink
from entrepot.store.store import Session

EXPAND = frozenset({"connections"})
_LONGEST_NAME = 500
_INTEGRATION_TYPE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")


class InviteLinkBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a link is made of. No integrations named: whatever the installation has of the categories."""

    integration_categories: list[str] | None = None
    company_name: str | None = None
    integrations: list[str] | None = None
    sync_config: list[dict[str, Any]] | None = None


class CompanyOfLink(msgspec.Struct):
    """The company behind a link."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    name: str


class InviteLinkShown(msgspec.Struct):
    """A link. ``invite_link_id`` is the token for the browser; ``connections`` with expand."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    invite_link_id: str
    rootfi_company_id: int
    integrations: list[str]
    integration_categories: list[str]
    company: CompanyOfLink
    connections: list[ConnectionShown] | msgspec.UnsetType | None = msgspec.UNSET


class OneInviteLink(msgspec.Struct):
    """One link."""

    data: InviteLinkShown


class InviteLinkList(msgspec.Struct):
    """A page of links."""

    data: list[InviteLinkShown]
    next: str | None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The three calls of one version."""

    async def create(call: Call) -> Reply:
        body = read(call.body, InviteLinkBody)
        _check(body)
        answer = await engine.store.writing(call.scope, lambda session: _create(session, body))
        return Reply(msgspec.json.encode(answer))

    async def listed(call: Call) -> Reply:
        page = read_page(call.query, frozenset({"expand"}))
        expand = words(page.plain, "expand", EXPAND)
        answer = await engine.store.reading(call.scope, lambda session: _listed(engine, session, page, expand))
        return Reply(msgspec.json.encode(answer))

    async def one(call: Call) -> Reply:
        words(read_plain(parameters(call.query), frozenset({"expand"})), "expand", EXPAND)
        token = call.path["invite_link_id"]
        answer = await engine.store.reading(call.scope, lambda session: _one(engine, session, token))
        return Reply(msgspec.json.encode(answer))

    path = f"/{version}/core/invite_links"
    token = Parameter("invite_link_id", "The link's token.", {"type": "string"}, "path", required=True)
    expand = Parameter("expand", "`connections`.", {"type": "string"})
    return [
        Endpoint("POST", path, "createInviteLink", "Make a company and its invite link", "invite links", "admin",
                 create, OneInviteLink, body=InviteLinkBody,
                 body_example={"company_name": "Acme Inc.", "integration_categories": ["ECOMMERCE"]}),
        Endpoint("GET", path, "listInviteLinks", "List invite links", "invite links", "read", listed, InviteLinkList,
                 parameters=(LIMIT, NEXT, expand)),
        Endpoint("GET", f"{path}/{{invite_link_id}}", "getInviteLink", "Read an invite link", "invite links", "read",
                 one, OneInviteLink, parameters=(token, expand)),
    ]


def _check(body: InviteLinkBody) -> None:
    if not body.integration_categories:
        raise missing_params("integration_categories", "Send a list, [\"ECOMMERCE\"] say.")
    for word in body.integration_categories:
        if word not in CATEGORIES:
            raise invalid_params("integration_categories", f"Send some of {', '.join(sorted(CATEGORIES))}.")
    for kind in body.integrations or ():
        # Not only what is installed: a link may be sent out before its connector is.
        if not _INTEGRATION_TYPE.fullmatch(kind):
            raise invalid_params("integrations", "An integration type is written in capitals, with underscores.")
    if len(body.company_name or "") > _LONGEST_NAME:
        raise invalid_params("company_name", f"It is longer than {_LONGEST_NAME} characters.")
    if body.sync_config:
        raise operation_denied("a rhythm belongs to a connection, and this company has none yet.", field="sync_config")


def _create(session: Session, body: InviteLinkBody) -> OneInviteLink:
    link = invites.create(session, session.scope, (body.company_name or "").strip(), body.integrations or [],
                          body.integration_categories or [])
    for kind in ("COMPANY_CREATED", "INVITE_LINK_CREATED"):
        activity.note(session, session.scope, kind, link.company_id)
    company = companies.get(session, link.company_id)
    shown = _shown(link, company)
    shown.connections = None
    return OneInviteLink(shown)


def _listed(engine: Engine, session: Session, page: Page, expand: frozenset[str]) -> InviteLinkList:
    found = invites.listed(session, page.next or 0, page.limit + 1)
    more = len(found) > page.limit
    found = found[: page.limit]
    linked = connections.of_companies(session, [one.company_id for one in found]) if expand else {}
    shown = []
    for link in found:
        one = _shown(link, companies.get(session, link.company_id))
        if expand:
            one.connections = _connections(engine, session, linked.get(link.company_id, ()))
        shown.append(one)
    return InviteLinkList(shown, edge(found[-1].id) if more else None)


def _one(engine: Engine, session: Session, token: str) -> OneInviteLink:
    link = invites.get(session, token)
    if link is None:
        raise not_found("invite link", token)
    shown = _shown(link, companies.get(session, link.company_id))
    shown.connections = _connections(engine, session, connections.of_company(session, link.company_id))
    return OneInviteLink(shown)


def _connections(engine: Engine, session: Session, linked: Sequence[Connection]) -> list[ConnectionShown] | None:
    return [show(engine, session, one, under_link=True) for one in linked] or None


def _shown(link: InviteLink, company: Company | None) -> InviteLinkShown:
    if company is None:
        raise not_found("company", link.company_id)
    created, updated = ms_text(company.created_at), ms_text(company.updated_at)
    return InviteLinkShown(
        link.id, ms_text(link.created_at), ms_text(link.updated_at), link.invite_link_id, link.company_id,
        link.integrations, link.categories, CompanyOfLink(company.id, created, updated, company.name))
