"""Companies, connections and records to put into a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from entrepot.kit.spec import Family, Mapped
from entrepot.model.base import Address
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment
from entrepot.model.ecommerce.order import LineItem, Order, TaxLine
from entrepot.model.ecommerce.transaction import Transaction
from entrepot.store import sequence
from entrepot.store.core_tables import companies, connections
from entrepot.store.records import Target
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Store

DAY = datetime(2024, 1, 22, 5, 7, 31, 465000, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """A store with one company in it, which has one connection."""

    store: Store
    scope: Scope
    target: Target


def shop_in(store: Store, scope: Scope, *, company_id: int | None = None, ordinal: int = 1) -> Shop:
    """A new connection, and a new company for it unless one is given."""
    with store.write(SYSTEM) as session:
        company, connection = sequence.take(session, 2)
        ids = {"organisation_id": scope.organisation_id, "environment_id": scope.environment_id}
        if company_id is None:
            company_id = company
            session.execute(companies.insert().values(id=company, name="Acme", created_at=1, updated_at=1, **ids))
        session.execute(connections.insert().values(
            id=connection, company_id=company_id, ordinal=ordinal, integration_type="DEMO", category="ECOMMERCE",
            status="HEALTHY", sync_status="IDLE", settings="{}", created_at=1, updated_at=1, **ids))
    target = Target(environment_id=scope.environment_id, company_id=company_id, connection_id=connection,
                    ordinal=ordinal, stream="orders", mapping_version=1)
    return Shop(store, scope, target)


def order(number: int, *, total: str = "12.34", lines: int = 2, **changes: object) -> Order:
    """An order with lines and addresses."""
    made = Order(
        platform_unique_id=f"order_{number}", created_at=DAY, updated_at=DAY, customer_id=f"cus_{number % 7}",
        order_number=str(number), status="pending", currency_id="EUR", total_amount=Decimal(total),
        line_items=[
            LineItem(platform_unique_id=f"line_{number}_{line}", name=f"Thing {line}", quantity=Decimal(1),
                     unit_amount=Decimal("5.05"), taxes=[TaxLine(name="VAT", rate=Decimal("0.19"))])
            for line in range(lines)
        ],
        addresses=[Address(type="billing", city="Berlin"), Address(type="shipping", city="Bonn")],
    )
    return msgspec.structs.replace(made, **changes)


def family(number: int, *, parcels: Sequence[int] = (), payments: Sequence[int] = (), guest: str | None = None,
           **changes: object) -> Family:
    """An order with its parcels and payments, and its guest as a loose customer."""
    parent = order(number, **changes)  # type: ignore[arg-type]
    uid = parent.platform_unique_id
    return Family(
        parent=Mapped(parent, msgspec.json.encode({"id": uid, "total": str(parent.total_amount)})),
        children=[
            *(Mapped(Fulfillment(platform_unique_id=f"ful_{number}_{one}", order_id=uid)) for one in parcels),
            *(Mapped(Transaction(platform_unique_id=f"pay_{number}_{one}", order_id=uid, amount=Decimal(one)))
              for one in payments),
        ],
        loose=[Mapped(Customer(platform_unique_id=guest, name=guest, is_guest=True))] if guest else [],
    )


def customer(uid: str, **changes: object) -> Family:
    """A customer alone."""
    return Family(Mapped(Customer(platform_unique_id=uid, **changes), b'{"id":1}'))  # type: ignore[arg-type]
