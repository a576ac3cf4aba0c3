"""Removes what there is of a deleted company or connection, a few rows in a transaction, table after table.

Every step can be begun again anywhere: what is gone is gone. A step's mark is where its next batch goes on, so that
none walks again over what was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from entrepot.model.registry import NOUNS
from entrepot.store import idempotency
from entrepot.store.departing import Leaving, moved
from entrepot.store.driver import RowValues
from entrepot.store.record_tables import record_table
from entrepot.store.store import Session

BATCH = 500
"""Records, or rows of any other table, in one transaction: some tens of milliseconds for which others wait."""
WINDOW = 5000
"""Rows that are looked at where no index leads to the company's."""
FAREWELL = "CONNECTION_CHANGED"


@dataclass(frozen=True)
class Batch:
    """What one transaction removed, by the step's own name of it; ``mark`` is None when the step is done."""

    removed: int
    mark: int | None


Step = Callable[[Session, Leaving, int, int], Batch]
"""Session, who, the mark (0 at first), the erasure's id."""


def last(session: Session, who: Leaving, environment_id: int) -> dict[str, int]:
    """The rows of the connections, and of the company itself, after all others."""
    removed = {"connections": sum(
        len(session.hot("DELETE FROM connections WHERE id = ? RETURNING id", (ident,))) for ident in who.connections)}
    if who.whole:
        removed["companies"] = len(session.hot("DELETE FROM companies WHERE id = ? RETURNING id", (who.company_id,)))
    moved(session, environment_id)
    return removed


@contextmanager
def thoroughly(session: Session) -> Iterator[None]:
    """On SQLite, overwrite in the file what is deleted meanwhile; a PostgreSQL server does that when it vacuums."""
    if session.dialect != "sqlite":
        yield
        return
    before = session.unscoped("PRAGMA secure_delete")[0][0]
    session.unscoped("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        session.unscoped(f"PRAGMA secure_delete = {int(before)}")


def _batch(rows: list[RowValues]) -> Batch:
    """Of the marks that were removed; fewer than a batch are the last."""
    return Batch(len(rows), max(row[0] for row in rows) if len(rows) == BATCH else None)


def _records(noun: str) -> Step:
    table = record_table(noun).name

    def step(session: Session, who: Leaving, mark: int, _: int) -> Batch:
        return _batch(session.hot(
            f"DELETE FROM {table} WHERE company_id = ? AND rootfi_id IN (SELECT rootfi_id FROM {table} "
            f"WHERE company_id = ? AND rootfi_id > ?{who.narrow} ORDER BY rootfi_id LIMIT {BATCH}) RETURNING rootfi_id",
            (who.company_id, who.company_id, mark)))

    return step


def _log(table: str, seq: str) -> Step:
    """The company's log in the order of its numbers: of one connection it is in pieces."""

    def step(session: Session, who: Leaving, mark: int, _: int) -> Batch:
        end = session.hot(f"SELECT MAX({seq}) FROM (SELECT {seq} FROM {table} WHERE company_id = ? AND {seq} > ? "
                          f"ORDER BY {seq} LIMIT {WINDOW}) AS looked_at", (who.company_id, mark))[0][0]
        if end is None:
            return Batch(0, None)
        rows = session.hot(f"DELETE FROM {table} WHERE company_id = ? AND {seq} > ? AND {seq} <= ?{who.narrow} "
                           f"RETURNING {seq}", (who.company_id, mark, end))
        return Batch(len(rows), end)

    return step


def _of_connections(table: str) -> Step:
    """One connection after the other; the mark is its place."""

    def step(session: Session, who: Leaving, mark: int, _: int) -> Batch:
        if mark >= len(who.connections):
            return Batch(0, None)
        key = "ctid" if session.dialect == "postgresql" else "rowid"
        rows = session.hot(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE connection_id = ? "
                           f"LIMIT {BATCH}) RETURNING connection_id", (who.connections[mark],))
        return Batch(len(rows), mark if len(rows) == BATCH else mark + 1)

    return step


def _listed(table: str) -> Step:
    """A table with an index on the company and its own id."""

    def step(session: Session, who: Leaving, mark: int, _: int) -> Batch:
        return _batch(session.hot(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE company_id = ? AND id > ?{who.narrow} "
            f"ORDER BY id LIMIT {BATCH}) RETURNING id", (who.company_id, mark)))

    return step


def _unlisted(table: str, *, always: bool) -> Step:
    """A table without such an index is walked along its ids. Not ``always``: it does not know the connection."""

    def step(session: Session, who: Leaving, mark: int, _: int) -> Batch:
        end = session.hot(f"SELECT MAX(id) FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT {WINDOW}) "
                          "AS looked_at", (mark,))[0][0]
        if end is None or not (always or who.whole):
            return Batch(0, None)
        rows = session.hot(f"DELETE FROM {table} WHERE id > ? AND id <= ? AND company_id = ?{who.narrow} RETURNING id",
                           (mark, end, who.company_id))
        return Batch(len(rows), end)

    return step


def _answers(session: Session, who: Leaving, mark: int, _: int) -> Batch:
    """Bodies that were kept for a repeat of their request."""
    return Batch(idempotency.erase(session, who.company_id, None if who.whole else who.connections[0]), None)


def _syncs(session: Session, who: Leaving, mark: int, _: int) -> Batch:
    """Syncs with their jobs, public and durable, and the operations of writes."""
    some = [row[0] for row in session.hot(
        f"SELECT id FROM syncs WHERE company_id = ? AND id > ?{who.narrow} ORDER BY id LIMIT {BATCH // 5}",
        (who.company_id, mark))]
    for sync in some:
        durable = session.hot("DELETE FROM sync_jobs WHERE sync = ? RETURNING job_id", (sync,))
        for job_id in {row[0] for row in durable}:
            session.hot("DELETE FROM jobs WHERE id = ? AND state NOT IN ('ready', 'running')", (job_id,))
        session.hot("DELETE FROM operations WHERE sync = ?", (sync,))
        session.hot("DELETE FROM syncs WHERE id = ?", (sync,))
    return Batch(len(some), some[-1] if len(some) == BATCH // 5 else None)


def _deliveries(session: Session, who: Leaving, mark: int, erasure: int) -> Batch:
    """What was told and how often it was tried; the message that it is deleted stays, which holds ids only."""
    rows = session.hot(
        f"SELECT id FROM deliveries WHERE company_id = ? AND id > ? AND NOT (type = ? AND id > ?){who.narrow} "
        f"ORDER BY id LIMIT {BATCH}", (who.company_id, mark, FAREWELL, erasure))
    for (ident,) in rows:
        session.hot("DELETE FROM delivery_attempts WHERE delivery = ?", (ident,))
        session.hot("DELETE FROM deliveries WHERE id = ?", (ident,))
    return _batch(rows)


def _whole(table: str) -> Step:
    """Rows that belong to a company and to no connection of it."""

    def step(session: Session, who: Leaving, mark: int, _: int) -> Batch:
        if not who.whole:
            return Batch(0, None)
        return Batch(len(session.hot(f"DELETE FROM {table} WHERE company_id = ? RETURNING company_id",
                                     (who.company_id,))), None)

    return step


def _counts(session: Session, who: Leaving, mark: int, _: int) -> Batch:
    return Batch(len(session.hot(f"DELETE FROM noun_counts WHERE company_id = ?{who.narrow} RETURNING company_id",
                                 (who.company_id,))), None)


STEPS: Mapping[str, Step] = {
    **{noun.data_model: _records(noun.name) for noun in NOUNS},
    "changes": _log("changes", "seq"), "change_ranges": _log("change_ranges", "first_seq"),
    "strays": _of_connections("strays"), "scans": _of_connections("scan_seen"),
    "idempotency_keys": _answers, "syncs": _syncs, "operations": _listed("operations"),
    "sync_jobs": _unlisted("sync_jobs", always=False), "jobs": _unlisted("jobs", always=True),
    "passthrough_calls": _listed("passthrough_calls"), "deliveries": _deliveries,
    "webhook_cursors": _whole("webhook_cursors"), "activity": _whole("activity"),
    "counts": _counts, "streams": _of_connections("streams"),
    "sync_configs": _of_connections("sync_configs"), "call_counts": _of_connections("call_counts"),
    "invite_links": _whole("invite_links"),
}
"""By what they remove, in the order in which they are to be done."""
