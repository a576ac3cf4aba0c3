"""What Medusa sends, reduced to the fields that are asked for (see ``reads/fields.py``).

Everything that Medusa may leave out or send as null has a default, so that only a row without an id cannot be read.
Numbers come as ``Decimal``: Medusa writes major units as plain JSON numbers.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Metadata(msgspec.Struct, omit_defaults=True):
    """Medusa's free metadata; only the part under our own name is read."""

    entrepot: object = None


class Place(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An address of a customer, an order or a parcel."""

    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    province: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None
    metadata: Metadata | None = None
    is_default_shipping: bool = False
    is_default_billing: bool = False


class StoreCurrency(msgspec.Struct, omit_defaults=True):
    """A currency that the shop sells in."""

    currency_code: str
    is_default: bool = False


class Store(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The shop."""

    id: str
    name: str | None = None
    default_sales_channel_id: str | None = None
    default_region_id: str | None = None
    supported_currencies: list[StoreCurrency] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Customer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Somebody who bought or has an account."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    phone: str | None = None
    has_account: bool = False
    metadata: Metadata | None = None
    addresses: list[Place] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Named(msgspec.Struct, omit_defaults=True):
    """A type, tag, category, sales channel or shipping option, of which only the word matters."""

    id: str | None = None
    name: str | None = None
    value: str | None = None
    title: str | None = None
    label: str | None = None


class Image(msgspec.Struct, omit_defaults=True):
    """A picture of a product."""

    url: str


class OptionValue(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A variant's value of an option."""

    value: str
    option: Named | None = None


class Option(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A way in which variants differ."""

    title: str
    values: list[OptionValue] | None = None


class Price(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A price of a variant. With rules or a least quantity it is a special one."""

    id: str | None = None
    amount: Decimal
    currency_code: str
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None
    rules: dict[str, object] | None = None


class Variant(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What can be put into a cart."""

    id: str
    title: str | None = None
    sku: str | None = None
    barcode: str | None = None
    manage_inventory: bool | None = None
    weight: Decimal | None = None
    metadata: Metadata | None = None
    options: list[OptionValue] | None = None
    prices: list[Price] | None = None


class Product(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the shop sells."""

    id: str
    title: str | None = None
    description: str | None = None
    handle: str | None = None
    status: str | None = None
    thumbnail: str | None = None
    metadata: Metadata | None = None
    type: Named | None = None
    collection: Named | None = None
    tags: list[Named] | None = None
    categories: list[Named] | None = None
    images: list[Image] | None = None
    options: list[Option] | None = None
    variants: list[Variant] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Location(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A stock location."""

    id: str
    name: str | None = None
    address: Place | None = None


class Level(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How much of an inventory item lies at a location."""

    id: str
    location_id: str | None = None
    stocked_quantity: Decimal | None = None
    reserved_quantity: Decimal | None = None
    available_quantity: Decimal | None = None
    incoming_quantity: Decimal | None = None
    created_at: str | None = None
    updated_at: str | None = None


class ItemVariant(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A variant that an inventory item is stocked for."""

    id: str
    product_id: str | None = None
    manage_inventory: bool | None = None


class InventoryItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What lies on the shelf."""

    id: str
    sku: str | None = None
    title: str | None = None
    description: str | None = None
    metadata: Metadata | None = None
    variants: list[ItemVariant] | None = None


class LevelRow(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A row of the inventory stream: one level with the item, its variants and the location, put together by us."""

    level: Level
    item: InventoryItem
    location: Location | None = None
