"""v4 balances: numbers, and what is still pending."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import NUMBER, TEXT
from entrepot.api.view import View

BALANCE = View(
    noun="balance", path="balances", name="Balance",
    about="Money that the platform holds for the shop, one record per currency.",
    fields=(
        Shown("available_balance", NUMBER, about="Usable now."),
        Shown("pending_balance", NUMBER, about="Not yet cleared."),
        Shown("currency_id", TEXT, about="ISO 4217."),
    ),
)
