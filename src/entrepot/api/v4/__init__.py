"""Flat v4: lower-case enums, numbers for money, everything of an order inside it. One file per noun."""

from __future__ import annotations

from entrepot.api.v4.balance import BALANCE
from entrepot.api.v4.company_info import COMPANY_INFO
from entrepot.api.v4.contact import CONTACT
from entrepot.api.v4.fulfillment import FULFILLMENT
from entrepot.api.v4.inventory import INVENTORY
from entrepot.api.v4.item import ITEM
from entrepot.api.v4.order import ORDER
from entrepot.api.v4.product import PRODUCT
from entrepot.api.v4.transaction import TRANSACTION

VIEWS = (CONTACT, ITEM, PRODUCT, ORDER, FULFILLMENT, INVENTORY, TRANSACTION, BALANCE, COMPANY_INFO)

__all__ = ["BALANCE", "COMPANY_INFO", "CONTACT", "FULFILLMENT", "INVENTORY", "ITEM", "ORDER", "PRODUCT", "TRANSACTION",
           "VIEWS"]
