"""What is asked of Medusa: exactly what the mapping uses, as the comma list of its ``fields`` parameter."""

from __future__ import annotations


def _words(names: str) -> list[str]:
    return names.split()


def _under(relation: str, names: str) -> tuple[str, ...]:
    return tuple(f"{relation}.{name}" for name in names.split())


_PLACE = "id first_name last_name company address_1 address_2 city province postal_code country_code phone metadata"
_MOMENTS = "created_at updated_at"

STORE = ",".join((
    "id", "name", "default_sales_channel_id", "default_region_id", "created_at", "updated_at",
    *_under("supported_currencies", "currency_code is_default"),
))

CUSTOMER = ",".join((
    *_words(f"id email first_name last_name company_name phone has_account metadata {_MOMENTS}"),
    *_under("addresses", f"{_PLACE} is_default_shipping is_default_billing"),
))

PRODUCT = ",".join((
    *_words(f"id title description handle status thumbnail metadata {_MOMENTS}"),
    "type.value", "collection.title", "tags.value", "categories.name", "images.url", "options.title",
    "options.values.value",
    *_under("variants", "id title sku barcode manage_inventory weight metadata"),
    "variants.options.value", "variants.options.option.title",
    *_under("variants.prices", "id amount currency_code min_quantity max_quantity rules"),
))

INVENTORY_ITEM = ",".join((
    *_words("id sku title description metadata"),
    *_under("variants", "id product_id manage_inventory"),
    *_under("location_levels", "id location_id stocked_quantity reserved_quantity available_quantity"),
    *_under("location_levels", f"incoming_quantity {_MOMENTS}"),
))

LOCATION = ",".join(("id", "name", *_under("address", _PLACE.replace(" metadata", ""))))

_TAXED = "rate code description total"

# Medusa adds up only what it loaded: without the quantity of the lines' detail it answers 200 and totals of zero, and
# ``items.detail.*`` does not load it. (Its list of orders sends whole lines anyway, 4 KB an order, asked or not.)
ORDER = ",".join((
    *_words("id display_id custom_display_id status email currency_code customer_id metadata canceled_at"),
    *_words(f"total item_subtotal shipping_total discount_total tax_total summary {_MOMENTS}"),
    "sales_channel.name",
    *_under("items", "id title subtitle product_id product_title variant_id variant_sku is_tax_inclusive metadata"),
    *_under("items", "quantity unit_price subtotal discount_subtotal discount_total tax_total total"),
    *_under("items.detail", "quantity fulfilled_quantity return_received_quantity"),
    *_under("items.tax_lines", _TAXED), *_under("items.adjustments", "code amount"),
    *_under("shipping_methods", "id name amount shipping_option_id is_tax_inclusive discount_total tax_total"),
    *_under("shipping_methods.tax_lines", _TAXED), *_under("shipping_methods.adjustments", "code amount"),
    *_under("shipping_address", _PLACE), *_under("billing_address", _PLACE),
    *_under("payment_collections.payments", f"id amount currency_code provider_id captured_at canceled_at {_MOMENTS}"),
    *_under("payment_collections.payments.captures", f"id amount {_MOMENTS}"),
    *_under("payment_collections.payments.refunds", f"id amount note refund_reason.label {_MOMENTS}"),
    *_under("fulfillments", f"id location_id provider_id packed_at shipped_at delivered_at canceled_at {_MOMENTS}"),
    "fulfillments.metadata", "fulfillments.shipping_option.name",
    *_under("fulfillments.items", "id line_item_id quantity"),
    *_under("fulfillments.labels", "tracking_number tracking_url"),
    *_under("fulfillments.delivery_address", _PLACE),
))

PAYMENT_MOVES = "id,payment_collection.updated_at,payment_collection.order.id"
MOVES = "id,orders.status,orders.updated_at,orders.fulfillments.updated_at"
MARKED = "id,metadata,created_at"
