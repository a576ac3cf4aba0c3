"""Which connection a call means, when its company has several."""

from __future__ import annotations

from entrepot.errors import ApiError, invalid_params, not_found
from entrepot.store import companies, connections
from entrepot.store.connections import Connection
from entrepot.store.store import Session


def choose(
    session: Session, company_id: int, connection_id: int | None = None, integration_type: str | None = None,
) -> Connection:
    """The one connection that is meant; ApiError listing the candidates when the call does not say which."""
    if companies.get(session, company_id) is None:
        raise not_found("company", company_id)
    found = [one for one in connections.of_company(session, company_id) if one.status != "DISCONNECTED"]
    if connection_id is not None:
        found = [one for one in found if one.id == connection_id]
        if not found:
            raise invalid_params("connection_id", f"Company {company_id} has no connection {connection_id}.")
    if integration_type is not None:
        fitting = [one for one in found if one.integration_type == integration_type]
        if found and not fitting:
            has = ", ".join(sorted({one.integration_type for one in found}))
            raise invalid_params("integration_type", f"Company {company_id} is connected to {has}.")
        found = fitting
    if not found:
        raise ApiError(400, "operation-denied", f"Operation Denied: company {company_id} has no connected shop. "
                       "Connect one first.", field="company_id")
    if len(found) > 1:
        listed = ", ".join(f"{one.id} ({one.integration_type})" for one in found)
        raise invalid_params("connection_id", f"Several connections fit; send one of {listed}.")
    return found[0]
