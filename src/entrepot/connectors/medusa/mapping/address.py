"""Addresses, both ways."""

from __future__ import annotations

from entrepot.connectors.medusa.mapping import kept
from entrepot.connectors.medusa.mapping.countries import two_letters
from entrepot.connectors.medusa.mapping.names import first_and_last
from entrepot.connectors.medusa.payload import Place
from entrepot.kit.convert import blank_to_none, joined
from entrepot.model.base import Address


def to_address(place: Place, kind: str | None = None) -> Address:
    """Medusa's address as ours, with what was kept beside it. ``kind`` is our ``type``."""
    ours = kept.kept(place.metadata)
    code = blank_to_none(place.country_code)
    return Address(
        platform_unique_id=place.id,
        type=kind or kept.text(ours, "type"),
        name=kept.text(ours, "name") or joined(place.first_name, place.last_name),
        first_name=blank_to_none(place.first_name),
        last_name=blank_to_none(place.last_name),
        company=blank_to_none(place.company),
        street=joined(place.address_1, place.address_2, by=", "),
        locality=kept.text(ours, "locality"),
        city=blank_to_none(place.city),
        state=blank_to_none(place.province),
        postal_code=blank_to_none(place.postal_code),
        country=_country(kept.text(ours, "country"), code),
        phone=blank_to_none(place.phone),
        given_rootfi_id=kept.whole(ours, "given_rootfi_id"),
        given_platform_id=kept.text(ours, "given_platform_id"),
    )


def _country(sent: str | None, code: str | None) -> str | None:
    # The text that was sent holds only while Medusa still has the code that we made of it.
    if sent is not None and (two_letters(sent) or None) == (code.lower() if code else None):
        return sent
    return code.upper() if code else None


def to_place(address: Address) -> dict[str, object]:
    """Our address as the body that Medusa takes. What was not given is left out: on an update it stays as it is."""
    first, last = first_and_last(address.name, address.first_name, address.last_name)
    code = two_letters(address.country) if address.country else None
    body = {
        "first_name": first, "last_name": last, "company": address.company, "address_1": address.street,
        "address_2": "" if address.street else None, "city": address.city, "province": address.state,
        "postal_code": address.postal_code, "country_code": code, "phone": address.phone,
    }
    ours = {
        "type": address.type,
        "name": address.name if address.name and address.name != joined(first, last) else None,
        "locality": address.locality,
        "country": address.country if address.country and address.country != (code or "").upper() else None,
        "given_rootfi_id": address.given_rootfi_id, "given_platform_id": address.given_platform_id,
    }
    # A second line is taken away with the first, which holds both in the model.
    present: dict[str, object] = {
        name: value for name, value in body.items() if value or (name == "address_2" and value is not None)
    }
    left = {name: value for name, value in ours.items() if value not in (None, "")}
    return {**present, "metadata": {kept.NAME: left}} if left else present
