"""The addresses of an order that is made or changed."""

from __future__ import annotations

from entrepot.connectors.medusa.mapping.address import to_place
from entrepot.connectors.medusa.mapping.countries import two_letters
from entrepot.connectors.medusa.mapping.kept import NAME
from entrepot.connectors.medusa.payload import Place
from entrepot.connectors.medusa.writes.refuse import denied, invalid
from entrepot.model.base import Address
from entrepot.model.ecommerce.order import Order

KINDS = ("shipping", "billing")


def of_kind(order: Order, kind: str) -> Address | None:
    """The order's address of that kind; an address that names none is the shipping address."""
    return next((one for one in order.addresses if (one.type or "shipping") == kind), None)


def check_places(order: Order) -> None:
    """A shipping country must be one that Medusa can find a tax by; addresses are at most one a kind."""
    for kind in KINDS:
        if sum((one.type or "shipping") == kind for one in order.addresses) > 1:
            raise invalid("addresses", f"Send one {kind} address.")
    for one in order.addresses:
        if (one.type or "shipping") not in KINDS:
            raise denied("addresses", f"A Medusa order has no {one.type} address.")
    shipping = of_kind(order, "shipping")
    if shipping is not None and shipping.country and two_letters(shipping.country) is None:
        raise invalid("shipping_address.country", "Send an ISO 3166 code such as DE or DEU, or the country's English "
                      "name: without it Medusa charges no tax.")


def new_places(order: Order) -> dict[str, object]:
    """``shipping_address`` and ``billing_address`` of a draft."""
    found = {f"{kind}_address": to_place(one) for kind in KINDS if (one := of_kind(order, kind)) is not None}
    return {name: place for name, place in found.items() if place}


def changed_place(address: Address, kind: str, current: Place | None) -> dict[str, object]:
    """An address of an existing order. Medusa refuses to change its country ("Country code cannot be changed", also
    where there was none), and replaces its metadata whole."""
    body = to_place(address)
    code, now = body.pop("country_code", None), (current.country_code or "").lower() if current else ""
    if code is not None and code != now:
        raise denied(f"{kind}_address.country", "Medusa does not let the country of an order's address change.")
    body.setdefault("metadata", {NAME: ""})
    return body
