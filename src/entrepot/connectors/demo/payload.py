"""What the demo shop sends, as far as it is used. Amounts stay text here: the same few recur (see amounts.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Moment = Annotated[datetime, Meta(tz=True)]


class AddressRow(Struct, gc=False):
    """An address of anybody."""

    id: str | None = None
    role: str | None = None
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    company: str | None = None
    street: str | None = None
    quarter: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None
    foreign_number: int | None = None
    foreign_text: str | None = None


class BuyerRow(Struct):
    """A customer with an account."""

    id: str
    full_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    state: str | None = None
    tax_number: str | None = None
    note: str | None = None
    tags: list[str] = []
    newsletter: bool | None = None
    addresses: list[AddressRow] = []
    created_at: Moment | None = None
    updated_at: Moment | None = None


class PriceRow(Struct, gc=False):
    """A price in one currency."""

    currency: str
    amount: str
    was: str | None = None


class VariantRow(Struct):
    """A variant of an article."""

    id: str
    title: str | None = None
    sku: str | None = None
    ean: str | None = None
    state: str | None = None
    prices: list[PriceRow] = []
    cost: str | None = None
    choices: dict[str, str] = {}
    tracked: bool | None = None
    grams: int | None = None


class ChoiceRow(Struct):
    """A way in which variants differ."""

    name: str
    values: list[str] = []


class ArticleRow(Struct):
    """A product."""

    id: str
    title: str | None = None
    text: str | None = None
    maker: str | None = None
    category: str | None = None
    handle: str | None = None
    page: str | None = None
    kind: str | None = None
    state: str | None = None
    tags: list[str] = []
    images: list[str] = []
    choices: list[ChoiceRow] = []
    variants: list[VariantRow] = []
    created_at: Moment | None = None
    updated_at: Moment | None = None


class LocationRow(Struct):
    """Where stock lies."""

    id: str
    name: str | None = None
    address: AddressRow | None = None


class StockRow(Struct):
    """A variant at a location."""

    id: str
    article_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None
    title: str | None = None
    location: LocationRow | None = None
    shelf: str | None = None
    on_hand: int | None = None
    reserved: int | None = None
    free: int | None = None
    incoming: int | None = None
    tracked: bool | None = None
    reorder_at: int | None = None
    reorder_amount: int | None = None
    state: str | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None


class WalletRow(Struct, gc=False):
    """What the shop's payment service holds in one currency."""

    id: str
    currency: str
    available: str | None = None
    pending: str | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None


class ShopRow(Struct):
    """The shop itself."""

    id: str
    name: str | None = None
    legal_name: str | None = None
    website: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    timezone: str | None = None
    country: str | None = None
    address: AddressRow | None = None
    api_version: str = ""
    sells_in: list[str] = []
    created_at: Moment | None = None
    updated_at: Moment | None = None


class Paging(Struct):
    """Where a list goes on."""

    next: str | None = None
    total: int | None = None


class ListAnswer(Struct):
    """A page; ``as_of`` is when its scan began."""

    results: list[msgspec.Raw]
    paging: Paging
    as_of: str


class Gone(Struct, gc=False):
    """A tombstone, or anything else of which only the id matters."""

    id: str


class Complaint(Struct):
    """Why the shop refused; ``at`` is the shop's name of the input that is to blame."""

    error: str = ""
    message: str = ""
    at: str | None = None
