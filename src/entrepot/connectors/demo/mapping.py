"""Rows of the demo shop to records: everything but orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from entrepot.connectors.demo.amounts import AMOUNTS, optional
from entrepot.connectors.demo.payload import (
    AddressRow,
    ArticleRow,
    BuyerRow,
    PriceRow,
    ShopRow,
    StockRow,
    VariantRow,
    WalletRow,
)
from entrepot.kit.json import decode
from entrepot.kit.spec import Family, Mapped
from entrepot.model.base import Address
from entrepot.model.ecommerce.balance import Balance
from entrepot.model.ecommerce.company_info import CompanyInfo
from entrepot.model.ecommerce.customer import Customer, CustomerStatus
from entrepot.model.ecommerce.inventory import Inventory, InventoryStatus
from entrepot.model.ecommerce.product import Option, Price, Product, ProductStatus, ProductType, Variant, VariantStatus

CUSTOMER_STATUS: Mapping[str | None, CustomerStatus] = {
    "active": "active", "inactive": "inactive", "suspended": "suspended", "archived": "archived",
}
PRODUCT_STATUS: Mapping[str | None, ProductStatus] = {"live": "active", "draft": "draft", "retired": "archived"}
VARIANT_STATUS: Mapping[str | None, VariantStatus] = {"live": "active", "draft": "draft", "retired": "archived"}
PRODUCT_TYPE: Mapping[str | None, ProductType] = {
    "goods": "inventory", "untracked": "non_inventory", "service": "service", "download": "digital",
}
_STOCK_STATUS: Mapping[str | None, InventoryStatus] = {
    "enough": "in_stock", "few": "low_stock", "none": "out_of_stock", "discontinued": "discontinued",
}


def address(row: AddressRow, kind: str | None = None) -> Address:
    """An address; ``kind`` takes the place of the shop's own word for its role."""
    return Address(
        platform_unique_id=row.id, type=kind or row.role, name=row.name, first_name=row.given_name,
        last_name=row.family_name, company=row.company, street=row.street, locality=row.quarter, city=row.city,
        state=row.region, postal_code=row.postcode, country=row.country, phone=row.phone,
        given_rootfi_id=row.foreign_number, given_platform_id=row.foreign_text,
    )


def customer(raw: bytes, settings: Mapping[str, str]) -> Family:
    """A buyer. Currency, status and dates are whatever whoever made the buyer said."""
    row = decode(raw, BuyerRow)
    return Family(Mapped(Customer(
        platform_unique_id=row.id, name=row.full_name, first_name=row.given_name, last_name=row.family_name,
        company_name=row.company, email=row.email, phone=row.phone, currency_id=row.currency,
        status=CUSTOMER_STATUS.get(row.state, "unknown"), tax_number=row.tax_number, note=row.note, tags=row.tags,
        accepts_marketing=row.newsletter, addresses=[address(one) for one in row.addresses],
        created_at=row.created_at, updated_at=row.updated_at,
    ), raw))


def product(raw: bytes, settings: Mapping[str, str]) -> Family:
    """An article with its variants; prices in the shop's currency where there are several."""
    row = decode(raw, ArticleRow)
    home = settings.get("currency", "")
    variants = [_variant(one, home) for one in row.variants]
    price, currency = _lowest(variants)
    return Family(Mapped(Product(
        platform_unique_id=row.id, name=row.title, description=row.text, sku=variants[0].sku if variants else None,
        type=PRODUCT_TYPE.get(row.kind, "unknown"), status=PRODUCT_STATUS.get(row.state, "unknown"), vendor=row.maker,
        category=row.category, handle=row.handle, url=row.page, price=price, currency_id=currency, tags=row.tags,
        image_urls=row.images, options=[Option(name=one.name, values=one.values) for one in row.choices],
        variants=variants, created_at=row.created_at, updated_at=row.updated_at,
    ), raw))


def _variant(row: VariantRow, home: str) -> Variant:
    main = main_price(row.prices, home)
    return Variant(
        platform_unique_id=row.id, name=row.title, sku=row.sku, barcode=row.ean,
        price=AMOUNTS[main.amount] if main else None, compare_at_price=optional(main.was) if main else None,
        currency_id=main.currency if main else None,
        prices=[
            Price(currency_id=one.currency, amount=AMOUNTS[one.amount], compare_at_amount=optional(one.was))
            for one in row.prices
        ],
        cost=optional(row.cost), status=VARIANT_STATUS.get(row.state, "unknown"), options=row.choices,
        is_trackable=row.tracked, weight=None if row.grams is None else Decimal(row.grams),
        weight_unit=None if row.grams is None else "g",
    )


def main_price(prices: list[PriceRow], home: str) -> PriceRow | None:
    """The one in the shop's own currency, else the first."""
    return next((one for one in prices if one.currency == home), prices[0] if prices else None)


def _lowest(variants: list[Variant]) -> tuple[Decimal | None, str | None]:
    currency = next((one.currency_id for one in variants if one.currency_id), None)
    amounts = [one.price for one in variants if one.price is not None and one.currency_id == currency]
    return (min(amounts), currency) if amounts else (None, currency)


def inventory(raw: bytes, settings: Mapping[str, str]) -> Family:
    """A stock row: one variant at one location. The shelf, where it has a name, is the warehouse location."""
    row = decode(raw, StockRow)
    at = row.location
    return Family(Mapped(Inventory(
        platform_unique_id=row.id, item_id=row.article_id, variant_id=row.variant_id, sku=row.sku,
        description=row.title, location_id=at.id if at else None,
        warehouse_location=row.shelf or (at.name if at else None), quantity=row.on_hand,
        reserved_quantity=row.reserved, available_quantity=row.free, incoming_quantity=row.incoming,
        status=_STOCK_STATUS.get(row.state), is_trackable=row.tracked, reorder_level=row.reorder_at,
        reorder_quantity=row.reorder_amount,
        addresses=[address(at.address, "warehouse")] if at and at.address else [],
        created_at=row.created_at, updated_at=row.updated_at,
    ), raw))


def balance(raw: bytes, settings: Mapping[str, str]) -> Family:
    """A wallet of the shop's payment service."""
    row = decode(raw, WalletRow)
    return Family(Mapped(Balance(
        platform_unique_id=row.id, available_balance=optional(row.available), pending_balance=optional(row.pending),
        currency_id=row.currency, created_at=row.created_at, updated_at=row.updated_at,
    ), raw))


def company_info(raw: bytes, settings: Mapping[str, str]) -> Family:
    """The shop itself."""
    row = decode(raw, ShopRow)
    return Family(Mapped(CompanyInfo(
        platform_unique_id=row.id, name=row.name, legal_name=row.legal_name, website=row.website, email=row.email,
        phone=row.phone, currency_id=row.currency, timezone=row.timezone, country=row.country,
        addresses=[address(row.address)] if row.address else [], created_at=row.created_at, updated_at=row.updated_at,
    ), raw))
