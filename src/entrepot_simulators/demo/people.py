"""People by index: name, mail, phone and address, as ready-made JSON since an order page needs hundreds of them."""

from __future__ import annotations

from typing import NamedTuple

from entrepot_simulators.demo.chance import mixed
from entrepot_simulators.demo.words import FIRMS, FIRST, LAST, PLACES

_NAMES = tuple((first, last) for first in FIRST for last in LAST)


def _place(index: int) -> tuple[str, str]:
    at = PLACES[index]
    parts = (("quarter", at.quarter), ("city", at.city), ("region", at.region), ("postcode", at.postcode),
             ("country", at.country))
    return at.street, ",".join(f'"{key}":"{value}"' for key, value in parts if value is not None)


_STREETS = tuple(_place(index) for index in range(len(PLACES)))


class Person(NamedTuple):
    """``address`` is a JSON object without its opening brace, so that an id and a role can be put before it."""

    given: str
    family: str
    email: str
    phone: str
    company: str | None
    address: bytes


def person(seed: int, index: int, prefix: str) -> Person:
    """The person of that index; ``prefix`` keeps mails of buyers and of guests apart."""
    bits = mixed(seed, index)
    given, family = _NAMES[bits % len(_NAMES)]
    town = (bits >> 16) % len(PLACES)
    street, rest = _STREETS[town]
    phone = f"{PLACES[town].dial} {1000000 + (bits >> 24) % 9000000}"
    company = FIRMS[(bits >> 48) % len(FIRMS)] if bits >> 56 < 20 else None
    firm = f'"company":"{company}",' if company else ""
    return Person(
        given, family, f"{prefix}{index}@example.{'org' if index & 1 else 'com'}", phone, company,
        f'"name":"{given} {family}","given_name":"{given}","family_name":"{family}",{firm}'
        f'"street":"{street} {1 + (bits >> 36) % 190}",{rest},"phone":"{phone}"}}'.encode(),
    )
