"""What a webhook can ask for: types, operations, data models, companies, integration types."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from entrepot.errors import invalid_params
from entrepot.model.registry import NOUNS
from entrepot.store import companies
from entrepot.store.store import Session

TYPES = ("DATA_MODEL_CHANGES", "CONNECTION_CHANGED", "SYNC_STARTED", "SYNC_COMPLETED", "WEBHOOK_TURNED_OFF")
TYPES_V3 = ("DATA_MODEL_CHANGES", "CONNECTION_CHANGED", "SYNC_COMPLETED")
"""What the published client knows: a webhook of v3 is told nothing else."""
OPERATIONS = ("CREATE", "UPDATE", "DELETE")
MOST_COMPANIES = 1000
_MOST_INTEGRATIONS = 100

_DECLARED = """
ACCOUNTS BANK_ACCOUNTS BILLS BILL_PAYMENTS COMPANY_INFO CONTACTS BILL_CREDIT_NOTES INVOICE_CREDIT_NOTES DOCUMENTS
EXPENSES INVOICES INVOICE_PAYMENTS ITEMS LINE_ITEMS TAX_RATES JOURNAL_ENTRIES BANK_TRANSACTIONS JOURNAL_LINES
PURCHASE_ORDERS SALES_ORDERS PHONE_NUMBERS ADDRESSES EXTERNAL_LINKS CONTACT_PERSONS INCOME_STATEMENT BALANCE_SHEET
TRACKING_CATEGORIES CASH_FLOW_STATEMENT CURRENCIES PAYMENT_CUSTOMERS PAYMENT_INVOICES PAYMENT_LINE_ITEMS PAYMENT_ITEMS
PAYMENT_ORDERS PAYMENT_TAX_RATES PAYMENT_DISPUTES PAYMENT_PAYMENTS PAYMENT_REFUNDS PAYMENT_PAYMENT_LINKS
PAYMENT_PAYOUTS PAYMENT_ADDRESSES PAYMENT_PHONE_NUMBERS PAYMENT_EXTERNAL_LINKS PAYMENT_TRANSACTIONS PAYMENT_BALANCES
ECOMMERCE_ORDERS ECOMMERCE_CUSTOMERS ECOMMERCE_PRODUCTS ECOMMERCE_LINE_ITEMS CRM_CONTACTS CRM_COMPANIES CRM_DEALS
CRM_LEADS CRM_NOTES CRM_PIPELINES CRM_STAGES CRM_ACTIVITIES CRM_TASKS CRM_USERS CRM_EXTERNAL_LINKS CRM_PHONE_NUMBERS
CRM_ADDRESSES
"""
"""What published clients may name; a webhook may wait for a data model that nothing here offers yet."""

DATA_MODELS = tuple(dict.fromkeys([*(noun.data_model for noun in NOUNS), *_DECLARED.split()]))
_INTEGRATION_TYPE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")


def types(version: str, given: Sequence[str]) -> list[str]:
    """The types without doubles, at least one; ApiError for one that is not known, or not to a webhook's version."""
    found = words("types", given, TYPES)
    known = TYPES_V3 if version == "v3" else TYPES
    if not found or not set(found) <= set(known):
        raise invalid_params("types", f"A webhook of {version} is told {', '.join(known)}; send some of them.")
    return found


def words(field: str, given: Sequence[str], known: Collection[str]) -> list[str]:
    """The words without doubles; ApiError naming the field for one that is not known."""
    found = list(dict.fromkeys(given))
    for word in found:
        if word not in known:
            # The list of all data models would bury the sentence.
            some = ", ".join(list(known)[:8]) + (", ..." if len(known) > 8 else "")
            raise invalid_params(field, f"{word[:100]} is not known here; send some of {some}.")
    return found


def company_ids(session: Session, given: Sequence[int]) -> list[int]:
    """The ids without doubles; ApiError for one that is not the scope's."""
    found = list(dict.fromkeys(given))
    if len(found) > MOST_COMPANIES:
        raise invalid_params("company_ids", f"Send at most {MOST_COMPANIES}, or none for all companies.")
    for ident in found:
        if not 0 < ident < 2**53 or companies.get(session, ident) is None:
            raise invalid_params("company_ids", f"No company {ident} is visible to this API key.")
    return found


def integration_types(given: Sequence[str]) -> list[str]:
    """The types without doubles. Not only what is installed: a webhook may be there before a connector is."""
    found = list(dict.fromkeys(given))
    if len(found) > _MOST_INTEGRATIONS:
        raise invalid_params("integration_types", f"Send at most {_MOST_INTEGRATIONS}, or none for all.")
    for kind in found:
        if not _INTEGRATION_TYPE.fullmatch(kind):
            raise invalid_params("integration_types", "An integration type is written in capitals, with underscores.")
    return found
