"""Product: what a shop sells, with its variants and their prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from entrepot.model.base import Embedded, Query, Record

ProductStatus = Literal["draft", "active", "archived", "unknown"]
ProductType = Literal["inventory", "non_inventory", "service", "digital", "unknown"]
VariantStatus = Literal["draft", "active", "archived", "unknown"]


class Price(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A price of a variant in one currency."""

    currency_id: str
    amount: Decimal
    compare_at_amount: Decimal | None = None


class Option(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A way in which variants differ (Size: S, M, L)."""

    name: str
    values: list[str] = []


class Variant(Embedded, kw_only=True, omit_defaults=True):
    """One thing that can be put into a cart."""

    name: str | None = None
    sku: str | None = None
    barcode: str | None = None
    price: Decimal | None = None
    """In ``currency_id``, the shop's own currency where there are several prices."""
    compare_at_price: Decimal | None = None
    currency_id: str | None = None
    prices: list[Price] = []
    cost: Decimal | None = None
    status: VariantStatus = "active"
    options: dict[str, str] = {}
    """Option name to value."""
    is_trackable: bool | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None


class Product(Record, kw_only=True, omit_defaults=True):
    """A product. v3 calls it product, v4 item (and, deprecated, product)."""

    name: Annotated[str | None, Query()] = None
    description: str | None = None
    sku: Annotated[str | None, Query(indexed=True)] = None
    """The product's own, or its only or first variant's."""
    type: Annotated[ProductType, Query()] = "unknown"
    status: Annotated[ProductStatus, Query()] = "unknown"
    vendor: Annotated[str | None, Query()] = None
    category: str | None = None
    handle: str | None = None
    url: str | None = None
    price: Annotated[Decimal | None, Query()] = None
    """The lowest variant price in ``currency_id``."""
    currency_id: str | None = None
    tags: list[str] = []
    image_urls: list[str] = []
    options: list[Option] = []
    variants: list[Variant] = []
