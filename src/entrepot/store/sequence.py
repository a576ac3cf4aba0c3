"""The installation's one sequence of ids: below 2**53, never given twice."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.store.store import Session

NAME = "rootfi_id"
"""The row of ``sequences`` on SQLite, the sequence on PostgreSQL."""


def take(session: Session, n: int) -> Sequence[int]:
    """The next ``n`` ids, ascending. On PostgreSQL another session's may lie between them; a rollback leaves a gap."""
    if n <= 0:
        return ()
    if session.dialect == "postgresql":
        rows = session.unscoped(
            f"SELECT array_agg(nextval('{NAME}')) FROM generate_series(1, ?::bigint)", (n,))
        ids: list[int] = rows[0][0]
        return ids
    rows = session.unscoped("UPDATE sequences SET taken = taken + ? WHERE name = ? RETURNING taken", (n, NAME))
    last: int = rows[0][0]
    return range(last - n + 1, last + 1)
