"""Invite links: how a company comes into being and connects its shops."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import RowMapping, select, update

from entrepot.clock import now_ms
from entrepot.store import companies, sequence
from entrepot.store.core_tables import invite_links
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

_LIST = msgspec.json.Decoder(list[str])


@dataclass(frozen=True)
class InviteLink:
    """An invite link; times in ms. ``invite_link_id`` is the token that a browser is given. ``sync_config`` is JSON: a
    list of what a connection made by it begins with."""

    id: int
    company_id: int
    invite_link_id: str
    integrations: list[str]
    categories: list[str]
    created_at: int
    updated_at: int
    sync_config: str | None = None
    expires_at: int | None = None


def create(
    session: Session, scope: Scope, company_name: str, integrations: Sequence[str], categories: Sequence[str],
) -> InviteLink:
    """A company and its link, in one transaction."""
    company = companies.create(session, scope, company_name)
    return add(session, scope, company.id, integrations, categories)


def add(
    session: Session, scope: Scope, company_id: int, integrations: Sequence[str], categories: Sequence[str],
    sync_config: str | None = None, expires_at: int | None = None,
) -> InviteLink:
    """Another link of a company that was looked up in its scope."""
    ident, now = sequence.take(session, 1)[0], now_ms()
    token = str(uuid.uuid4())
    session.execute(invite_links.insert().values(
        id=ident, organisation_id=scope.organisation_id, environment_id=scope.environment_id, company_id=company_id,
        invite_link_id=token, integrations=_text(integrations), integration_categories=_text(categories),
        sync_config=sync_config, expires_at=expires_at, created_at=now, updated_at=now,
    ))
    return InviteLink(ident, company_id, token, list(integrations), list(categories), now, now, sync_config, expires_at)


def change(session: Session, link: InviteLink) -> InviteLink:
    """Keep a link as it is given (but for its ids and times)."""
    now = now_ms()
    session.execute(update(invite_links).where(scoped(session, invite_links), invite_links.c.id == link.id).values(
        integrations=_text(link.integrations), integration_categories=_text(link.categories),
        sync_config=link.sync_config, expires_at=link.expires_at, updated_at=now))
    return replace(link, updated_at=now)


def remove(session: Session, ident: int) -> None:
    """The link opens nothing any more; its company stays."""
    session.execute(update(invite_links).where(scoped(session, invite_links), invite_links.c.id == ident)
                    .values(deleted_at=now_ms()))


def get(session: Session, invite_link_id: str) -> InviteLink | None:
    """The scope's link with that token, or None."""
    row = session.execute(
        select(invite_links).where(scoped(session, invite_links), invite_links.c.invite_link_id == invite_link_id,
                                   invite_links.c.deleted_at.is_(None))
    ).mappings().first()
    return None if row is None else _link(row)


def of_companies(session: Session, company_ids: Sequence[int]) -> dict[int, InviteLink]:
    """The newest link of each company."""
    rows = session.execute(
        select(invite_links).where(scoped(session, invite_links), invite_links.c.company_id.in_(company_ids),
                                   invite_links.c.deleted_at.is_(None)).order_by(invite_links.c.id)
    ).mappings()
    return {row["company_id"]: _link(row) for row in rows}


def listed(session: Session, after: int, limit: int) -> list[InviteLink]:
    """The scope's links with ids above ``after``, in order of id."""
    rows = session.execute(
        select(invite_links)
        .where(scoped(session, invite_links), invite_links.c.id > after, invite_links.c.deleted_at.is_(None))
        .order_by(invite_links.c.id).limit(limit)
    ).mappings()
    return [_link(row) for row in rows]


def _link(row: RowMapping) -> InviteLink:
    return InviteLink(row["id"], row["company_id"], row["invite_link_id"], _LIST.decode(row["integrations"]),
                      _LIST.decode(row["integration_categories"]), row["created_at"], row["updated_at"],
                      row["sync_config"], row["expires_at"])


def _text(words: Sequence[str]) -> str:
    return msgspec.json.encode(list(words)).decode()
