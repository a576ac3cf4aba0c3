"""Companies: listed and read. They are born with their invite link; no call makes one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from entrepot.api.core.connection import ConnectionShown, show
from entrepot.api.core.pages import LIMIT, NEXT, Page, edge, read_page, words
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.query import parameters, read_plain
from entrepot.api.times import ms_text
from entrepot.engine.context import Engine
from entrepot.errors import not_found
from entrepot.store import companies, connections, invites
from entrepot.store.companies import Company
from entrepot.store.connections import Connection
from entrepot.store.invites import InviteLink
from entrepot.store.store import Session

EXPAND = frozenset({"invite_link", "connections"})
STATUSES = frozenset({"HEALTHY", "EXPIRED", "PENDING", "DISCONNECTED", "SLEEPING", "DELETED"})
CATEGORIES = frozenset({"ACCOUNTING", "PAYMENTS", "CRM", "ECOMMERCE", "CUSTOM"})


class LinkOfCompany(msgspec.Struct):
    """A company's newest invite link."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    invite_link_id: str
    integrations: list[str]
    integration_categories: list[str]


class CompanyShown(msgspec.Struct):
    """A customer of whoever runs this installation. ``invite_link`` and ``connections`` with expand."""

    rootfi_id: int
    rootfi_created_at: str
    rootfi_updated_at: str
    name: str
    partner_id: str | None
    invite_link: LinkOfCompany | msgspec.UnsetType | None = msgspec.UNSET
    connections: list[ConnectionShown] | msgspec.UnsetType = msgspec.UNSET


class OneCompany(msgspec.Struct):
    """One company."""

    data: CompanyShown


class CompanyList(msgspec.Struct):
    """A page of companies."""

    data: list[CompanyShown]
    next: str | None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The two calls of one version."""

    async def listed(call: Call) -> Reply:
        page = read_page(call.query, frozenset({"integrations", "categories", "status", "expand"}))
        expand = words(page.plain, "expand", EXPAND)
        wanted = _Wanted(page.plain)
        answer = await engine.store.reading(call.scope, lambda session: _listed(engine, session, page, wanted, expand))
        return Reply(msgspec.json.encode(answer))

    async def one(call: Call) -> Reply:
        plain = read_plain(parameters(call.query), frozenset({"expand"}))
        # A single company has room for all of it; expand is accepted and adds nothing.
        words(plain, "expand", EXPAND)
        ident = call.path["company_id"]
        answer = await engine.store.reading(call.scope, lambda session: _one(engine, session, ident))
        return Reply(msgspec.json.encode(answer))

    return [
        Endpoint("GET", f"/{version}/core/companies", "listCompanies", "List companies", "companies", "read", listed,
                 CompanyList, parameters=(LIMIT, NEXT, *_FILTERS)),
        Endpoint("GET", f"/{version}/core/companies/{{company_id}}", "getCompany", "Read a company", "companies",
                 "read", one, OneCompany, parameters=(
                     Parameter("company_id", "The company's rootfi_id.", {"type": "integer"}, "path", required=True),)),
    ]


_FILTERS = (
    Parameter("integrations", "Only companies connected to one of these integration types (comma list).",
              {"type": "string"}),
    Parameter("categories", "Only companies with a connection of one of these categories (comma list).",
              {"type": "string"}),
    Parameter("status", "Only companies with a connection in one of these states (comma list).", {"type": "string"}),
    Parameter("expand", "`invite_link`, `connections` (comma list).", {"type": "string"}),
)


class _Wanted:
    """The list's filters; all of them must fit one and the same connection."""

    def __init__(self, plain: Mapping[str, str]) -> None:
        self.integrations = frozenset(word.strip() for word in plain.get("integrations", "").split(",")) - {""}
        self.categories = words(plain, "categories", CATEGORIES)
        self.statuses = words(plain, "status", STATUSES)

    def all_of_them(self) -> bool:
        """Nothing is filtered."""
        return not (self.integrations or self.categories or self.statuses)

    def fits(self, one: Connection) -> bool:
        """Whether a connection is what was asked for."""
        states = {one.status, "SLEEPING"} if one.sync_status == "SLEEPING" else {one.status}
        return ((not self.integrations or one.integration_type in self.integrations)
                and (not self.categories or one.category in self.categories)
                and (not self.statuses or bool(states & self.statuses)))


def _listed(
    engine: Engine, session: Session, page: Page, wanted: _Wanted, expand: frozenset[str],
) -> CompanyList:
    found: list[Company] = []
    linked: dict[int, list[Connection]] = {}
    after = page.next or 0
    while len(found) <= page.limit:  # one more than asked for tells whether there is a next page
        batch = companies.listed(session, after, page.limit + 1)
        if not batch:
            break
        after = batch[-1].id
        known = connections.of_companies(session, [one.id for one in batch])
        linked.update(known)
        found += [one for one in batch
                  if wanted.all_of_them() or any(wanted.fits(link) for link in known.get(one.id, ()))]
    more = len(found) > page.limit
    found = found[: page.limit]
    links = invites.of_companies(session, [one.id for one in found]) if "invite_link" in expand else {}
    shown = [company(engine, session, one, links.get(one.id), linked.get(one.id, ()), expand) for one in found]
    return CompanyList(shown, edge(found[-1].id) if more else None)


def _one(engine: Engine, session: Session, ident: str) -> OneCompany:
    number = int(ident) if ident.isascii() and ident.isdigit() and len(ident) < 16 else 0
    found = companies.get(session, number)
    if found is None:
        raise not_found("company", ident)
    link = invites.of_companies(session, [found.id]).get(found.id)
    return OneCompany(company(engine, session, found, link, connections.of_company(session, found.id), EXPAND))


def company(
    engine: Engine, session: Session, one: Company, link: InviteLink | None, linked: Sequence[Connection],
    expand: frozenset[str],
) -> CompanyShown:
    """A company with what was asked for beside it."""
    shown = CompanyShown(one.id, ms_text(one.created_at), ms_text(one.updated_at), one.name, one.partner_id)
    if "invite_link" in expand:
        shown.invite_link = None if link is None else LinkOfCompany(
            link.id, ms_text(link.created_at), ms_text(link.updated_at), link.invite_link_id, link.integrations,
            link.categories)
    if "connections" in expand:
        shown.connections = [show(engine, session, connection, under_link=False) for connection in linked]
    return shown
