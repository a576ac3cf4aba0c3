"""Customers: made in one call, and one more for each address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.address import to_place
from entrepot.connectors.medusa.mapping.customer import KEPT
from entrepot.connectors.medusa.mapping.names import first_and_last
from entrepot.connectors.medusa.payload import Customer as Theirs
from entrepot.connectors.medusa.payload import Place
from entrepot.connectors.medusa.reads import fields
from entrepot.connectors.medusa.reads.listing import Identified, inside
from entrepot.connectors.medusa.writes.keep import again, new
from entrepot.connectors.medusa.writes.marker import first_made_with
from entrepot.connectors.medusa.writes.refuse import as_taken, missing, only
from entrepot.errors import Rejected
from entrepot.kit.convert import blank_to_none, joined
from entrepot.kit.spec import Action, Answer, Change, Shop
from entrepot.kit.urls import path_of
from entrepot.model.base import Address
from entrepot.model.ecommerce.customer import Customer

_PLAIN = ("email", "phone", "company_name")
_NAMES = ("name", "first_name", "last_name")
_TAKEN = (*_PLAIN, *_NAMES, *KEPT, "addresses")






def _check(change: Change, settings: object) -> None:
    only(change, _TAKEN, "has no place for")
    record = _record(change)
    if change.action == "create" and not any((record.name, record.first_name, record.last_name, record.email,
                                              record.company_name)):
        raise missing("name", "A customer needs a name, a company name or an e-mail address.")


async def _create(shop: Shop, change: Change) -> str:
    record = _record(change)
    body = {**_basics(record, change.given), "metadata": new(change, _kept_names(record))}
    try:
        answer = await shop.send("POST", "/admin/customers", _without_blanks(body), {"fields": "id"})
    except Rejected as refusal:
        raise as_taken(refusal, "email") from refusal
    ident = _id_of(answer)
    try:
        await _add_places(shop, ident, record.addresses)
    except Rejected:
        await shop.send("DELETE", path_of("admin", "customers", ident))
        raise
    return ident


async def _find(shop: Shop, change: Change, since: str) -> str | None:
    """A customer that was made without all of its addresses gets the rest."""
    ident = await first_made_with(shop, "/admin/customers", change.marker, since)
    if ident is not None:
        current, _ = await _current(shop, ident)
        await _add_places(shop, ident, _record(change).addresses[len(current.addresses or ()):])
    return ident


async def _update(shop: Shop, change: Change) -> str:
    ident, record = change.target or "", _record(change)
    current, read = await _current(shop, ident)
    body = _basics(record, change.given)
    metadata = again(change, _kept_names(record), kept.kept(current.metadata), read)
    if metadata is not None:
        body["metadata"] = metadata
    try:
        if body:
            await shop.send("POST", path_of("admin", "customers", ident), body, {"fields": "id"})
        if "addresses" in change.given:
            await _change_places(shop, ident, current.addresses or [], record.addresses)
    except Rejected as refusal:
        raise as_taken(refusal, "email" if "email" in body else "addresses") from refusal
    return ident


def _record(change: Change) -> Customer:
    return cast("Customer", change.record)


def _kept_names(record: Customer) -> tuple[str, ...]:
    first, last = first_and_last(record.name, record.first_name, record.last_name)
    # The whole name is kept only where it cannot be put together again from its parts.
    return KEPT if record.name != joined(first, last) else tuple(name for name in KEPT if name != "name")


def _basics(record: Customer, given: frozenset[str]) -> dict[str, object]:
    """Medusa's own fields; an empty text takes the value away."""
    body: dict[str, object] = {name: blank_to_none(getattr(record, name)) for name in _PLAIN if name in given}
    if given.intersection(_NAMES):
        first, last = first_and_last(record.name, record.first_name, record.last_name)
        named = {"first_name": first, "last_name": last}
        body |= named if "name" in given else {name: value for name, value in named.items() if name in given}
    return body


def _without_blanks(body: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value is not None}


async def _current(shop: Shop, ident: str) -> tuple[Theirs, Answer]:
    answer = await shop.get(path_of("admin", "customers", ident), {"fields": fields.CUSTOMER})
    return inside(answer, "customer", Theirs), answer


def _id_of(answer: Answer) -> str:
    return inside(answer, "customer", Identified).id


async def _add_places(shop: Shop, ident: str, addresses: Sequence[Address]) -> None:
    for position, address in enumerate(addresses):
        body = to_place(address)
        if not body:
            continue
        flags = {"is_default_billing": address.type == "billing", "is_default_shipping": address.type == "shipping"}
        try:
            await shop.send("POST", path_of("admin", "customers", ident, "addresses"), {**body, **flags},
                            {"fields": "id"})
        except Rejected as refusal:
            raise as_taken(refusal, f"addresses[{position}]") from refusal


async def _change_places(shop: Shop, ident: str, places: Sequence[Place], addresses: Sequence[Address]) -> None:
    """Each address changes the one with its id, else the one at its position; more than there are, are added.
    None is taken away: a caller may know only the first (v3 has one)."""
    known = {place.id: place for place in places}
    ordered = sorted(places, key=lambda place: (not (place.is_default_shipping or place.is_default_billing),
                                                place.id or ""))
    for position, address in enumerate(addresses):
        place = known.get(address.platform_unique_id)
        place = place or (ordered[position] if position < len(ordered) else None)
        if place is None or place.id is None:
            await _add_places(shop, ident, [address])
            continue
        body = to_place(address)
        body.setdefault("metadata", {kept.NAME: ""})
        await shop.send("POST", path_of("admin", "customers", ident, "addresses", place.id), body, {"fields": "id"})


ACTIONS = (
    Action("customer", "create", "customers", _create, find=_find, check=_check),
    Action("customer", "update", "customers", _update, check=_check),
)
