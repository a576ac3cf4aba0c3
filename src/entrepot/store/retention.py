"""Lets go of what need not be kept for ever: raw payloads of deleted records, the change log, finished work, activity.

A live record keeps its payload whatever its age: it can be mapped again, explained and handed out as ``raw_data``. A
deleted one keeps its newest state: document, bodies and columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.store import deliveries
from entrepot.store.record_tables import record_table
from entrepot.store.store import Session

BATCH = 2000
"""Rows in one transaction: a few tens of milliseconds for which a writer may have to wait."""
_LOGS = (("changes", "seq"), ("change_ranges", "first_seq"))


@dataclass(frozen=True)
class Limits:
    """Ages in ms since 1970; what is older goes. A deleted record's payload is as old as its deletion."""

    raw_before: int
    changes_before: int
    log_before: int
    keys_before: int = 0
    """Idempotency keys and the answers that are kept with them."""
    deliveries_before: int = 0
    """Webhook deliveries with their attempts, delivered or not."""


def let_go(session: Session, limits: Limits) -> int:
    """Go through one batch; answer how many rows that were. Call it until it answers 0, a transaction each time.

    Needs the system's scope. Each step goes on by an index from where the last one ended, whatever lies before it.
    """
    return (_raw(session, limits.raw_before) or _changes(session, limits.changes_before)
            or _finished(session, limits.log_before) or _activity(session, limits.log_before)
            or _keys(session, limits.keys_before) or deliveries.let_go(session, limits.deliveries_before, BATCH))


def _raw(session: Session, before: int) -> int:
    """Payloads go, their hashes stay. A deletion is a record's last change, so the order of changes finds it."""
    work = session.unscoped("SELECT company_id, connection_id, noun, raw_before FROM noun_counts "
                            "WHERE raw_before < ? AND deleted > 0 LIMIT 1", (before,))
    if not work:
        return 0
    company_id, connection_id, noun, mark = work[0]
    table = record_table(noun).name
    rows = session.unscoped(
        f"SELECT rootfi_id, rootfi_updated_at FROM {table} WHERE company_id = ? AND rootfi_updated_at >= ? "
        "AND rootfi_updated_at < ? AND raw IS NOT NULL AND rootfi_deleted_at IS NOT NULL AND connection_id = ? "
        f"ORDER BY rootfi_updated_at, rootfi_id LIMIT {BATCH}", (company_id, mark, before, connection_id))
    session.hot_many(f"UPDATE {table} SET raw = NULL WHERE company_id = ? AND rootfi_id = ? AND raw IS NOT NULL",
                     [(company_id, row[0]) for row in rows], company=company_id)
    reached = rows[-1][1] if len(rows) == BATCH else before
    session.unscoped("UPDATE noun_counts SET raw_before = ? WHERE company_id = ? AND connection_id = ? AND noun = ?",
                     (reached, company_id, connection_id, noun))
    return len(rows) + 1


def _changes(session: Session, before: int) -> int:
    """A company's log has its times in the order of its numbers: the old part is the beginning."""
    gone = 0
    for (company_id,) in session.unscoped("SELECT id FROM companies WHERE seq > 0 ORDER BY id"):
        for table, seq in _LOGS:
            rows = session.unscoped(f"SELECT {seq}, at FROM {table} WHERE company_id = ? ORDER BY {seq} "
                                    f"LIMIT {BATCH - gone}", (company_id,))
            old = [row[0] for row in rows if row[1] < before]
            if old:
                session.unscoped(f"DELETE FROM {table} WHERE company_id = ? AND {seq} <= ?", (company_id, old[-1]))
            gone += len(old)
            if gone >= BATCH:
                return gone
    return gone


def _finished(session: Session, before: int) -> int:
    """Work that ended long ago: operations, what syncs counted, the syncs, the jobs; those that still run stay."""
    gone = 0
    for table in ("operations", "sync_jobs", "syncs", "jobs"):
        rows = session.unscoped(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE ended_at < ? ORDER BY id "
            f"LIMIT {BATCH - gone}) RETURNING id", (before,))
        gone += len(rows)
        if gone >= BATCH:
            break
    return gone


def _activity(session: Session, before: int) -> int:
    return len(session.unscoped(
        "DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE created_at < ? ORDER BY id "
        f"LIMIT {BATCH}) RETURNING id", (before,)))


def _keys(session: Session, before: int) -> int:
    """Asked twice for their age: a row may have been taken anew while the deletion waited for it."""
    return len(session.unscoped(
        "DELETE FROM idempotency_keys WHERE created_at < ? AND (environment_id, key) IN ("
        "SELECT environment_id, key FROM idempotency_keys WHERE created_at < ? ORDER BY created_at "
        f"LIMIT {BATCH}) RETURNING created_at", (before, before)))
