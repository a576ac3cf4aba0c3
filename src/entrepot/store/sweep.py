"""What a complete scan did not see is gone: ids are remembered page by page and compared with the rows at the end.

A page costs one small row (8 bytes a record), never a write per unchanged record; a million records take 8 MB.
"""

from __future__ import annotations

import heapq
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from entrepot.store.lookups import chunks
from entrepot.store.outcome import Cause, Outcome, Target
from entrepot.store.record_tables import record_table
from entrepot.store.store import Session
from entrepot.store.tombstones import tombstone

_WINDOW = 10_000
"""Rows whose ids are held at a time while they are compared."""


def remember_seen(
    session: Session, target: Target, noun: str, generation: int, page: int, rootfi_ids: Iterable[int],
) -> None:
    """Keep the ids of one page of a scan; the same page again replaces what it said before."""
    ids = array("q", sorted(rootfi_ids))
    if sys.byteorder == "little":
        ids.byteswap()
    session.hot(
        "INSERT INTO scan_seen (connection_id, stream, noun, generation, page, company_id, ids) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection_id, stream, noun, generation, page) "
        "DO UPDATE SET ids = excluded.ids",
        (target.connection_id, target.stream, noun, generation, page, target.company_id, ids.tobytes()),
        company=target.company_id,
    )


def unseen(session: Session, target: Target, noun: str, generation: int) -> int:
    """How many live records a sweep would delete: to be looked at before it is let loose."""
    return sum(1 for _ in _unseen(session, target, noun, generation, 0))


def sweep(
    session: Session, target: Target, noun: str, generation: int, *, cause: Cause, batch: int = 1000,
) -> Outcome:
    """Tombstone the live records of the stream that no page of the generation saw, ``batch`` at a time, and drop
    what was remembered of the scan."""
    outcome = Outcome()
    after = 0
    while gone := list(islice(_unseen(session, target, noun, generation, after), batch)):
        outcome.add(tombstone(session, target, noun, _uids(session, target, noun, gone), cause=cause))
        after = gone[-1]
        if len(gone) < batch:
            break
    forget_seen(session, target, noun, generation)
    return outcome


def forget_seen(session: Session, target: Target, noun: str, generation: int) -> None:
    """Drop what was remembered for this generation and the ones before it."""
    session.hot("DELETE FROM scan_seen WHERE connection_id = ? AND stream = ? AND noun = ? AND generation <= ?",
                (target.connection_id, target.stream, noun, generation), company=target.company_id)


def _unseen(session: Session, target: Target, noun: str, generation: int, after: int) -> Iterator[int]:
    """Their rootfi_ids, ascending: two ordered streams walked side by side."""
    seen = _seen(session, target, noun, generation)
    current = next(seen, None)
    for rootfi_id in _live(session, target, noun, after):
        while current is not None and current < rootfi_id:
            current = next(seen, None)
        if current != rootfi_id:
            yield rootfi_id


def _seen(session: Session, target: Target, noun: str, generation: int) -> Iterator[int]:
    rows = session.hot(
        "SELECT ids FROM scan_seen WHERE connection_id = ? AND stream = ? AND noun = ? AND generation = ?",
        (target.connection_id, target.stream, noun, generation), company=target.company_id)
    pages = []
    for row in rows:
        ids = array("q", row[0])
        if sys.byteorder == "little":
            ids.byteswap()
        pages.append(ids)
    return heapq.merge(*pages)


def _live(session: Session, target: Target, noun: str, after: int) -> Iterator[int]:
    sql = (
        f"SELECT rootfi_id FROM {record_table(noun).name} WHERE company_id = ? AND connection_id = ? "
        f"AND stream = ? AND rootfi_deleted_at IS NULL AND rootfi_id > ? ORDER BY rootfi_id LIMIT {_WINDOW}"
    )
    while True:
        rows = session.hot(sql, (target.company_id, target.connection_id, target.stream, after),
                           company=target.company_id)
        yield from (row[0] for row in rows)
        if len(rows) < _WINDOW:
            return
        after = rows[-1][0]


def _uids(session: Session, target: Target, noun: str, ids: Sequence[int]) -> list[str]:
    found: list[str] = []
    sql = (f"SELECT platform_unique_id FROM {record_table(noun).name} WHERE company_id = ? "
           f"AND {session.driver.one_of('rootfi_id', 'bigint')}")
    for some in chunks(ids):
        rows = session.hot(sql, (target.company_id, session.driver.listed(some)), company=target.company_id)
        found += [row[0] for row in rows]
    return found
