"""v4 transactions: typed, amounts as numbers, refunds point to their payment; no fee."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import CURRENCY, NUMBER, REFERENCE, TEXT, TIME, lower
from entrepot.api.view import View

TRANSACTION = View(
    noun="transaction", path="transactions", name="Transaction",
    about="Money that moved, or was promised, for an order.",
    fields=(
        Shown("type", lower, about="What kind of movement; the direction lies here."),
        Shown("order_id", REFERENCE, about="platform_id of the order."),
        Shown("contact_id", REFERENCE, about="platform_id of the contact."),
        Shown("currency_id", CURRENCY, about="ISO 4217."),
        Shown("amount", NUMBER, about="Always positive."),
        Shown("status", lower, about="Its state."),
        Shown("payment_method_type", lower, about="With what it was paid."),
        Shown("gateway", TEXT, about="The processor."),
        Shown("gateway_transaction_id", TEXT, about="The processor's id."),
        Shown("original_transaction_id", REFERENCE, about="Of a refund or capture: what it belongs to."),
        Shown("description", TEXT, about="Text."),
        Shown("reason", TEXT, about="Why."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("updated_at", TIME, about="Last change on the platform."),
    ),
    writes=("create",),
    required=("type", "order_id", "amount", "currency_id"),
)
