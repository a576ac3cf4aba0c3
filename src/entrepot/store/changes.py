"""Reads the log of changes: one line per change in order of ``seq``, a first load's ranges spelled out."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.model.base import Record
from entrepot.store import document
from entrepot.store.family import Operation
from entrepot.store.outcome import Cause
from entrepot.store.record_tables import record_table
from entrepot.store.store import Session


@dataclass(frozen=True, slots=True)
class Change:
    """One line. ``data_hash`` is None in a first load's lines, whose records may have changed since; ``at`` in ms."""

    seq: int
    noun: str
    rootfi_id: int
    connection_id: int
    operation: Operation
    cause: Cause
    data_hash: bytes | None
    at: int

    @property
    def is_initial(self) -> bool:
        """Whether it comes from a first load."""
        return self.data_hash is None


def since(
    session: Session, company_id: int, after: int, limit: int = 1000, *, initial: bool = True,
) -> list[Change]:
    """The company's changes with a ``seq`` above ``after``, at most ``limit``, in order and without a gap.

    Numbers are given under the company's lock, so that what is read once as the newest never gets an older neighbour.
    Without ``initial`` the lines of a first load are passed over, which takes no time however many they are.
    """
    rows = session.hot(
        "SELECT seq, noun, rootfi_id, connection_id, operation, cause, data_hash, at FROM changes "
        "WHERE company_id = ? AND seq > ? ORDER BY seq LIMIT ?", (company_id, after, limit), company=company_id)
    found = [Change(*row) for row in rows]
    if not initial:
        return found
    # Ranges cannot overlap, so the first ones that end above the mark are the only ones that can be on this page.
    ranges = session.hot(
        "SELECT first_seq, last_seq, noun, connection_id, cause, at, first_id, last_id FROM change_ranges "
        "WHERE company_id = ? AND last_seq > ? ORDER BY first_seq LIMIT ?", (company_id, after, limit),
        company=company_id)
    room = limit
    for one in ranges:
        if room <= 0:
            break
        spelled = _spelled(session, company_id, _Range(*one), after, room)
        found += spelled
        room -= len(spelled)
    found.sort(key=lambda change: change.seq)
    return found[:limit]


def newest(session: Session, company_id: int) -> int:
    """The number of the company's last change; 0 before the first."""
    rows = session.hot("SELECT seq FROM companies WHERE id = ?", (company_id,), company=company_id)
    return int(rows[0][0]) if rows else 0


def replaced(session: Session, company_id: int, seq: int) -> tuple[str, Record] | None:
    """The noun and the record as it was before a change; None of a creation, or when it is no longer kept."""
    rows = session.hot("SELECT noun, previous FROM changes WHERE company_id = ? AND seq = ?", (company_id, seq),
                       company=company_id)
    if not rows or rows[0][1] is None:
        return None
    noun: str = rows[0][0]
    return noun, document.decoded(noun, document.unpacked(rows[0][1]))


@dataclass(frozen=True, slots=True)
class _Range:
    first_seq: int
    last_seq: int
    noun: str
    connection_id: int
    cause: Cause
    at: int
    first_id: int
    last_id: int


def _spelled(session: Session, company_id: int, one: _Range, after: int, limit: int) -> list[Change]:
    """The lines of a range above ``after``: its records in order of their ids have its numbers in order."""
    skip = max(0, after + 1 - one.first_seq)
    rows = session.hot(
        f"SELECT rootfi_id FROM {record_table(one.noun).name} WHERE company_id = ? AND rootfi_id BETWEEN ? AND ? "
        "AND rootfi_created_at = ? AND connection_id = ? ORDER BY rootfi_id LIMIT ? OFFSET ?",
        (company_id, one.first_id, one.last_id, one.at, one.connection_id, limit, skip), company=company_id)
    first = one.first_seq + skip
    return [
        Change(first + place, one.noun, row[0], one.connection_id, "CREATE", one.cause, None, one.at)
        for place, row in enumerate(rows)
    ]
