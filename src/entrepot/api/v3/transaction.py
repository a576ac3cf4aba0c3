"""v3 transactions: amounts and fee are strings, type and status free text in upper case."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import AMOUNT_TEXT, REFERENCE, TEXT_OR_BLANK, TIME_OR_BLANK, upper
from entrepot.api.view import View

TRANSACTION = View(
    noun="transaction", path="transactions", name="Transaction",
    about="Money that moved, or was promised, for an order.",
    fields=(
        Shown("type", upper, about="PAYMENT, AUTHORIZATION, CAPTURE, REFUND, ..."),
        Shown("order_id", REFERENCE, about="platform_id of the order."),
        Shown("currency_id", TEXT_OR_BLANK, about="ISO 4217."),
        Shown("amount", AMOUNT_TEXT, about="Always positive, with the currency's minor digits."),
        Shown("fee", AMOUNT_TEXT, about="What the processor kept."),
        Shown("payment_method", TEXT_OR_BLANK, about="The platform's word for the method."),
        Shown("status", upper, about="PENDING, AUTHORIZED, PAID, FAILED, CANCELED, UNKNOWN."),
        Shown("description", TEXT_OR_BLANK, about="Text."),
        Shown("created_at", TIME_OR_BLANK, about="Creation on the platform."),
        Shown("updated_at", TIME_OR_BLANK, about="Last change on the platform."),
    ),
    by_id=False,
    stored="older",
)
