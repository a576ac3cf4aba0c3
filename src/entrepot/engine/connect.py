"""Connect a shop: check the form, try the credentials, and only then keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from entrepot.clock import now_ms
from entrepot.engine import defaults, events, rhythm, sync
from entrepot.engine.context import Engine
from entrepot.engine.rhythm import Rhythm
from entrepot.engine.trial import Tried, try_credentials
from entrepot.errors import ApiError, invalid_params, not_found, operation_denied
from entrepot.kit.installed import Installed
from entrepot.model.registry import by_data_model
from entrepot.store import activity, call_counts, companies, connections, invites
from entrepot.store.connections import Connection
from entrepot.store.invites import InviteLink
from entrepot.store.scope import Scope
from entrepot.store.store import Session


@dataclass(frozen=True)
class Wish:
    """A shop to be connected. The company is named, or the invite link that leads to it."""

    integration_type: str
    credentials: Mapping[str, str]
    company_id: int | None = None
    invite_link_id: str | None = None
    rhythms: Sequence[Rhythm] = ()
    sync: bool = False
    """Whether the first sync is asked for with it."""

    def __repr__(self) -> str:
        return f"Wish({self.integration_type}, {self.company_id or self.invite_link_id})"


class _Kept(msgspec.Struct):
    """One data model of an invite link's ``sync_config``."""

    data_model: str
    frequency: str
    interval: int = 1
    enabled: bool = True
    sync_from: str | None = None
    scope_access: dict[str, bool] | None = None


_KEPT = msgspec.json.Decoder(list[_Kept])


async def connect(
    engine: Engine, scope: Scope, company_id: int, integration_type: str, credentials: Mapping[str, str],
    rhythms: Sequence[Rhythm] = (),
) -> int:
    """Connect a company to a shop; answers the connection's id. Data models without a rhythm get the default.

    Raises ApiError: 404 for the company, 400 naming ``credentials.<field>`` for what the form refuses, and 400 with
    the platform's own words when the shop does. Nothing is kept then.
    """
    wish = Wish(integration_type, credentials, company_id, rhythms=rhythms)
    tried = await try_wish(engine, scope, wish)
    return await engine.store.writing(scope, lambda session: keep(engine, session, wish, tried).id)


async def try_wish(engine: Engine, scope: Scope, wish: Wish) -> Tried:
    """All that can be refused before anything is kept; the shop is asked last."""
    platform = engine.platform(wish.integration_type)
    await engine.store.reading(scope, lambda session: _owner(session, wish, platform))
    rhythm.check(engine, wish.integration_type, wish.rhythms)
    return await try_credentials(engine, platform, wish.credentials)


def keep(engine: Engine, session: Session, wish: Wish, tried: Tried) -> Connection:
    """The connection, healthy, with its rhythms, in the caller's transaction: the environment's defaults, over them
    what the invite link says, over that what the wish says."""
    company_id, link = _owner(session, wish, tried.platform)
    manifest = tried.platform.manifest
    made = connections.create(session, session.scope, company_id, manifest.integration_type, manifest.category,
                              tried.settings)
    connections.seal(session, made.id, engine.seal(made.id, tried.secrets), tried.settings)
    defaults.apply(engine, session, made)
    rhythm.apply(engine, session, made, _of_link(tried.platform, link))
    rhythm.apply(engine, session, made, wish.rhythms)
    activity.note(session, made.scope, "CONNECTION_CREATED", company_id, manifest.integration_type)
    events.connection_changed(session, made, "HEALTHY")
    if wish.sync:
        sync.ask(engine, session, sync.Asked(company_id, made.id, full=True))
    call_counts.add(session, made.id, tried.calls)
    return made


def _owner(session: Session, wish: Wish, platform: Installed) -> tuple[int, InviteLink | None]:
    """The company, and the link whose rhythms count: the one that was named, else the company's newest."""
    if wish.invite_link_id is not None:
        link = invites.get(session, wish.invite_link_id)
        if link is None:
            raise not_found("invite link", wish.invite_link_id)
        if wish.company_id not in (None, link.company_id):
            raise invalid_params("company_id", "The invite link belongs to another company; send one of the two.")
        _check_link(link, platform)
        return link.company_id, link
    if wish.company_id is None or companies.get(session, wish.company_id) is None:
        raise not_found("company", wish.company_id or "")
    return wish.company_id, invites.of_companies(session, [wish.company_id]).get(wish.company_id)


def _check_link(link: InviteLink, platform: Installed) -> None:
    if link.expires_at is not None and link.expires_at <= now_ms():
        raise operation_denied("the invite link has expired; make another one for the company.", field="invite_link_id")
    kind, category = platform.manifest.integration_type, platform.manifest.category
    if link.integrations and kind not in link.integrations:
        raise _not_allowed(f"the invite link is for {', '.join(link.integrations)}, not for {kind}.")
    if category not in link.categories:
        raise _not_allowed(f"the invite link is for {', '.join(link.categories)}, and {kind} is {category}.")


def _not_allowed(hint: str) -> ApiError:
    return operation_denied(hint, field="integration_type")


def _of_link(platform: Installed, link: InviteLink | None) -> list[Rhythm]:
    """What the link says of data models that this platform offers; it may have been made for several."""
    found = []
    for one in _KEPT.decode(link.sync_config) if link is not None and link.sync_config else ():
        noun = by_data_model(one.data_model)
        if noun is not None and platform.connector.stream_of(noun.name) is not None:
            found.append(Rhythm(one.data_model, one.frequency, one.interval, one.enabled, one.sync_from,
                                one.scope_access))
    return found
