"""v4 contacts: v3's customers with a type, lower-case status and all addresses. A create sends a single `address`."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.parts import many
from entrepot.api.shapes import TEXT, TIME, lower
from entrepot.api.v4.address import ADDRESS, given_address
from entrepot.api.view import View

CONTACT = View(
    noun="customer", path="contacts", name="Contact",
    about="Somebody who buys, guests of orders too.",
    fields=(
        Shown("name", TEXT, about="Full name."),
        Shown("email", TEXT, about="E-mail address."),
        Shown("phone", TEXT, about="Phone number, E.164 where the platform has it so."),
        Shown("currency_id", TEXT, about="The contact's currency, where the platform knows one."),
        Shown("type", lower, about="Its relation to the shop."),
        Shown("status", lower, about="Its state; active unless said otherwise."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("updated_at", TIME, about="Last change on the platform."),
        Shown("addresses", many(ADDRESS), about="All addresses, the default one first."),
    ),
    given=(given_address("address", "The contact's address."),),
    writes=("create", "update"),
    required=("name",),
)
