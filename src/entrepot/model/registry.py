"""The only list of nouns, and what can be read off their declarations.

``NOUNS`` is the order in which a shop's models are read: what is referred to comes first.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from entrepot.model.base import Embedded, Personal, Query, ReadOnly, Record, Ref
from entrepot.model.ecommerce.balance import Balance
from entrepot.model.ecommerce.company_info import CompanyInfo
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.order import Order
from entrepot.model.ecommerce.product import Product
from entrepot.model.ecommerce.transaction import Transaction

Kind = Literal["text", "integer", "money", "number", "boolean", "time", "enum", "list", "struct", "map"]
MarkT = TypeVar("MarkT")


@dataclass(frozen=True)
class Noun:
    """One line of the registry.

    ``name`` is the singular used inside (``order``), ``table`` its table, ``data_model`` the public enum value
    (``ECOMMERCE_ORDERS``), ``category`` the public category, ``parent`` the field that names the owning record
    when this noun's records are yielded, whole, by re-reading that record.
    """

    name: str
    type: type[Record]
    table: str
    data_model: str
    category: str = "ECOMMERCE"
    parent: str | None = None


NOUNS: tuple[Noun, ...] = (
    Noun("company_info", CompanyInfo, "ecommerce_company_info", "ECOMMERCE_COMPANY_INFO"),
    Noun("balance", Balance, "ecommerce_balances", "ECOMMERCE_BALANCES"),
    Noun("product", Product, "ecommerce_products", "ECOMMERCE_PRODUCTS"),
    Noun("inventory", Inventory, "ecommerce_inventories", "ECOMMERCE_INVENTORIES"),
    Noun("customer", Customer, "ecommerce_customers", "ECOMMERCE_CUSTOMERS"),
    Noun("order", Order, "ecommerce_orders", "ECOMMERCE_ORDERS"),
    Noun("fulfillment", Fulfillment, "ecommerce_fulfillments", "ECOMMERCE_FULFILLMENTS", parent="order_id"),
    Noun("transaction", Transaction, "ecommerce_transactions", "ECOMMERCE_TRANSACTIONS", parent="order_id"),
)

_BY_NAME = {noun.name: noun for noun in NOUNS}
_BY_TYPE = {noun.type: noun for noun in NOUNS}
_BY_DATA_MODEL = {noun.data_model: noun for noun in NOUNS}


def noun(name: str) -> Noun:
    """The noun of that name; KeyError when there is none."""
    return _BY_NAME[name]


def noun_of(record: type[Record] | Record) -> Noun:
    """The noun that a record (or its class) belongs to."""
    return _BY_TYPE[record if isinstance(record, type) else type(record)]


def by_data_model(value: str) -> Noun | None:
    """The noun of a public data model such as ``ECOMMERCE_ORDERS``, or None."""
    return _BY_DATA_MODEL.get(value)


@dataclass(frozen=True)
class Field:
    """One field of a noun or embedded row, with its marks read off."""

    name: str
    kind: Kind
    optional: bool
    choices: tuple[str, ...]
    item: type[msgspec.Struct] | None
    """The struct of a ``list`` or ``struct`` field."""
    query: Query | None
    ref: Ref | None
    personal: bool
    read_only: bool


def mark(hint: object, kind: type[MarkT]) -> MarkT | None:
    """The mark of that class on an ``Annotated`` hint, or None."""
    if get_origin(hint) is typing.Annotated:
        for extra in get_args(hint)[1:]:
            if isinstance(extra, kind):
                return extra
    return None


@cache
def fields(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The fields of a noun or embedded row in order of declaration, base fields first."""
    hints: dict[str, Any] = typing.get_type_hints(struct, include_extras=True)
    return tuple(_field(name, hints[name]) for name in struct.__struct_fields__)


@cache
def field_map(struct: type[msgspec.Struct]) -> dict[str, Field]:
    """The same by name."""
    return {field.name: field for field in fields(struct)}


def embedded_lists(struct: type[msgspec.Struct]) -> Iterator[Field]:
    """The fields that hold lists of embedded rows, which get ids of their own."""
    for field in fields(struct):
        if field.kind == "list" and field.item is not None and issubclass(field.item, Embedded):
            yield field


def query_fields(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The fields with a column of their own."""
    return tuple(field for field in fields(struct) if field.query is not None)


def _field(name: str, hint: object) -> Field:
    bare = get_args(hint)[0] if get_origin(hint) is typing.Annotated else hint
    optional = False
    if get_origin(bare) in (Union, types.UnionType):
        arms = [arm for arm in get_args(bare) if arm is not type(None)]
        optional, bare = len(arms) < len(get_args(bare)), arms[0]
    kind, choices, item = _kind(bare)
    return Field(
        name=name, kind=kind, optional=optional, choices=choices, item=item,
        query=mark(hint, Query), ref=mark(hint, Ref),
        personal=mark(hint, Personal) is not None, read_only=mark(hint, ReadOnly) is not None,
    )


_SCALARS: dict[object, Kind] = {
    str: "text", int: "integer", Decimal: "money", bool: "boolean", datetime: "time",
}


def _kind(bare: Any) -> tuple[Kind, tuple[str, ...], type[msgspec.Struct] | None]:
    if bare in _SCALARS:
        return _SCALARS[bare], (), None
    if get_origin(bare) is Literal:
        return "enum", tuple(get_args(bare)), None
    if get_origin(bare) is dict:
        return "map", (), None
    if get_origin(bare) is list:
        inner = get_args(bare)[0]
        return "list", (), inner if isinstance(inner, type) and issubclass(inner, msgspec.Struct) else None
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return "struct", (), bare
    raise TypeError(f"{bare!r} cannot be a field of a noun")
