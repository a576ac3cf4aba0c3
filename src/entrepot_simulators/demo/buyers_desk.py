"""Buyers that are created, changed and deleted through the API."""

from __future__ import annotations

from msgspec import UNSET

from entrepot_simulators.demo.documents import Address, Buyer
from entrepot_simulators.demo.http import Refusal
from entrepot_simulators.demo.inputs import BuyerInput, apply
from entrepot_simulators.demo.moments import written
from entrepot_simulators.demo.shop import Shop

NOUN = "buyer"


def create(shop: Shop, given: BuyerInput, now: int) -> bytes:
    """A new buyer. Inside a transaction of the ledger."""
    at = written(now)
    ident = f"buy_m{shop.ledger.next_seq()}"
    buyer = Buyer(id=ident, created_at=at, updated_at=at, changed_at=at)
    if not any(isinstance(one, str) and one for one in (given.full_name, given.email, given.company, given.phone)):
        raise Refusal(422, "missing", "A buyer needs a name, a company, an email or a phone number.", "full_name")
    return _keep(shop, buyer, given, None, now)


def change(shop: Shop, ident: str, given: BuyerInput, now: int) -> bytes:
    """Change what was sent. Inside a transaction of the ledger."""
    buyer, base = shop.document(NOUN, ident, Buyer, now)
    buyer.updated_at = written(now)
    return _keep(shop, buyer, given, base, now)


def _keep(shop: Shop, buyer: Buyer, given: BuyerInput, base: int | None, now: int) -> bytes:
    mail = given.email.lower() if isinstance(given.email, str) and given.email else None
    if mail:
        index = shop.buyers.of_email(mail, now)
        others = {shop.ledger.of_natural(NOUN, mail), None if index is None else _untouched(shop, index)}
        if others - {None, buyer.id}:
            raise Refusal(409, "taken", "Another buyer has this email.", "email")
    apply(given, buyer)
    buyer.changed_at = written(now)
    if given.addresses is not UNSET:
        buyer.addresses = numbered(given.addresses, buyer.id.removeprefix("buy_"))
    mail = buyer.email.lower() if buyer.email else None
    return shop.keep(NOUN, buyer.id, base, buyer, now, mail)


def _untouched(shop: Shop, index: int) -> str | None:
    """The id of a generated buyer that nobody has edited: an edited one is found by its own key."""
    ident = shop.buyers.id_of(index)
    return None if shop.ledger.get(NOUN, ident) else ident


def numbered(addresses: list[Address], owner: str) -> list[Address]:
    """Addresses with ids; those that came with one keep it."""
    taken = {address.id for address in addresses}
    for number, address in enumerate(addresses, 1):
        if address.id is None:
            address.id = next(
                ident for extra in range(len(addresses) + 1)
                if (ident := f"adr_{owner}_{number + extra * len(addresses)}") not in taken
            )
            taken.add(address.id)
    return addresses
