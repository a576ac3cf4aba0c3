"""/core/real_time: one live read of a data model, mapped and stored on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from entrepot.api import idempotency
from entrepot.api.core.bodies import Ident, read
from entrepot.api.data import VIEWS
from entrepot.api.data_docs import reference
from entrepot.api.endpoint import Call, Endpoint, Reply, Work
from entrepot.api.examples import answer_example
from entrepot.api.filters import Filter
from entrepot.api.live import Gathering, Segment, Wanted, fetch, place_of
from entrepot.api.query import Extras, Listing, Single, read_condition, read_extras
from entrepot.api.read_through import readings_of
from entrepot.api.reading import get_record
from entrepot.api.view import View
from entrepot.engine.choose import choose
from entrepot.engine.context import Engine
from entrepot.engine.live import Reach, reach
from entrepot.engine.live_place import Place, write_place
from entrepot.errors import ApiError, invalid_params, not_found, operation_denied
from entrepot.model.registry import Noun, by_data_model, noun
from entrepot.store import records_read
from entrepot.store.store import Session

DEFAULT_LIMIT = 100
MAX_LIMIT = 250
PREFIX = "ECOMMERCE_"
ONE = frozenset({"company_info"})
"""A shop has one of them."""
_KNOWN = ("id", "filters", "limit", "next", "page", "per_page", "select", "expand")


class RealTimeBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which data model of which shop is read, and what of it."""

    company_id: Ident
    data_model: Annotated[str, Meta(description="ECOMMERCE_ORDERS, or short: ORDERS, COMPANY_INFO.")]
    variables: Annotated[dict[str, Any], Meta(
        description="id: one record, by platform_id, platform_unique_id or rootfi_id (a fulfillment or transaction "
        "that the store does not have yet is found with order_id beside it). Else a list: filters as lists have them "
        '({"status": "paid", "updated_at[gte]": "2024-01-01"}), limit (1 to 250; per_page is the same), next (the '
        "cursor of the page before) or page, select, expand.")] = {}
    connection_id: Ident | None = None


@dataclass(frozen=True)
class _Asked:
    """The variables, checked. Either ``ident`` or a list."""

    ident: str | None
    owner: str | None
    listing: Listing
    passed: int
    next: str | None


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    view = _views(version)["company_info"]
    example = {"company_id": 42, "data_model": "COMPANY_INFO", "variables": {"per_page": 100, "page": 1}}
    return [Endpoint(
        "POST", f"/{version}/core/real_time", "realTime", "Read a data model live", "real time", "read",
        _reading(engine, version), _answer(version), body=RealTimeBody, body_example=example,
        answer_example={"data": answer_example(view)})]


def _views(version: str) -> Mapping[str, View]:
    """The view of each noun."""
    return {view.noun: view for view in reversed(VIEWS[version]) if not view.deprecated}


def _answer(version: str) -> dict[str, Any]:
    kinds = [reference(view.name) for view in _views(version).values()]
    page = {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"anyOf": kinds}},
        "next": {"type": ["string", "null"], "description": "The cursor of the page after; null at the end."}}}
    return {"type": "object", "required": ["data"], "properties": {"data": {
        "description": "The record with id and for COMPANY_INFO, else a page of records.", "anyOf": [*kinds, page]}}}


def _reading(engine: Engine, version: str) -> Work:
    views = _views(version)

    async def work(call: Call) -> Reply:
        body = read(call.body, RealTimeBody)
        view = views[_noun(body.data_model).name]
        asked = _asked(view, body)

        async def answer() -> Reply:
            way = await engine.store.reading(call.scope, lambda session: _way(engine, session, view, body))
            call.trace.via, call.trace.complete = "live", True
            data = (await _one(engine, call, view, way, asked, asked.ident) if asked.ident is not None
                    else await _list(engine, call, view, way, asked, body.company_id))
            return Reply(b'{"data":%b}' % data, company_id=body.company_id)

        return await idempotency.unsafe(engine, call, answer)

    return work


def _noun(data_model: str) -> Noun:
    word = data_model.strip().upper()
    found = by_data_model(word) or by_data_model(PREFIX + word)
    if found is None:
        known = ", ".join(noun(name).data_model for name in _views("v4"))
        raise invalid_params("data_model", f"Send one of {known}, with or without {PREFIX}.")
    return found


def _way(engine: Engine, session: Session, view: View, body: RealTimeBody) -> Reach:
    connection = choose(session, body.company_id, body.connection_id)
    kind, model = connection.integration_type, noun(view.noun).data_model
    connector = engine.platform(kind).connector
    if connector.stream_of(view.noun) is None:
        raise operation_denied(f"{kind} has no {model}: "
                               f"{connector.refusals.get(view.noun, 'the platform does not offer it')}.",
                               field="data_model")
    way = reach(engine, session, connection, view.noun)
    if way is None:
        raise operation_denied(f"Reading {model} is not allowed on connection {connection.id}.", field="data_model")
    return way


def _asked(view: View, body: RealTimeBody) -> _Asked:
    given = {name: value for name, value in body.variables.items() if value is not None}
    parent = noun(view.noun).parent
    known = (*_KNOWN, *((parent,) if parent else ()))
    for name in given:
        if name not in known:
            raise invalid_params(f"variables.{name[:100]}", f"Known here are: {', '.join(known)}.")
    ident = _text(given, "id")
    if ident is not None and any(name in given for name in ("filters", "next", "page")):
        raise invalid_params("variables.id", "Send id alone; filters, next and page are for lists.")
    limit, page = _limit(given), _whole(given, "page", 1_000_000) or 1
    following = _text(given, "next")
    if following is not None and page > 1:
        raise invalid_params("variables.page", "Send next or page, not both.")
    return _Asked(ident, _text(given, parent) if parent else None, _listing(view, body, given, limit),
                  (page - 1) * limit, following)


def _listing(view: View, body: RealTimeBody, given: Mapping[str, Any], limit: int) -> Listing:
    plain = {name: text for name in ("select", "expand") if (text := _text(given, name)) is not None}
    try:
        extras = read_extras(view, plain) if plain else Extras()
    except ApiError as error:
        raise _below(error) from error
    return Listing(
        company_id=body.company_id, connection_id=body.connection_id, filters=_filters(view, given.get("filters", {})),
        order=None, limit=limit, direction="next", cursor=None, include_deleted=False, return_count=False,
        extras=extras)


def _filters(view: View, given: Any) -> tuple[Filter, ...]:
    if not isinstance(given, dict):
        raise invalid_params("variables.filters", 'Send an object: {"status": "paid", "updated_at[gte]": "..."}.')
    found: list[Filter] = []
    for name, value in given.items():
        try:
            found.append(read_condition(view, name, _plain(name, value)))
        except ApiError as error:
            raise _below(error, "filters.") from error
    return tuple(found)


def _below(error: ApiError, where: str = "") -> ApiError:
    """An error of a query's grammar, its field where the body has it."""
    field = f"variables.{where}{error.field}"
    return ApiError(error.status, error.code, error.message.replace(f": {error.field}.", f": {field}.", 1), field=field)


def _plain(name: str, value: Any) -> str:
    """A value as a query would hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ",".join(_plain(name, one) for one in value)
    raise invalid_params(name, "Send a text, number or boolean, or with [in] a list of them.")


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid_params(f"variables.{name}", "It must be a text.")
    return str(value)


def _limit(given: Mapping[str, Any]) -> int:
    limit, per_page = _whole(given, "limit", MAX_LIMIT), _whole(given, "per_page", MAX_LIMIT)
    if limit and per_page and limit != per_page:
        raise invalid_params("variables.per_page", "It is another word for limit; send one of them.")
    return limit or per_page or DEFAULT_LIMIT


def _whole(given: Mapping[str, Any], name: str, most: int) -> int | None:
    text = _text(given, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= most):
        raise invalid_params(f"variables.{name}", f"Send a whole number from 1 to {most}.")
    return int(text)


async def _one(engine: Engine, call: Call, view: View, way: Reach, asked: _Asked, ident: str) -> bytes:
    """One record, read by its own id or with its owner."""
    connection = way.connection
    if way.stream.fetch is None:
        raise operation_denied(f"{connection.integration_type} cannot read one record of this data model; "
                               "send no id to read all.", field="variables.id")
    wanted = await engine.store.reading(call.scope, lambda session: _wanted(session, view, way, asked, ident))
    if not wanted:
        parent = noun(view.noun).parent
        hint = f" Send {parent} beside id: {connection.integration_type} reads it with its owner." if parent else ""
        raise ApiError(404, "not-found", f"{not_found(view.name, ident[:100]).message}{hint}")
    there, fault = await fetch(engine, [[one] for one in wanted])
    if fault is not None:
        raise fault
    if not there:
        raise not_found(view.name, ident[:100])
    single = Single(connection.company_id, connection.id, include_deleted=False, extras=asked.listing.extras)
    return await engine.store.reading(call.scope, lambda session: get_record(session, view, ident, single))


def _wanted(session: Session, view: View, way: Reach, asked: _Asked, ident: str) -> list[Wanted]:
    """What to read for an id, the likelier first."""
    company, connection_id = way.connection.company_id, way.connection.id
    if way.is_parent:
        return [(way, own) for own in _own_ids(session, view.noun, way, ident)]
    owner_noun = way.stream.nouns[0]
    if asked.owner is not None:
        return [(way, own) for own in _own_ids(session, owner_noun, way, asked.owner)]
    uid = records_read.resolve(session, company, connection_id, view.noun, ident)
    row = records_read.owned(session, view.noun, company, connection_id, uid) if uid else None
    if row is not None:
        record = records_read.document_of(session, view.noun, company, row.rootfi_id)
        owner = getattr(record, noun(view.noun).parent or "", None)
        return [(way, owner)] if isinstance(owner, str) and owner else []
    owners = [own.rpartition("/")[0] for own in _own_ids(session, view.noun, way, ident)]
    return [(way, own) for own in owners if own]


def _own_ids(session: Session, of: str, way: Reach, ident: str) -> list[str]:
    """The own ids that an id may be: what the store knows by it, else as it was sent, with and without an ordinal."""
    connection = way.connection
    known = records_read.resolve(session, connection.company_id, connection.id, of, ident)
    if known is not None:
        return [known]
    return [uid for uid, ordinal in readings_of(ident) or [(ident, None)] if ordinal in (None, connection.ordinal)]


async def _list(
    engine: Engine, call: Call, view: View, way: Reach, asked: _Asked, company_id: int,
) -> bytes:
    """A page; for what a shop has one of, that one."""
    place: Place | None = None
    if asked.next is not None:
        place = place_of(engine, view, company_id, asked.next, "variables.next")
    gathering = Gathering(
        engine, call.scope, view, asked.listing, [Segment(way.connection.id, way)],
        passed=0 if view.noun in ONE else asked.passed, cursor="variables.next")
    found = await gathering.run(place)
    if view.noun in ONE:
        if not found.bodies:
            raise not_found(view.name, f"of company {company_id}")
        return found.bodies[0]
    if not gathering.passed_over and found.onward is not None:
        raise invalid_params("variables.page", "It lies too far behind the first to be read in one call; "
                             "go on page by page with next.")
    onward = b"null" if found.onward is None else b'"%b"' % write_place(engine, company_id, found.onward).encode()
    return b'{"data":[%b],"next":%b}' % (b",".join(found.bodies), onward)
