"""The documented bodies, and one record of each noun that the documents render their example answers from."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.api.view import View, Write
from entrepot.model.base import Address, Record
from entrepot.model.ecommerce.balance import Balance
from entrepot.model.ecommerce.company_info import CompanyInfo
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment, FulfillmentLine
from entrepot.model.ecommerce.inventory import Inventory
from entrepot.model.ecommerce.order import LineItem, Order, ShippingLine
from entrepot.model.ecommerce.product import Product, Variant
from entrepot.model.ecommerce.transaction import Transaction
from entrepot.store.rendering import Base

_AT = datetime(2024, 1, 22, 5, 7, 31, 465_000, tzinfo=UTC)
_MS = 1_705_900_051_465
_COMPANY = 42
SYNC_ID = "9f2c4b7a1d3e5f60"
INTEGRATION = "EXAMPLE_SHOP"
"""No platform's, so that the documents are the same whichever connectors are installed."""

_STREET = Address(rootfi_id=501, platform_unique_id="addr_1", type="shipping", street="123 Main Street",
                  city="New York", state="New York", postal_code="10001", country="US")

RECORDS: dict[str, Record] = {
    "company_info": CompanyInfo(
        platform_unique_id="shop", created_at=_AT, updated_at=_AT, name="Acme", legal_name="Acme Inc.",
        website="https://acme.example", email="shop@acme.example", currency_id="USD", timezone="America/New_York"),
    "balance": Balance(platform_unique_id="USD", available_balance=Decimal("100.00"),
                       pending_balance=Decimal("12.50"), currency_id="USD"),
    "product": Product(
        platform_unique_id="prod_1", created_at=_AT, updated_at=_AT, name="Shirt", description="A shirt",
        sku="SHIRT-M", type="inventory", status="active", price=Decimal("44.99"), currency_id="USD",
        variants=[Variant(rootfi_id=502, platform_unique_id="var_1", name="M", sku="SHIRT-M", price=Decimal("44.99"),
                          currency_id="USD")]),
    "inventory": Inventory(
        platform_unique_id="inv_1", created_at=_AT, updated_at=_AT, item_id="prod_1", variant_id="var_1",
        sku="SHIRT-M", description="Shirt, M", quantity=50, reserved_quantity=8, available_quantity=42,
        status="in_stock", is_trackable=True, reorder_level=10, reorder_quantity=40),
    "customer": Customer(
        platform_unique_id="cus_1", created_at=_AT, updated_at=_AT, name="John Doe", email="john@example.com",
        phone="1234567890", currency_id="USD", addresses=[_STREET]),
    "order": Order(
        platform_unique_id="ord_1", created_at=_AT, updated_at=_AT, order_date=_AT, customer_id="cus_1",
        order_number="1001", order_name="#1001", status="processing", payment_status="paid",
        fulfillment_status="unfulfilled", currency_id="USD", sub_total=Decimal("89.98"), total_discount=Decimal(0),
        total_tax=Decimal("7.20"), shipping_amount=Decimal("5.99"), total_amount=Decimal("103.17"),
        amount_due=Decimal(0), refunded_amount=Decimal(0), addresses=[_STREET],
        line_items=[LineItem(
            rootfi_id=503, platform_unique_id="line_1", item_id="prod_1", variant_id="var_1", name="Shirt",
            description="Shirt, M", sku="SHIRT-M", quantity=Decimal(2), unit_amount=Decimal("44.99"),
            discount_amount=Decimal(0), tax_amount=Decimal("7.20"), sub_total=Decimal("89.98"),
            total_amount=Decimal("97.18"))],
        shipping_lines=[ShippingLine(rootfi_id=504, name="Standard", amount=Decimal("5.99"))]),
    "fulfillment": Fulfillment(
        platform_unique_id="ful_1", created_at=_AT, updated_at=_AT, order_id="ord_1", name="#1001.1",
        status="in_transit", shipment_status="in_transit", carrier_name="UPS", tracking_number="1Z999",
        delivery_service="Ground", tracking_link="https://ups.example/1Z999", weight=Decimal("1.2"), weight_unit="kg",
        line_items=[FulfillmentLine(rootfi_id=505, platform_unique_id="fl_1", line_item_id="line_1",
                                    quantity=Decimal(2))],
        addresses=[_STREET]),
    "transaction": Transaction(
        platform_unique_id="pay_1", created_at=_AT, updated_at=_AT, type="payment", order_id="ord_1",
        contact_id="cus_1", currency_id="USD", amount=Decimal("103.17"), fee=Decimal("3.29"), status="paid",
        payment_method_type="card", payment_method="CREDIT_CARD", gateway="stripe",
        gateway_transaction_id="pi_1", description="Order 1001"),
}

_CREATES: dict[str, dict[str, Any]] = {
    "Customer": {
        "name": "John Doe", "email": "", "phone": "1234567890", "currency_id": "1234567890", "status": "ACTIVE",
        "updated_at": "2024-01-22T05:07:31.465Z", "created_at": "2024-01-22T05:07:31.465Z",
        "address": {"rootfi_id": 278264, "platform_id": "CONTACTS_1af68894-ea9f-ee11-be36-7c1e520f50bc_ADDRESS",
                    "street": "123 Main Street", "locality": "Main Street", "city": "New York", "state": "New York",
                    "pincode": "123456", "country": "USA"}},
    "Contact": {"name": "John Doe", "email": "john@example.com", "phone": "+12025550123", "status": "active",
                "address": {"street": "123 Main Street", "city": "New York", "state": "New York",
                            "postal_code": "10001", "country": "US"}},
    "Product": {"name": "Shirt", "description": "A shirt", "sku": "SHIRT-M", "status": "ACTIVE"},
    "Item": {"name": "Shirt", "description": "A shirt", "sku": "SHIRT-M", "type": "inventory", "status": "active",
             "price": 44.99, "currency_id": "USD"},
    "Order": {"customer_id": "cus_1_1", "currency_id": "USD",
              "line_items": [{"item_id": "prod_1_1", "description": "Shirt, M", "quantity": 2, "unit_amount": 44.99}],
              "shipping_address": {"street": "123 Main Street", "city": "New York", "postal_code": "10001",
                                   "country": "US"}},
    "Fulfillment": {"order_id": "ord_1_1", "tracking_number": "1Z999", "carrier_name": "UPS"},
    "Transaction": {"type": "payment", "order_id": "ord_1_1", "currency_id": "USD", "amount": 103.17},
}
_UPDATES: dict[str, dict[str, Any]] = {
    "Contact": {"phone": "+12025550199"}, "Item": {"name": "Linen shirt"}, "Order": {"status": "canceled"},
    "Fulfillment": {"status": "delivered"}, "Inventory": {"quantity": 60},
}


def answer_example(view: View) -> dict[str, Any]:
    """A record as the view answers it."""
    record = RECORDS[view.noun]
    base = Base(1001, _COMPANY, 1, record.platform_unique_id, _MS, _MS, None)
    found: dict[str, Any] = msgspec.json.decode(view.render(record, base, {}).body)
    return found


def body_example(view: View, write: Write) -> dict[str, Any]:
    """A request that makes or changes one."""
    if write == "create":
        return {"company_id": _COMPANY, "data": [_CREATES[view.name]]}
    return {"data": [_UPDATES[view.name]]}
