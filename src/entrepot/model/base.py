"""What every noun is made of: the record, embedded rows, and the marks on their fields.

A noun is one ``msgspec.Struct`` under :class:`Record`. Marks stand in ``Annotated``; everything computed from a noun
(table, filters, inputs, public schemas, explain) reads them through :mod:`entrepot.model.registry`.

Conventions that hold in every noun:

* money is ``Decimal`` in major units of the record's ``currency_id`` (ISO 4217, upper case), never float;
* times are aware UTC ``datetime``;
* platform ids are strings, verbatim; a reference holds the target's own platform id (``platform_unique_id``);
* ``None`` is "unknown or not offered by this platform", never zero or empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec


@dataclass(frozen=True)
class Query:
    """The field gets a real column to filter and sort by; ``indexed`` adds an index under the company."""

    indexed: bool = False


@dataclass(frozen=True)
class Ref:
    """The field holds the own platform id of a record of the named noun (``customer``, ``order``, ...).

    ``part`` names an embedded list of the target instead (``Ref("product", part="variants")``: a variant's id).
    """

    noun: str
    part: str | None = None


@dataclass(frozen=True)
class Personal:
    """Data about a person: redacted in logs, erased on request."""


@dataclass(frozen=True)
class ReadOnly:
    """Computed by the shop: never an input of create or update."""


class Record(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One record of a noun as mapped from a platform. The store adds ``rootfi_*`` and the hashes around it."""

    platform_unique_id: str
    """The platform's own id, verbatim; unique per connection and noun."""
    created_at: Annotated[datetime | None, Query()] = None
    """When the platform says it was created."""
    updated_at: Annotated[datetime | None, Query()] = None
    """When the platform says it was last changed (some platforms lie: see the connector's README)."""


class Embedded(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A row that lives inside a record's document: an address, a line item, a variant.

    ``rootfi_id`` is given by the store when the row is first seen and is ``None`` in what a mapping returns. On a
    re-sync it is carried over by ``platform_unique_id``, else by kind (``type``) and position.
    """

    rootfi_id: int | None = None
    platform_unique_id: str | None = None


class Address(Embedded, kw_only=True, omit_defaults=True):
    """A postal address, embedded in customers, orders, fulfillments, inventories and company info."""

    type: str | None = None
    """``billing``, ``shipping``, ``warehouse`` or None."""
    name: Annotated[str | None, Personal()] = None
    first_name: Annotated[str | None, Personal()] = None
    last_name: Annotated[str | None, Personal()] = None
    company: str | None = None
    street: Annotated[str | None, Personal()] = None
    """First line, and the second after a comma where the platform has two."""
    locality: Annotated[str | None, Personal()] = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2 upper case where the platform has codes, else what it says."""
    phone: Annotated[str | None, Personal()] = None
    given_rootfi_id: int | None = None
    """An id that a caller sent with the address on create: data to be echoed, never a key."""
    given_platform_id: str | None = None
    """The same for the platform id."""
