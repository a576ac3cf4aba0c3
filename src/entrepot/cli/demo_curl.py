"""Three calls to paste, made of what is really in the shop."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from entrepot.cli.demo_company import DemoCompany
from entrepot.kit.json import ENCODER
from entrepot.model.base import Record
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.order import LineItem, Order
from entrepot.store import records_read
from entrepot.store.records_read import PageQuery
from entrepot.store.store import Session

LOOKED_THROUGH = 50
"""Orders in which a customer and a product are looked for that the shop still has."""

DOCUMENTED_CUSTOMER = {
    "name": "John Doe", "email": "", "phone": "1234567890", "currency_id": "1234567890", "status": "ACTIVE",
    "updated_at": "2024-01-22T05:07:31.465Z", "created_at": "2024-01-22T05:07:31.465Z",
    "address": {
        "rootfi_id": 278264, "platform_id": "CONTACTS_1af68894-ea9f-ee11-be36-7c1e520f50bc_ADDRESS",
        "street": "123 Main Street", "locality": "Main Street", "city": "New York", "state": "New York",
        "pincode": "123456", "country": "USA",
    },
}
"""The body that v3's documentation shows, word for word."""


def curl_lines(session: Session, company: DemoCompany, url: str) -> list[str]:
    """List orders; create the documented customer; create an order (left out when the shop has none to learn from)."""
    head = shlex.quote(f"api_key: {company.key}")
    lines = [f"curl -s -H {head} {shlex.quote(f'{url}/v4/ecommerce/orders?company_id={company.company_id}&limit=3')}",
             _post(head, f"{url}/v3/ecommerce/customers", company, DOCUMENTED_CUSTOMER)]
    order = next(_orders(session, company), None)
    if order is not None:
        lines.append(_post(head, f"{url}/v4/ecommerce/orders", company, order))
    return lines


def _post(head: str, url: str, company: DemoCompany, record: dict[str, Any]) -> str:
    body = ENCODER.encode({"company_id": company.company_id, "data": [record]}).decode()
    return f"curl -s -H {head} -H 'content-type: application/json' {shlex.quote(url)} -d {shlex.quote(body)}"


def _orders(session: Session, company: DemoCompany) -> Iterator[dict[str, Any]]:
    """New orders in the likeness of those that the shop has, for customers and products that are still there."""
    page = records_read.page(session, PageQuery("order", company.company_id, company.connection_id,
                                                limit=LOOKED_THROUGH))
    for row in page.rows:
        found = records_read.document_of(session, "order", company.company_id, row.rootfi_id)
        if not isinstance(found, Order) or not found.currency_id or not _can_order(session, company, found.customer_id):
            continue
        for line in found.line_items:
            if _kept(session, company, "product", line.item_id) is not None:
                yield {"customer_id": f"{found.customer_id}_{company.ordinal}", "currency_id": found.currency_id,
                       "line_items": [_line(line, company)]}


def _can_order(session: Session, company: DemoCompany, uid: str | None) -> bool:
    """A guest is nobody that a shop could note an order for."""
    found = _kept(session, company, "customer", uid)
    return isinstance(found, Customer) and not found.is_guest


def _kept(session: Session, company: DemoCompany, noun: str, uid: str | None) -> Record | None:
    row = records_read.owned(session, noun, company.company_id, company.connection_id, uid) if uid else None
    return records_read.document_of(session, noun, company.company_id, row.rootfi_id) if row else None


def _line(line: LineItem, company: DemoCompany) -> dict[str, Any]:
    made = {"item_id": f"{line.item_id}_{company.ordinal}", "description": line.description or line.name or "An item",
            "quantity": 2, "unit_amount": line.unit_amount or Decimal(10)}
    if line.variant_id is not None:
        made["variant_id"] = f"{line.variant_id}_{company.ordinal}"
    return made
