"""v3 as its published client knows it: upper-case enums, required strings never null. One file per noun."""

from __future__ import annotations

from entrepot.api.v3.balance import BALANCE
from entrepot.api.v3.company_info import COMPANY_INFO
from entrepot.api.v3.customer import CUSTOMER
from entrepot.api.v3.fulfillment import FULFILLMENT
from entrepot.api.v3.inventory import INVENTORY
from entrepot.api.v3.order import ORDER
from entrepot.api.v3.product import PRODUCT
from entrepot.api.v3.transaction import TRANSACTION

VIEWS = (CUSTOMER, ORDER, PRODUCT, BALANCE, COMPANY_INFO, FULFILLMENT, INVENTORY, TRANSACTION)

__all__ = ["BALANCE", "COMPANY_INFO", "CUSTOMER", "FULFILLMENT", "INVENTORY", "ORDER", "PRODUCT", "TRANSACTION",
           "VIEWS"]
