"""What writes have changed lately: what was read from a platform before must not be stored over it."""

from __future__ import annotations

from entrepot.store.record_tables import record_table
from entrepot.store.store import Session

Changed = frozenset[tuple[str, int]]
"""Noun and rootfi_id."""

# Not what a sync or a remap changed: those read or map the same things again, one after the other.
_AT_ONCE = "('write', 'live', 'hook')"


def written(session: Session, company_id: int, connection_id: int, after: int, *, but_mine: bool) -> Changed:
    """What was written through a connection after a change number of the company.

    ``but_mine`` leaves out what this transaction changed itself: it must then have changed something, and with that
    holds the company's lock, so that nothing can be added before it ends.
    """
    # A commit's time is its own: later than that of every commit of the company before it.
    mine = "AND at < (SELECT clock FROM companies WHERE id = changes.company_id)" if but_mine else ""
    rows = session.hot(
        "SELECT DISTINCT noun, rootfi_id FROM changes WHERE company_id = ? AND seq > ? AND connection_id = ? "
        f"AND cause IN {_AT_ONCE} {mine}", (company_id, after, connection_id), company=company_id)
    found = frozenset((str(row[0]), int(row[1])) for row in rows)
    return found | _first(session, company_id, connection_id, after, mine)


def _first(session: Session, company_id: int, connection_id: int, after: int, mine: str) -> Changed:
    """What was read live before a first load had ended, which is logged as a first load's ranges."""
    ranges = session.hot(
        "SELECT noun, first_id, last_id, at FROM change_ranges AS changes WHERE company_id = ? AND last_seq > ? "
        f"AND connection_id = ? AND cause = 'live' {mine}", (company_id, after, connection_id), company=company_id)
    found: set[tuple[str, int]] = set()
    for noun, first, last, at in ranges:
        rows = session.hot(
            f"SELECT rootfi_id FROM {record_table(noun).name} WHERE company_id = ? AND rootfi_id BETWEEN ? AND ? "
            "AND rootfi_created_at = ? AND connection_id = ?", (company_id, first, last, at, connection_id),
            company=company_id)
        found.update((str(noun), int(row[0])) for row in rows)
    return frozenset(found)
