"""CompanyInfo: who the shop is."""

from __future__ import annotations

from typing import Annotated

from entrepot.model.base import Address, Query, Record


class CompanyInfo(Record, kw_only=True, omit_defaults=True):
    """The shop itself, one record per connection."""

    name: Annotated[str | None, Query()] = None
    legal_name: str | None = None
    website: str | None = None
    email: str | None = None
    phone: str | None = None
    currency_id: Annotated[str | None, Query()] = None
    timezone: str | None = None
    """IANA name where the platform has one."""
    country: str | None = None
    addresses: list[Address] = []
