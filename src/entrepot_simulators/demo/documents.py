"""The shop's own objects as its API shows them. The generated ones are written in the same shape by templates."""

from __future__ import annotations

from msgspec import Struct


class Address(Struct, kw_only=True, omit_defaults=True):
    """A postal address. ``foreign_number`` and ``foreign_text`` are whatever ids a caller attached to it."""

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


class Buyer(Struct, kw_only=True):
    """Somebody with an account. ``state`` and ``currency`` are free text; dates are shown as they were given."""

    id: str
    client_reference: str | None = None
    full_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    state: str = "active"
    tax_number: str | None = None
    note: str | None = None
    tags: list[str] = []
    newsletter: bool | None = None
    addresses: list[Address] = []
    created_at: str
    updated_at: str
    changed_at: str


class Price(Struct, kw_only=True):
    """What a variant costs in one currency; ``was`` is the struck-out price."""

    currency: str
    amount: str
    was: str | None = None


class Variant(Struct, kw_only=True):
    """One thing that can be bought."""

    id: str
    title: str | None = None
    sku: str | None = None
    ean: str | None = None
    state: str = "live"
    prices: list[Price] = []
    cost: str | None = None
    choices: dict[str, str] = {}
    tracked: bool | None = None
    grams: int | None = None


class Choice(Struct, kw_only=True):
    """A way in which variants differ."""

    name: str
    values: list[str] = []


class Article(Struct, kw_only=True):
    """A product of the catalogue."""

    id: str
    client_reference: str | None = None
    title: str | None = None
    text: str | None = None
    maker: str | None = None
    category: str | None = None
    handle: str | None = None
    page: str | None = None
    kind: str | None = None
    state: str = "live"
    tags: list[str] = []
    images: list[str] = []
    choices: list[Choice] = []
    variants: list[Variant] = []
    created_at: str
    updated_at: str
    changed_at: str


class Location(Struct, kw_only=True):
    """A place where goods lie."""

    id: str
    name: str
    address: Address


class StockRow(Struct, kw_only=True):
    """How many of a variant lie at a location."""

    id: str
    article_id: str
    variant_id: str
    sku: str | None = None
    title: str | None = None
    location: Location
    shelf: str | None = None
    on_hand: int = 0
    reserved: int = 0
    free: int = 0
    incoming: int = 0
    tracked: bool = True
    reorder_at: int | None = None
    reorder_amount: int | None = None
    state: str = "enough"
    created_at: str
    updated_at: str
    changed_at: str
