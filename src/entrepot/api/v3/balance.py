"""v3 balances: the amount is a string."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import AMOUNT_TEXT, TEXT_OR_BLANK
from entrepot.api.view import View

BALANCE = View(
    noun="balance", path="balances", name="Balance",
    about="Money that the platform holds for the shop, one record per currency.",
    fields=(
        Shown("available_balance", AMOUNT_TEXT, about="Usable now, with the currency's minor digits."),
        Shown("currency_id", TEXT_OR_BLANK, about="ISO 4217."),
    ),
    by_id=False,
    stored="older",
)
