"""What the relay needs of a company's records to tell of their changes."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.store.record_tables import record_table
from entrepot.store.store import Session


def bodies(session: Session, company_id: int, noun: str, idents: Sequence[int], *, older: bool) -> dict[int, bytes]:
    """The bodies of records as they are now, by rootfi_id, also of deleted ones; erased ones are missing."""
    column = session.driver.as_bytes("body_older" if older else "body")
    rows = session.hot(
        f"SELECT rootfi_id, {column} FROM {record_table(noun).name} WHERE company_id = ? AND "
        f"{session.driver.one_of('rootfi_id', 'bigint')}", (company_id, session.driver.listed(idents)),
        company=company_id)
    return {row[0]: bytes(row[1]) for row in rows}


def integration_types(session: Session, company_id: int) -> dict[int, str]:
    """The integration type of each connection that the company has or had."""
    rows = session.hot("SELECT id, integration_type FROM connections WHERE company_id = ?", (company_id,),
                       company=company_id)
    return {row[0]: row[1] for row in rows}
