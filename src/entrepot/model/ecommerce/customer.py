"""Customer: somebody who buys; guests of orders too."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from entrepot.model.base import Address, Personal, Query, ReadOnly, Record

CustomerStatus = Literal["active", "inactive", "suspended", "archived", "unknown"]
CustomerType = Literal["customer", "vendor", "both", "unknown"]


class Customer(Record, kw_only=True, omit_defaults=True):
    """A buyer of the shop. v3 calls it customer, v4 contact. A guest has ``is_guest`` true."""

    name: Annotated[str | None, Query(), Personal()] = None
    first_name: Annotated[str | None, Personal()] = None
    last_name: Annotated[str | None, Personal()] = None
    company_name: str | None = None
    email: Annotated[str | None, Query(indexed=True), Personal()] = None
    phone: Annotated[str | None, Query(), Personal()] = None
    currency_id: Annotated[str | None, Query()] = None
    type: Annotated[CustomerType, Query()] = "customer"
    status: Annotated[CustomerStatus, Query()] = "active"
    is_guest: Annotated[bool, Query(), ReadOnly()] = False
    tax_number: Annotated[str | None, Personal()] = None
    note: Annotated[str | None, Personal()] = None
    tags: list[str] = []
    accepts_marketing: bool | None = None
    orders_count: Annotated[int | None, ReadOnly()] = None
    total_spent: Annotated[Decimal | None, ReadOnly()] = None
    addresses: list[Address] = []
    """The default address first."""
