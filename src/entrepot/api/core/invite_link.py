"""An invite link: what it is made of, and how it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from entrepot.api.core.bodies import Ident
from entrepot.api.core.connection import ConnectionShown, show
from entrepot.api.core.rhythm_body import CATEGORIES, RhythmBody
from entrepot.api.times import ms_text
from entrepot.clock import now_ms, to_ms
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params, missing_params, not_found
from entrepot.store import companies, connections
from entrepot.store.companies import Company
from entrepot.store.invites import InviteLink
from entrepot.store.store import Session

_LONGEST_NAME = 500
_INTEGRATION_TYPE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")


class InviteLinkBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a link is made of. No integrations named: whatever the installation has of the categories. Without a name
    the company's owner is asked for it. A change keeps what is not sent."""

    integration_categories: list[str] | None = None
    company_name: str | None = None
    integrations: list[str] | None = None
    sync_config: list[RhythmBody] | None = None


class InviteLinkBodyV4(InviteLinkBody):
    """The same, for a company that there is already (``company_id``), or until a time."""

    company_id: Ident | None = None
    expires_at: datetime | msgspec.UnsetType | None = msgspec.UNSET


class InviteLinkChangeV4(InviteLinkBody):
    """What may be changed of a link; its company stays."""

    expires_at: datetime | msgspec.UnsetType | None = msgspec.UNSET


class CompanyOfLink(msgspec.Struct):
    """The company behind a link."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    name: str


class InviteLinkShown(msgspec.Struct):
    """A link. ``invite_link_id`` is the token for the browser; ``connections`` with expand. In v4 ``sync_config`` is
    what a connection made by it begins with."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    invite_link_id: str
    rootfi_company_id: int
    integrations: list[str]
    integration_categories: list[str]
    company: CompanyOfLink
    connections: list[ConnectionShown] | msgspec.UnsetType | None = msgspec.UNSET
    sync_config: list[RhythmBody] | msgspec.UnsetType = msgspec.UNSET
    expires_at: str | msgspec.UnsetType | None = msgspec.UNSET


_CONFIGS = msgspec.json.Decoder(list[RhythmBody])


def check(body: InviteLinkBody, *, new: bool) -> None:
    """Refuse what cannot be kept. ApiError names the field."""
    if not body.integration_categories and (new or body.integration_categories is not None):
        raise missing_params("integration_categories", "Send a list, [\"ECOMMERCE\"] say.")
    for word in body.integration_categories or ():
        if word not in CATEGORIES:
            raise invalid_params("integration_categories", f"Send some of {', '.join(sorted(CATEGORIES))}.")
    for kind in body.integrations or ():
        # Not only what is installed: a link may be sent out before its connector is.
        if not _INTEGRATION_TYPE.fullmatch(kind):
            raise invalid_params("integrations", "An integration type is written in capitals, with underscores.")
    if len(body.company_name or "") > _LONGEST_NAME:
        raise invalid_params("company_name", f"It is longer than {_LONGEST_NAME} characters.")
    seen: set[str] = set()
    for position, config in enumerate(body.sync_config or ()):
        config.check(f"sync_config[{position}]")
        if config.data_model in seen:
            raise invalid_params(f"sync_config[{position}].data_model", f"{config.data_model} stands twice in it.")
        seen.add(config.data_model)


def name_of(body: InviteLinkBody) -> str:
    """The company's name; empty where its owner is to be asked."""
    return (body.company_name or "").strip()


def configs_text(body: InviteLinkBody) -> str | None:
    """The rhythms as they are kept."""
    return msgspec.json.encode(body.sync_config).decode() if body.sync_config else None


def expiry(at: datetime | msgspec.UnsetType | None) -> int | None:
    """In ms; None for never. ApiError for a time that has passed."""
    if at is None or isinstance(at, msgspec.UnsetType):
        return None
    found = to_ms(at if at.tzinfo else at.replace(tzinfo=UTC))
    if found <= now_ms():
        raise invalid_params("expires_at", "That time has passed; send a later one, or null for never.")
    return found


def links_shown(
    engine: Engine, session: Session, links: Sequence[InviteLink], version: str, *, expand: bool,
) -> list[InviteLinkShown]:
    """Links with their companies, and with their connections where they were asked for."""
    found = []
    linked = connections.of_companies(session, [one.company_id for one in links]) if expand else {}
    for link in links:
        one = _shown(link, companies.get(session, link.company_id), version)
        if expand:
            some = linked.get(link.company_id, ())
            one.connections = show(engine, session, some, version, under_link=True) if some else None
        found.append(one)
    return found


def _shown(link: InviteLink, company: Company | None, version: str) -> InviteLinkShown:
    if company is None:
        raise not_found("company", link.company_id)
    created, updated = ms_text(company.created_at), ms_text(company.updated_at)
    shown = InviteLinkShown(
        link.id, ms_text(link.created_at), ms_text(link.updated_at), link.invite_link_id, link.company_id,
        link.integrations, link.categories, CompanyOfLink(company.id, created, updated, company.name))
    if version == "v4":
        shown.sync_config = _CONFIGS.decode(link.sync_config) if link.sync_config else []
        shown.expires_at = None if link.expires_at is None else ms_text(link.expires_at)
    return shown
