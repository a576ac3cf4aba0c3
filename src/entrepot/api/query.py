"""The query of a list, checked and typed: the only grammar that lists have.

``limit next prev select expand include_deleted_records return_count sort[field] field[op] field=value company_id
connection_id``. Whatever else stands there is refused by name, because a filter that is silently ignored answers with
the wrong records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from entrepot.api.cursor import Cursor, read_cursor
from entrepot.api.dialect import SELECTABLE
from entrepot.api.filters import ALL, Filter, read_filter
from entrepot.api.view import Comparable, Expansion, View
from entrepot.errors import ApiError, invalid_params, missing_params

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
_MOST_PARAMETERS = 100
LIVE = "live."
"""How cursors of live lists begin; all others are base64 of JSON."""

_BRACKETS = re.compile(r"^([^\[\]]*)\[([^\[\]]*)\]$")
_YES_NO = {"true": True, "1": True, "false": False, "0": False, "": False}

PLATFORM_ID = Comparable("platform_id", "text", noun="self")
"""Not a column: looked up as the record's own reference."""


@dataclass(frozen=True)
class Order:
    """Another order than by ``rootfi_id``: the public name, what is compared, and whether downwards."""

    name: str
    on: Comparable
    descending: bool

    @property
    def mark(self) -> str:
        """How cursors of this order are marked."""
        return f"{self.name}:{'DESC' if self.descending else 'ASC'}"


@dataclass(frozen=True)
class Extras:
    """What a caller adds to bodies: ``select`` and ``expand``."""

    raw: bool = False
    hash: bool = False
    fragment: bool = False
    expansions: tuple[Expansion, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A checked list query in public terms."""

    company_id: int | None
    connection_id: int | None
    filters: tuple[Filter, ...]
    order: Order | None
    limit: int
    direction: Literal["next", "prev"]
    cursor: Cursor | None
    include_deleted: bool
    return_count: bool
    extras: Extras
    live: str | None = None
    """A cursor of a live list, in place of ``cursor``."""

    @property
    def is_plain(self) -> bool:
        """Whether it asks for a company's records as they come, which a platform can answer."""
        return (self.company_id is not None and not self.filters and self.order is None and self.cursor is None
                and not self.include_deleted)


def parameters(query: bytes) -> list[tuple[str, str]]:
    """Names and values of a query string, decoded."""
    try:
        return parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS,
                         errors="strict")
    except ValueError as error:  # too many, or bytes that are no UTF-8
        raise ApiError(400, "invalid-params", f"The query cannot be read: at most {_MOST_PARAMETERS} parameters, "
                       "percent-encoded UTF-8.") from error


def read_list(view: View, query: bytes) -> Listing:
    """The list that is asked for. ApiError 400 naming the parameter or field; nothing else is ever raised."""
    plain, filters, order = _sorted_out(view, parameters(query))
    company_id, filters = _company(plain, filters)
    if company_id is None:
        _needs_company(filters, order)
    live = _live(plain)
    direction, cursor = ("next", None) if live else _page(plain, order)
    listing = Listing(
        company_id=company_id,
        connection_id=_ident(plain, "connection_id"),
        filters=tuple(filters),
        order=order,
        limit=_limit(plain.get("limit", "")),
        direction=direction,
        cursor=cursor,
        include_deleted=read_flag(plain, "include_deleted_records"),
        return_count=read_flag(plain, "return_count"),
        extras=read_extras(view, plain),
        live=live,
    )
    if live and not listing.is_plain:
        raise invalid_params("next", "It belongs to a list of one company without filters and sort.")
    return listing


_PLAIN = frozenset({"limit", "next", "prev", "select", "expand", "include_deleted_records", "return_count",
                    "company_id", "connection_id"})
_LISTS = frozenset({"select", "expand"})


def read_plain(pairs: list[tuple[str, str]], known: frozenset[str]) -> dict[str, str]:
    """Parameters that stand for themselves; comma lists may be repeated, nothing else may."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise invalid_params(name, f"Known here are: {', '.join(sorted(known))}.")
        if name in found and name not in _LISTS:
            raise invalid_params(name, "It stands twice in the query.")
        if "\x00" in value:
            raise invalid_params(name, "It holds the character NUL, which no text can hold.")
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _sorted_out(
    view: View, pairs: list[tuple[str, str]],
) -> tuple[dict[str, str], list[Filter], Order | None]:
    plain: list[tuple[str, str]] = []
    filters: list[Filter] = []
    order: Order | None = None
    for name, value in pairs:
        if name in _PLAIN:
            plain.append((name, value))
            continue
        brackets = _BRACKETS.match(name)
        if brackets is None:
            filters.append(read_filter(name, _comparable(view, name), "eq", value))
        elif brackets[1] == "sort":
            if order is not None:
                raise invalid_params(f"sort[{brackets[2]}]", "A list has one order.")
            order = _order(view, brackets[2], value)
        elif brackets[1] in _LISTS:
            plain.append((brackets[1], brackets[2] or value))
        else:
            field = "rootfi_company_id" if brackets[1] == "company_id" else brackets[1]
            filters.append(read_filter(field, _comparable(view, field), brackets[2], value))
    return read_plain(plain, _PLAIN), filters, order


def _comparable(view: View, name: str) -> Comparable:
    if name == "platform_id":
        return PLATFORM_ID
    found = view.comparables.get(name)
    if found is None:
        raise invalid_params(name[:100], _meant(view, name) or f"{view.name} cannot be filtered by it. Known are: "
                             f"platform_id, {', '.join(view.comparables)}.")
    return found


_PAGING = frozenset({"offset", "page", "skip", "cursor", "after", "before"})


def _meant(view: View, name: str) -> str | None:
    """What somebody who is used to another API was after."""
    if name == "sort":
        return "Send sort[field]=ASC or DESC."
    if name in _PAGING:
        return "Pages go on with next: send the next of the page before as it is."
    field, _, operator = name.rpartition("_")
    if field in view.comparables and operator in ALL:
        return f"Send {field}[{operator}]."
    return None


def read_condition(view: View, name: str, text: str) -> Filter:
    """One filter by its name in a query, ``status`` or ``updated_at[gte]``."""
    brackets = _BRACKETS.match(name)
    field, operator = (brackets[1], brackets[2]) if brackets else (name, "eq")
    return read_filter(field, _comparable(view, field), operator, text)


def _order(view: View, name: str, value: str) -> Order | None:
    found = view.comparables.get(name)
    if found is None:
        raise invalid_params(f"sort[{name[:100]}]", f"{view.name} cannot be sorted by it. Known are: "
                             f"{', '.join(view.comparables)}.")
    if value.upper() not in ("ASC", "DESC"):
        raise invalid_params(f"sort[{name}]", "Send ASC or DESC.")
    return Order(name, found, value.upper() == "DESC")


def _company(plain: Mapping[str, str], filters: list[Filter]) -> tuple[int | None, list[Filter]]:
    """The one company that the query is about, and the filters that remain."""
    company = _ident(plain, "company_id")
    rest: list[Filter] = []
    for one in filters:
        single = one.on.source == "rootfi_company_id" and one.operator in ("eq", "in") and len(one.values) == 1
        value = one.values[0] if single else None
        if isinstance(value, int) and company in (None, value):
            company = value
        else:
            rest.append(one)  # a second company beside the first: nothing can match both
    return company, rest


def _needs_company(filters: list[Filter], order: Order | None) -> None:
    """Only ids are indexed across companies."""
    asked = next((one.name for one in filters if one.on.source != "rootfi_id"), None)
    if asked is None and order is not None and order.on.source != "rootfi_id":
        asked = f"sort[{order.name}]"
    if asked is not None:
        raise missing_params("rootfi_company_id", f"Filtering or sorting by {asked} needs rootfi_company_id[eq] "
                             "(or company_id): no index spans companies.")


def _page(plain: Mapping[str, str], order: Order | None) -> tuple[Literal["next", "prev"], Cursor | None]:
    following, previous = plain.get("next", ""), plain.get("prev", "")
    if following and previous:
        raise invalid_params("prev", "Send next or prev, not both.")
    name: Literal["next", "prev"] = "prev" if previous else "next"
    text = previous or following
    if not text:
        return name, None
    cursor = read_cursor(text, name, order.mark if order else None)
    if order is not None and cursor.value is not None:
        kinds = (str,) if order.on.kind in ("text", "enum") else (int,)  # True is an int, too
        if not isinstance(cursor.value, kinds):
            raise invalid_params(name, "It is no cursor of this API; send one as it was answered.")
    return name, cursor


def _live(plain: Mapping[str, str]) -> str | None:
    following = plain.get("next", "")
    if not following.startswith(LIVE) or plain.get("prev"):
        return None
    return following


def _limit(text: str) -> int:
    if text == "":
        return DEFAULT_LIMIT
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= MAX_LIMIT:
        raise invalid_params("limit", f"Send a whole number from 1 to {MAX_LIMIT}.")
    return int(text)


def read_flag(plain: Mapping[str, str], name: str) -> bool:
    """A parameter that is true or false; false where it is not sent."""
    value = plain.get(name, "").lower()
    if value not in _YES_NO:
        raise invalid_params(name, "Send true or false.")
    return _YES_NO[value]


def _ident(plain: Mapping[str, str], name: str) -> int | None:
    text = plain.get(name, "")
    if text == "":
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise invalid_params(name, "It must be a positive whole number.")
    return int(text)


def read_extras(view: View, plain: Mapping[str, str]) -> Extras:
    """What ``select`` and ``expand`` ask for; ``invalid-params`` naming the parameter."""
    selected = {name.strip() for name in plain.get("select", "").split(",")} - {""}
    for name in sorted(selected):
        if name not in SELECTABLE:
            raise invalid_params("select", f"{name[:100]} cannot be selected; send {' or '.join(SELECTABLE)}.")
    expanded = dict.fromkeys(name.strip() for name in plain.get("expand", "").split(","))
    expanded.pop("", None)
    for name in expanded:
        if name not in view.expansions and name not in view.embedded and name != view.fragment:
            known = ", ".join([*view.expansions, *sorted(view.embedded), *filter(None, [view.fragment])])
            raise invalid_params("expand", f"{name[:100]} cannot be expanded; {view.name} knows: {known or 'nothing'}.")
    return Extras(
        raw="raw_data" in selected,
        hash="data_hash" in selected,
        fragment=view.fragment is not None and view.fragment in expanded,
        expansions=tuple(view.expansions[name] for name in expanded if name in view.expansions),
    )


_ONE = frozenset({"select", "expand", "include_deleted_records", "company_id", "connection_id"})


@dataclass(frozen=True)
class Single:
    """The query of a single record."""

    company_id: int | None
    connection_id: int | None
    include_deleted: bool
    extras: Extras


def read_single(view: View, query: bytes) -> Single:
    """The query of GET by id."""
    plain = read_plain(parameters(query), _ONE)
    return Single(_ident(plain, "company_id"), _ident(plain, "connection_id"),
                  read_flag(plain, "include_deleted_records"), read_extras(view, plain))
