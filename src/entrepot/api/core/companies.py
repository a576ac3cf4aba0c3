"""Companies: listed, read, renamed, disconnected, deleted. They are born with their invite link."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from entrepot.api import idempotency
from entrepot.api.core import company_examples
from entrepot.api.core.bodies import read
from entrepot.api.core.company import EXPAND, CompanyShown, companies_shown
from entrepot.api.core.deleted import Deleted, Erasing, reply
from entrepot.api.core.idents import COMPANY, ident
from entrepot.api.core.pages import LIMIT, NEXT, Page, edge, read_page, words
from entrepot.api.core.rhythm_body import CATEGORIES, RhythmBody, alone
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.query import parameters, read_plain
from entrepot.engine import rhythm
from entrepot.engine.choose import choose
from entrepot.engine.context import Engine
from entrepot.engine.disconnect import disconnect
from entrepot.engine.erase import delete_company
from entrepot.errors import ApiError, invalid_params, missing_params, not_found, operation_denied
from entrepot.model.registry import by_data_model
from entrepot.store import companies, connections
from entrepot.store.companies import Company
from entrepot.store.connections import Connection
from entrepot.store.store import Session

STATUSES = frozenset({"HEALTHY", "EXPIRED", "PENDING", "DISCONNECTED", "SLEEPING", "DELETED"})
LONGEST = 500
TAG = "companies"
_LIST = frozenset({"integrations", "categories", "status", "expand"})
_SEARCH = frozenset({"partner_id", "name"})


class CompanyChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed; what is not sent stays. ``sync_config`` sets one data model's rhythm on every connection
    of the company that offers it."""

    name: str | None = None
    partner_id: str | msgspec.UnsetType | None = msgspec.UNSET
    sync_config: RhythmBody | None = None


class OneCompany(msgspec.Struct):
    """One company."""

    data: CompanyShown


class CompanyList(msgspec.Struct):
    """A page of companies."""

    data: list[CompanyShown]
    next: str | None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    found = [_list(engine, version), _get(engine, version), _change(engine, version), _delete(engine, version)]
    return [*found, _disconnect(engine)] if version == "v4" else found


_FILTERS = (
    Parameter("integrations", "Only companies connected to one of these integration types (comma list).",
              {"type": "string"}),
    Parameter("categories", "Only companies with a connection of one of these categories (comma list).",
              {"type": "string"}),
    Parameter("status", "Only companies with a connection in one of these states (comma list).", {"type": "string"}),
    Parameter("expand", "`invite_link`, `connections`, `activity_log` (comma list).", {"type": "string"}),
)
_SEARCHES = (
    Parameter("partner_id", "Only the company that you know under this id.", {"type": "string"}),
    Parameter("name", "Only companies with this in their name, whatever the case.", {"type": "string"}),
)


def _list(engine: Engine, version: str) -> Endpoint:
    known, filters = (_LIST, _FILTERS) if version == "v3" else (_LIST | _SEARCH, (*_FILTERS, *_SEARCHES))

    async def listed(call: Call) -> Reply:
        page = read_page(call.query, known)
        expand = words(page.plain, "expand", EXPAND)
        wanted = _Wanted(page.plain)

        def found(session: Session) -> CompanyList:
            some, more = _page(session, page, wanted)
            return CompanyList(companies_shown(engine, session, some, expand, version),
                               edge(some[-1].id) if more else None)

        return Reply(msgspec.json.encode(await engine.store.reading(call.scope, found)))

    return Endpoint("GET", f"/{version}/core/companies", "listCompanies", "List companies", TAG, "read", listed,
                    CompanyList, parameters=(LIMIT, NEXT, *filters),
                    answer_example={"data": [company_examples.company(version)], "next": None})


def _get(engine: Engine, version: str) -> Endpoint:
    async def one(call: Call) -> Reply:
        plain = read_plain(parameters(call.query), frozenset({"expand"}))
        # A single company has room for all of it; expand is accepted and adds nothing.
        words(plain, "expand", EXPAND)
        number = ident(call, "company_id")
        answer = await engine.store.reading(call.scope, lambda session: _shown(engine, session, number, version))
        return Reply(msgspec.json.encode(answer))

    return Endpoint("GET", f"/{version}/core/companies/{{company_id}}", "getCompany", "Read a company", TAG, "read",
                    one, OneCompany, parameters=(COMPANY,),
                    answer_example={"data": company_examples.company(version)})


def _change(engine: Engine, version: str) -> Endpoint:
    async def change(call: Call) -> Reply:
        body, number = read(call.body, CompanyChange), ident(call, "company_id")
        values = _values(body)

        def changed(session: Session) -> Reply:
            if not companies.update_company(session, number, **values):
                raise not_found("company", number)
            if body.sync_config is not None:
                _set_rhythm(engine, session, number, body.sync_config)
            shown = _shown(engine, session, number, version)
            answer = CompanyList([shown.data], None) if listed else shown
            return Reply(msgspec.json.encode(answer), company_id=number)

        return await idempotency.effect(engine, call, changed)

    example = company_examples.company(version)
    # v3's client declares a list here, of the one company.
    listed = version == "v3"
    return Endpoint("PUT", f"/{version}/core/companies/{{company_id}}", "updateCompany", "Change a company", TAG,
                    "admin", change, CompanyList if listed else OneCompany, parameters=(COMPANY,), body=CompanyChange,
                    body_example={"name": "Acme Inc.", "partner_id": "customer-17",
                                  "sync_config": company_examples.rhythm(version)},
                    answer_example={"data": [example], "next": None} if listed else {"data": example})


def _delete(engine: Engine, version: str) -> Endpoint:
    async def delete(call: Call) -> Reply:
        number = ident(call, "company_id")

        def deleted(session: Session) -> Reply:
            erasure = delete_company(session, number)
            return reply(Deleted() if version == "v3" else Erasing(erasure))

        return await idempotency.effect(engine, call, deleted)

    return Endpoint("DELETE", f"/{version}/core/companies/{{company_id}}", "deleteCompany",
                    "Delete a company and remove its data for good", TAG, "admin", delete,
                    Deleted if version == "v3" else Erasing, parameters=(COMPANY,),
                    answer_example={"status": "success"} if version == "v3" else company_examples.ERASING)


def _disconnect(engine: Engine) -> Endpoint:
    async def forget(call: Call) -> Reply:
        number = ident(call, "company_id")

        def forgotten(session: Session) -> Reply:
            disconnect(session, choose(session, number).id)
            return Reply(msgspec.json.encode(_shown(engine, session, number, "v4")), company_id=number)

        return await idempotency.effect(engine, call, forgotten)

    return Endpoint("PUT", "/v4/core/companies/{company_id}/disconnect", "disconnectCompany",
                    "Forget the credentials of a company's only connected shop; its data stays", TAG, "admin", forget,
                    OneCompany, parameters=(COMPANY,), answer_example={"data": company_examples.company("v4")})


class _Wanted:
    """The list's filters; those of connections must all fit one and the same connection."""

    def __init__(self, plain: Mapping[str, str]) -> None:
        self.integrations = frozenset(word.strip() for word in plain.get("integrations", "").split(",")) - {""}
        self.categories = words(plain, "categories", CATEGORIES)
        self.statuses = words(plain, "status", STATUSES)
        self.own = companies.Wanted(plain.get("partner_id") or None, plain.get("name") or None)

    def all_of_them(self) -> bool:
        """Nothing is asked of connections."""
        return not (self.integrations or self.categories or self.statuses)

    def fits(self, one: Connection) -> bool:
        """Whether a connection is what was asked for."""
        states = {one.status, "SLEEPING"} if one.sync_status == "SLEEPING" else {one.status}
        return ((not self.integrations or one.integration_type in self.integrations)
                and (not self.categories or one.category in self.categories)
                and (not self.statuses or bool(states & self.statuses)))


def _page(session: Session, page: Page, wanted: _Wanted) -> tuple[list[Company], bool]:
    """The companies of a page, and whether there are more."""
    found: list[Company] = []
    after = page.next or 0
    while len(found) <= page.limit:  # one more than asked for tells whether there is a next page
        batch = companies.listed(session, after, page.limit + 1, wanted.own)
        if not batch:
            break
        after = batch[-1].id
        if not wanted.all_of_them():
            known = connections.of_companies(session, [one.id for one in batch])
            batch = [one for one in batch if any(wanted.fits(link) for link in known.get(one.id, ()))]
        found += batch
    return found[: page.limit], len(found) > page.limit


def _shown(engine: Engine, session: Session, number: int, version: str) -> OneCompany:
    found = companies.get(session, number)
    if found is None:
        raise not_found("company", number)
    return OneCompany(companies_shown(engine, session, [found], EXPAND, version)[0])


def _values(body: CompanyChange) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    if body.name is not None:
        values["name"] = body.name.strip()
        if not values["name"]:
            raise missing_params("name", "Leave it out to keep the name.")
    if not isinstance(body.partner_id, msgspec.UnsetType):
        values["partner_id"] = body.partner_id or None
    for name, value in values.items():
        if len(value or "") > LONGEST:
            raise invalid_params(name, f"It is longer than {LONGEST} characters.")
    if body.sync_config is not None:
        body.sync_config.check("sync_config")
    return values


def _set_rhythm(engine: Engine, session: Session, number: int, body: RhythmBody) -> None:
    noun = by_data_model(body.data_model)
    offering = [
        one for one in connections.of_company(session, number) if noun is not None
        and one.integration_type in engine.installed
        and engine.platform(one.integration_type).connector.stream_of(noun.name) is not None]
    if not offering:
        raise operation_denied(f"the company has no connection that offers {body.data_model}.",
                               field="sync_config.data_model")
    for one in offering:
        try:
            rhythm.apply(engine, session, one, [body.rhythm()])
        except ApiError as error:
            raise alone(error) from error
