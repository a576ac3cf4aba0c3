"""What became of requests that carried an Idempotency-Key: one row per environment and key, for as long as it is kept.

``state``: ``sent`` (an effect outside the database, its outcome not known yet), ``lost`` (it will never be known),
``accepted`` (a write to a shop: ``sync`` leads to it), ``done`` (status and body are the answer), ``erased`` (it was an
answer, and its data was removed).
"""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.clock import now_ms
from entrepot.store.document import packed, unpacked
from entrepot.store.store import Session

_COLUMNS = "fingerprint, state, sync, company_id, status, body, created_at"


@dataclass(frozen=True)
class Once:
    """A request with a key. Rows made at ``since`` (ms) or before count no longer."""

    key: str
    fingerprint: bytes
    since: int


@dataclass(frozen=True)
class Kept:
    """What is known of a key. ``body`` is as it was kept; of a write that was accepted it is the public sync_id."""

    fingerprint: bytes
    state: str
    sync: int | None
    company_id: int | None
    status: int | None
    body: bytes | None
    created_at: int


def find(session: Session, once: Once) -> Kept | None:
    """What is known of the request's key; of another request with the same key too."""
    rows = session.hot(
        f"SELECT {_COLUMNS} FROM idempotency_keys WHERE environment_id = ? AND key = ? AND created_at > ?",
        (session.scope.environment_id, once.key, once.since))
    if not rows:
        return None
    fingerprint, state, sync, company_id, status, body, at = rows[0]
    text = None if body is None else unpacked(bytes(body))
    return Kept(bytes(fingerprint), state, sync, company_id, status, text, at)


def claim(session: Session, once: Once) -> Kept | None:
    """Take the key: None when it is this transaction's now, else what is kept under it.

    First of all in a transaction. On PostgreSQL a twin waits here until the first one has committed or rolled back.
    """
    scope = session.scope
    while True:
        mine = session.hot(
            "INSERT INTO idempotency_keys (environment_id, key, organisation_id, fingerprint, state, created_at) "
            "VALUES (?, ?, ?, ?, 'sent', ?) ON CONFLICT (environment_id, key) DO UPDATE SET "
            "organisation_id = excluded.organisation_id, fingerprint = excluded.fingerprint, state = excluded.state, "
            "created_at = excluded.created_at, sync = NULL, company_id = NULL, status = NULL, body = NULL "
            "WHERE idempotency_keys.environment_id = ? AND idempotency_keys.created_at <= ? RETURNING state",
            (scope.environment_id, once.key, scope.organisation_id, once.fingerprint, now_ms(), scope.environment_id,
             once.since))
        if mine:
            return None
        kept = find(session, once)
        if kept is not None:  # else it was released between the two statements
            return kept


def accepted(session: Session, once: Once, sync: int, sync_id: str, company_id: int) -> None:
    """The key leads to a write that is in the table now."""
    session.hot("UPDATE idempotency_keys SET state = 'accepted', sync = ?, company_id = ?, body = ? "
                "WHERE environment_id = ? AND key = ?",
                (sync, company_id, packed(sync_id.encode()), session.scope.environment_id, once.key))


def keep(session: Session, once: Once, status: int, body: bytes, company_id: int | None) -> bool:
    """Keep the answer; False where there is one already. ``company_id`` is whose data it holds, where that is known."""
    return bool(session.hot(
        "UPDATE idempotency_keys SET state = 'done', status = ?, body = ?, company_id = COALESCE(?, company_id) "
        "WHERE environment_id = ? AND key = ? AND fingerprint = ? AND state IN ('sent', 'lost', 'accepted') "
        "RETURNING state",
        (status, packed(body), company_id, session.scope.environment_id, once.key, once.fingerprint)))


def lost(session: Session, once: Once) -> None:
    """What came of an effect outside the database will never be known."""
    session.hot("UPDATE idempotency_keys SET state = 'lost' WHERE environment_id = ? AND key = ? AND state = 'sent'",
                (session.scope.environment_id, once.key))


def release(session: Session, once: Once) -> None:
    """Nothing happened: the key is as good as new."""
    session.hot("DELETE FROM idempotency_keys WHERE environment_id = ? AND key = ? AND state = 'sent'",
                (session.scope.environment_id, once.key))


def erase(session: Session, company_id: int, connection_id: int | None = None) -> int:
    """Remove a company's data from kept answers; their keys stay taken. In a transaction of its own, since requests
    take their key before anything else. Answers how many there were.

    Of one connection: its writes, and what says only whose company's it is.
    """
    narrow, params = ("", ()) if connection_id is None else (
        " AND (sync IS NULL OR sync IN (SELECT id FROM syncs WHERE company_id = ? AND connection_id = ?))",
        (company_id, connection_id))
    return len(session.hot(
        "UPDATE idempotency_keys SET state = 'erased', status = NULL, body = NULL, sync = NULL, company_id = NULL "
        f"WHERE company_id = ? AND state <> 'erased'{narrow} RETURNING state", (company_id, *params),
        company=company_id))
