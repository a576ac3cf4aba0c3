"""A company as the API shows it, with what was asked for beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from entrepot.api.core.connection import ConnectionShown, show
from entrepot.api.times import ms_text
from entrepot.engine.context import Engine
from entrepot.store import activity, connections, invites
from entrepot.store.activity import Activity
from entrepot.store.companies import Company
from entrepot.store.connections import Connection
from entrepot.store.invites import InviteLink
from entrepot.store.store import Session

EXPAND = frozenset({"invite_link", "connections", "activity_log"})
PUBLISHED = frozenset({
    "ORG_CREATED", "USER_CREATED", "INVITE_LINK_CREATED", "COMPANY_CREATED", "CONNECTION_CREATED",
    "CONNECTION_EXPIRED", "CONNECTION_DISCONNECTED", "USER_DELETED", "COMPANY_DELETED", "CONNECTION_DELETED"})
"""The activity that published clients of v3 know."""


class LinkOfCompany(msgspec.Struct):
    """A company's newest invite link."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    invite_link_id: str
    integrations: list[str]
    integration_categories: list[str]


class ActivityShown(msgspec.Struct):
    """Something that happened. ``detail`` (an integration type, say) in v4."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    activity_type: str
    detail: str | msgspec.UnsetType | None = msgspec.UNSET


class CompanyShown(msgspec.Struct):
    """A customer of whoever runs this installation. ``invite_link``, ``connections`` and ``activity_log`` (the newest
    hundred lines, newest first) with expand."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    name: str
    partner_id: str | None
    invite_link: LinkOfCompany | msgspec.UnsetType | None = msgspec.UNSET
    connections: list[ConnectionShown] | msgspec.UnsetType = msgspec.UNSET
    activity_log: list[ActivityShown] | msgspec.UnsetType = msgspec.UNSET


def companies_shown(
    engine: Engine, session: Session, some: Sequence[Company], expand: Collection[str], version: str,
) -> list[CompanyShown]:
    """Companies with what was asked for; each part is read once for all of them."""
    idents = [one.id for one in some]
    links = invites.of_companies(session, idents) if "invite_link" in expand else {}
    linked = _connections(engine, session, idents, version) if "connections" in expand else {}
    logs: Mapping[int, Sequence[Activity]] = {}
    if "activity_log" in expand:
        logs = activity.of_companies(session, idents, PUBLISHED if version == "v3" else None)
    found = []
    for one in some:
        shown = CompanyShown(one.id, ms_text(one.created_at), ms_text(one.updated_at), one.name, one.partner_id)
        if "invite_link" in expand:
            shown.invite_link = _link(links.get(one.id))
        if "connections" in expand:
            shown.connections = linked.get(one.id, [])
        if "activity_log" in expand:
            shown.activity_log = [_activity(line, version) for line in logs[one.id]]
        found.append(shown)
    return found


def _connections(
    engine: Engine, session: Session, idents: Sequence[int], version: str,
) -> dict[int, list[ConnectionShown]]:
    known: dict[int, list[Connection]] = connections.of_companies(session, idents)
    shown = iter(show(engine, session, [one for some in known.values() for one in some], version))
    return {ident: [next(shown) for _ in some] for ident, some in known.items()}


def _link(link: InviteLink | None) -> LinkOfCompany | None:
    return None if link is None else LinkOfCompany(
        link.id, ms_text(link.created_at), ms_text(link.updated_at), link.invite_link_id, link.integrations,
        link.categories)


def _activity(line: Activity, version: str) -> ActivityShown:
    at = ms_text(line.created_at)
    return ActivityShown(line.id, at, at, line.activity_type, line.detail if version == "v4" else msgspec.UNSET)
