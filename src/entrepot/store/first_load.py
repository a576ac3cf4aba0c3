"""What PostgreSQL is told during a first load, so that it neither waits for nothing nor picks a wrong index."""

from __future__ import annotations

from entrepot.store.record_tables import RecordTable
from entrepot.store.store import Session

_LAST = 300_000
"""Live rows of a connection; what is analysed then stays good enough for autovacuum to take over."""


def do_not_wait(session: Session) -> None:
    """Let this transaction's commit return before the disk has it, as SQLite's does.

    A page's records and the bookmark behind it are one commit: after a power cut both are gone or neither is, and the
    page is read again. A killed process loses nothing. Waiting would cost a fifth of a first load.
    """
    if session.dialect == "postgresql":
        session.unscoped("SET LOCAL synchronous_commit TO off")


def after_batch(session: Session, table: RecordTable, before: int, live: int) -> None:
    """ANALYZE each time that the connection's rows have grown fourfold (after batches 1, 4, 16, 64 and so on).

    A table that was never analysed looks empty, and by-hash look-ups then walk the wrong index: seconds instead of
    milliseconds. Only the columns that queries name are looked at, and a table that somebody else analyses is left.
    """
    if session.dialect == "postgresql" and before < _LAST and _fourfold(live) != _fourfold(before):
        indexed = ("company_id", "connection_id", "environment_id", "rootfi_id", "platform_unique_id",
                   "rootfi_updated_at", "rootfi_deleted_at", "stream", *table.query_columns)
        session.unscoped(f"ANALYZE (SKIP_LOCKED) {table.name} ({', '.join(indexed)})")


def _fourfold(rows: int) -> int:
    return rows.bit_length() // 2
