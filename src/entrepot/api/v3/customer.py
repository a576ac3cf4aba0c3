"""v3 customers: one address, upper-case status."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.parts import one
from entrepot.api.shapes import TEXT, TEXT_OR_BLANK, TIME, base_status
from entrepot.api.v3.address import ADDRESS
from entrepot.api.view import View

CUSTOMER = View(
    noun="customer", path="customers", name="Customer",
    about="Somebody who buys, guests of orders too.",
    fields=(
        Shown("name", TEXT, about="Full name."),
        # The documented create sends "" and is answered "": the one string that is blank without being required.
        Shown("email", TEXT_OR_BLANK, about="E-mail address."),
        Shown("phone", TEXT, about="Phone number."),
        Shown("currency_id", TEXT, about="The customer's currency."),
        Shown("status", base_status, about="ACTIVE, ARCHIVED, or UNKNOWN."),
        Shown("updated_at", TIME, about="Last change on the platform."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("address", one(ADDRESS), source="addresses", about="The default address."),
    ),
    writes=("create",),
    by_id=False,
    stored="older",
)
