"""v4 orders: three states in lower case, `total_tax`, and everything that belongs to the order inside it."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot import clock
from entrepot.api.layout import Shown
from entrepot.api.parts import Part, many
from entrepot.api.shapes import CURRENCY, NUMBER, QUANTITY, REFERENCE, TEXT, TIME, children, lower
from entrepot.api.v4.address import ADDRESS, given_address
from entrepot.api.v4.fulfillment import FULFILLMENT
from entrepot.api.v4.transaction import TRANSACTION
from entrepot.api.view import View
from entrepot.model.ecommerce.order import LineItem

LINE_ITEM = Part(
    "OrderLineItem", LineItem,
    (
        Shown("item_id", REFERENCE, about="The item."),
        Shown("variant_id", REFERENCE, about="The item's variant."),
        Shown("name", TEXT, about="Title of the item at the time."),
        Shown("description", TEXT, about="Text of the line."),
        Shown("sku", TEXT, about="Stock keeping unit."),
        Shown("quantity", QUANTITY, about="How many."),
        Shown("unit_amount", NUMBER, about="Price of one, before discount and tax."),
        Shown("tax_amount", NUMBER, about="Tax on the line."),
        Shown("discount_amount", NUMBER, about="Discount on the line."),
        Shown("total_amount", NUMBER, about="What the line costs."),
    ),
    required=("item_id", "description", "quantity", "unit_amount"),
)


def _defaults() -> Mapping[str, object]:
    return {"status": "pending", "order_date": clock.now()}


ORDER = View(
    noun="order", path="orders", name="Order",
    about="What was bought, by whom, for how much, and how far it has come.",
    fields=(
        Shown("order_number", TEXT, about="The number that people read; generated when a create does not send it."),
        Shown("contact_id", REFERENCE, source="customer_id", about="platform_id of the buyer."),
        Shown("currency_id", CURRENCY, about="ISO 4217."),
        Shown("status", lower, about="How far the order has come; pending unless said otherwise."),
        Shown("customer_id", REFERENCE, about="The same as contact_id."),
        Shown("payment_status", lower, about="Whether it is paid."),
        Shown("fulfillment_status", lower, about="Whether it is shipped."),
        Shown("sub_total", NUMBER, about="Lines before tax and shipping."),
        Shown("total_discount", NUMBER, about="All discounts."),
        Shown("total_tax", NUMBER, about="All taxes."),
        Shown("shipping_amount", NUMBER, about="Shipping and handling."),
        Shown("total_amount", NUMBER, about="Grand total, with tax and shipping."),
        Shown("amount_due", NUMBER, about="What is still to be paid."),
        Shown("refunded_amount", NUMBER, about="What was given back."),
        Shown("order_date", TIME, about="When the buyer placed it; now unless said otherwise."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("updated_at", TIME, about="Last change on the platform."),
        Shown("line_items", many(LINE_ITEM), about="The lines."),
        Shown("addresses", many(ADDRESS), about="Billing and shipping address."),
        Shown("fulfillments", children("fulfillment", list[FULFILLMENT.layout.type]),  # type: ignore[name-defined]
              about="Its parcels."),
        Shown("transactions", children("transaction", list[TRANSACTION.layout.type]),  # type: ignore[name-defined]
              about="Its payments and refunds."),
    ),
    given=(
        given_address("shipping_address", "Where it goes.", "shipping"),
        given_address("billing_address", "Who pays.", "billing"),
    ),
    writes=("create", "update"),
    required=("customer_id", "currency_id", "line_items"),
    parts={"line_items": LINE_ITEM},
    defaults=_defaults,
)
