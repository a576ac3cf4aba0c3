"""What all writes to the demo shop share: sending, finding again by our marker, and saying who is to blame."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

import msgspec

from entrepot.connectors.demo.payload import Complaint, Gone, ListAnswer
from entrepot.errors import Missing, NotSupported, Rejected
from entrepot.kit.json import decode, decode_answer
from entrepot.kit.spec import Change, Finder, JsonValue, Performer, Shop
from entrepot.model.base import Address

Body = dict[str, object]
_CODES = {"missing": "missing-params"}
# The shop's words for refusals that are not about the form of what was sent, but about what it would mean.
_DENIALS = ("currency", "state", "fixed", "nothing_left", "too_many")


async def send(shop: Shop, method: str, path: str, body: Body, names: Mapping[str, str]) -> bytes:
    """Send a write. The shop's refusals come back naming the unified field; ``names`` has the shop's names."""
    try:
        return (await shop.send(method, path, body)).body
    except Missing:
        raise
    except Rejected as fault:
        raise _translated(fault, names) from None


def _translated(fault: Rejected, names: Mapping[str, str]) -> Rejected:
    try:
        said = msgspec.json.decode(fault.platform_error or "{}", type=Complaint)
    except msgspec.DecodeError:
        return fault
    code = "operation-denied" if said.error in _DENIALS else _CODES.get(said.error, fault.code)
    field = _unified(said.at, names) if said.at else None
    return Rejected(fault.message, code=code, field=field, platform_error=fault.platform_error)


def _unified(at: str, names: Mapping[str, str]) -> str | None:
    """``lines[0].article_id`` to ``line_items[0].item_id``."""
    steps: list[str] = []
    for step in at.split("."):
        name, bracket, place = step.partition("[")
        ours = names.get(name)
        if ours is None:
            return ".".join(steps) or None
        steps.append(ours + bracket + place)
    return ".".join(steps)


def creating(path: str, make: Performer) -> tuple[Performer, Finder]:
    """A create and how to find it again: the shop lists objects by ``client_reference``."""

    async def find(shop: Shop, change: Change, since: str) -> str | None:
        answer = await shop.get(path, {"client_reference": change.marker})
        found = decode_answer(answer.body, ListAnswer).results
        return decode(bytes(found[0]), Gone).id if found else None

    return make, find


def ident_of(body: bytes) -> str:
    """The id in an object's JSON."""
    return decode_answer(body, Gone).id


def below(path: str, ident: str | None) -> str:
    """``/orders/ord_1``."""
    return f"{path}/{quote(ident or '', safe='')}"


def refuse_others(change: Change, noun: str, known: frozenset[str]) -> None:
    """NotSupported naming the first field that was given and cannot be held."""
    for name in sorted(change.given - known):
        if getattr(change.record, name, None) not in (None, "", [], {}):
            raise NotSupported(f"The demo shop keeps no {name} of {noun}.", field=name)


def plain(change: Change, names: Mapping[str, str], body: Body) -> None:
    """Copy the given plain fields under the shop's names. An empty text means "not given" in a create, and takes the
    value away in an update."""
    for ours, theirs in names.items():
        if ours not in change.given:
            continue
        value = getattr(change.record, ours)
        if isinstance(value, str):
            value = value or None
        if isinstance(value, datetime):
            value = value.isoformat()
        if value is not None or change.action == "update":
            body[theirs] = value


def dates(change: Change, body: Body) -> None:
    """The dates that the shop keeps as they are sent."""
    for name in ("created_at", "updated_at"):
        at = getattr(change.record, name)
        if name in change.given and at is not None:
            body[name] = at.isoformat()


def extras(change: Change, body: Body) -> Body:
    """The caller's own fields for this shop, which never override what was mapped."""
    more: Mapping[str, JsonValue] = change.extra
    return {**more, **body}


def address(row: Address) -> Body:
    """An address as the shop takes it; the ids that a caller sent with it are kept beside it."""
    fields = {
        "id": row.platform_unique_id, "role": row.type, "name": row.name, "given_name": row.first_name,
        "family_name": row.last_name, "company": row.company, "street": row.street, "quarter": row.locality,
        "city": row.city, "region": row.state, "postcode": row.postal_code, "country": row.country,
        "phone": row.phone, "foreign_number": row.given_rootfi_id, "foreign_text": row.given_platform_id,
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}
