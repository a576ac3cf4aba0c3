"""What is left of a company in a database, looked for in every table that there is."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String, Table, Text, select

from entrepot.store import document
from entrepot.store.all_tables import metadata
from entrepot.store.store import Session

RECEIPTS = {"erasures"}
"""What stays of a deleted company: that it was erased."""


def left(session: Session, company: int, connections: list[int]) -> dict[str, int]:
    """Rows that name the company or a connection, by table; every table of the metadata is looked at."""
    found: dict[str, int] = {}
    for table in metadata.tables.values():
        for name, values in (("company_id", [company]), ("connection_id", connections)):
            if name in table.c and table.name not in RECEIPTS:
                rows = session.execute(select(table.c[name]).where(table.c[name].in_(values))).all()
                if rows:
                    found[f"{table.name}.{name}"] = len(rows)
    for table, idents in ((metadata.tables["companies"], [company]), (metadata.tables["connections"], connections)):
        if session.execute(select(table.c.id).where(table.c.id.in_(idents))).first():
            found[table.name] = 1
    return found


def told(session: Session, needle: str) -> list[str]:
    """Every text and blob column that holds the words, packed or not."""
    found = []
    for table in metadata.tables.values():
        columns = [column for column in table.c if isinstance(column.type, (String, Text, LargeBinary))]
        found += [f"{table.name}.{column.name}" for column in columns if _holds(session, table, column.name, needle)]
    return found


def _holds(session: Session, table: Table, column: str, needle: str) -> bool:
    return any(needle.encode() in _plain(value) for (value,) in session.execute(select(table.c[column])))


def _plain(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, bytes):
        return b""
    try:
        return value + document.unpacked(value)
    except Exception:  # whatever the packer says of what is not packed
        return value
