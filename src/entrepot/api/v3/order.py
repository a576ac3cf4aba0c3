"""v3 orders: read-only, free-text states, `tax_amount`, and lines only with `expand=line_items`."""

from __future__ import annotations

from typing import Literal

from entrepot.api.layout import Shown
from entrepot.api.parts import Part, many
from entrepot.api.shapes import NUMBER, REFERENCE, TEXT, TIME, computed, upper
from entrepot.api.v3.address import TYPED_ADDRESS
from entrepot.api.view import View
from entrepot.model.ecommerce.order import LineItem, ShippingLine

LINE_ITEM = Part("EcommerceLineItem", LineItem, (
    Shown("item_id", REFERENCE, about="The product."),
    Shown("tax_id", computed(str | None, lambda frame: None), about="No platform here has ids of taxes: null."),
    Shown("line_item_type_id", computed(str, lambda frame: frame.platform_id), about="platform_id of the order."),
    Shown("line_item_type", computed(Literal["ECOMMERCE_ORDERS"], lambda frame: "ECOMMERCE_ORDERS"),
          about="The owning data model."),
    Shown("description", TEXT, about="Text of the line."),
    Shown("unit_amount", NUMBER, about="Price of one, before discount and tax."),
    Shown("quantity", NUMBER, about="How many."),
    Shown("total_discount", NUMBER, source="discount_amount", about="Discount on the line."),
    Shown("tax_amount", NUMBER, about="Tax on the line."),
    Shown("sub_total", NUMBER, about="After discount, before tax."),
    Shown("total_amount", NUMBER, about="What the line costs."),
))

SHIPPING_LINE_ITEM = Part("ShippingLineItem", ShippingLine, (
    Shown("description", TEXT, source="name", about="The way of shipping."),
    Shown("code", TEXT, about="The platform's code of it."),
    Shown("total_discount", NUMBER, source="discount_amount", about="Discount on shipping."),
    Shown("tax_amount", NUMBER, about="Tax on shipping."),
    Shown("total_amount", NUMBER, source="amount", about="Price of shipping."),
))

ORDER = View(
    noun="order", path="orders", name="Order",
    about="What was bought, by whom, for how much.",
    fields=(
        Shown("customer_id", REFERENCE, about="platform_id of the buyer."),
        Shown("order_name", TEXT, about="The number with the shop's decoration (#1001)."),
        Shown("order_number", TEXT, about="The number that people read (1001)."),
        Shown("reference", TEXT, about="A reference that the buyer or shop gave."),
        Shown("description", TEXT, about="A note on the order."),
        Shown("currency_id", TEXT, about="ISO 4217."),
        Shown("sub_total", NUMBER, about="Lines before tax and shipping."),
        Shown("total_discount", NUMBER, about="All discounts."),
        Shown("tax_amount", NUMBER, source="total_tax", about="All taxes."),
        Shown("shipping_amount", NUMBER, about="Shipping."),
        Shown("total_amount", NUMBER, about="Grand total, with tax and shipping."),
        Shown("amount_due", NUMBER, about="What is still to be paid."),
        Shown("order_status", upper, source="status", about="PENDING, PROCESSING, SHIPPED, DELIVERED, ..."),
        Shown("payment_status", upper, about="PENDING, PAID, REFUNDED, ..."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("updated_at", TIME, about="Last change on the platform."),
        Shown("addresses", many(TYPED_ADDRESS), about="Billing and shipping address."),
        Shown("shipping_line_items", many(SHIPPING_LINE_ITEM), source="shipping_lines", about="What shipping cost."),
        Shown("line_items", many(LINE_ITEM), about="The lines; only with expand=line_items."),
    ),
    fragment="line_items",
    by_id=False,
    stored="older",
)
