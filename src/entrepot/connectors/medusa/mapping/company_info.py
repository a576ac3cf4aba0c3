"""The store."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.connectors.medusa.payload import Store
from entrepot.kit.convert import blank_to_none, currency, time
from entrepot.kit.json import decode
from entrepot.kit.spec import Family, Mapped
from entrepot.model.ecommerce.company_info import CompanyInfo


def to_company_info(row: bytes, settings: Mapping[str, str]) -> Family:
    """Medusa's store has a name and currencies, and neither address nor e-mail."""
    store = decode(row, Store)
    record = CompanyInfo(
        platform_unique_id=store.id, name=blank_to_none(store.name), currency_id=currency(main_currency(store)),
        website=settings.get("base_url"), created_at=time(store.created_at), updated_at=time(store.updated_at),
    )
    return Family(Mapped(record, row))


def main_currency(store: Store) -> str | None:
    """The default currency's code as Medusa writes it, else the only one's."""
    codes = store.supported_currencies or []
    found = [one.currency_code for one in codes if one.is_default] or [one.currency_code for one in codes[:1]]
    return found[0] if found else None
