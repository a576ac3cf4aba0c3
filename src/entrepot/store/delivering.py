"""Who delivers to an endpoint, what goes next, and what came of it. The endpoint's row is its lease: one process at a
time, so that the order of a record's events is kept. Every commit of the one that holds it checks the fence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import update

from entrepot.clock import now_ms
from entrepot.errors import LostLease
from entrepot.store import document
from entrepot.store.hook_tables import webhook_endpoints
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint, endpoint_of


@dataclass(frozen=True)
class Held:
    """An endpoint that this process delivers to."""

    endpoint_id: int
    owner: str
    fence: int


@dataclass(frozen=True)
class Due:
    """A delivery whose turn it is; ``packed`` is its body as it lies in the table. ``attempts`` were made so far."""

    id: int
    event_id: str
    packed: bytes
    attempts: int

    @property
    def body(self) -> bytes:
        """What is to be sent."""
        return document.unpacked(self.packed)


@dataclass(frozen=True)
class Tried:
    """What came of one try; times in ms. ``next_at`` says when the next one is due, None that there is none: the
    delivery was delivered, or is given up."""

    id: int
    success: bool
    status: int | None
    error: str | None
    answer: str | None
    took_ms: int
    at: int
    next_at: int | None = None


def due(session: Session) -> list[int]:
    """Endpoints that have something to be delivered and nobody to do it; a read."""
    now = now_ms()
    rows = session.unscoped(
        "SELECT id FROM webhook_endpoints WHERE state = 'ENABLED' AND deleted_at IS NULL "
        "AND (lease_until IS NULL OR lease_until < ?) AND EXISTS (SELECT 1 FROM deliveries "
        "WHERE endpoint_id = webhook_endpoints.id AND state = 'PENDING' AND next_at <= ?) ORDER BY id", (now, now))
    return [row[0] for row in rows]


def claim(session: Session, endpoint_id: int, owner: str, lease_ms: int) -> Held | None:
    """Become the one that delivers to an endpoint; None when somebody else is."""
    now = now_ms()
    rows = session.unscoped(
        "UPDATE webhook_endpoints SET owner = ?, fence = fence + 1, lease_until = ? WHERE id = ? "
        "AND state = 'ENABLED' AND deleted_at IS NULL AND (lease_until IS NULL OR lease_until < ?) RETURNING fence",
        (owner, now + lease_ms, endpoint_id, now))
    return Held(endpoint_id, owner, rows[0][0]) if rows else None


def renew(session: Session, held: Held, lease_ms: int) -> WebhookEndpoint | None:
    """Push the lease on and lock the row; the endpoint as it is now, None when it was deleted. Raises LostLease."""
    row = session.execute(
        update(webhook_endpoints)
        .where(webhook_endpoints.c.id == held.endpoint_id, webhook_endpoints.c.fence == held.fence,
               webhook_endpoints.c.owner == held.owner)
        .values(lease_until=now_ms() + lease_ms).returning(webhook_endpoints)).mappings().first()
    if row is None:
        raise LostLease(f"webhook {held.endpoint_id} was taken over by another process")
    return endpoint_of(row) if row["deleted_at"] is None else None


def release(session: Session, held: Held) -> None:
    """Let anybody deliver to the endpoint from now on."""
    session.unscoped("UPDATE webhook_endpoints SET owner = NULL, lease_until = NULL WHERE id = ? AND fence = ? "
                     "AND owner = ?", (held.endpoint_id, held.fence, held.owner))


def heads(session: Session, endpoint_id: int, limit: int, busy: Collection[int]) -> list[Due]:
    """What is due, at most so many, without what is ``busy``: of each record only the earliest that waits, since those
    behind it have to wait for its end."""
    rows = session.unscoped(
        "SELECT id FROM deliveries WHERE endpoint_id = ? AND state = 'PENDING' AND next_at <= ? "
        "AND (record IS NULL OR id = (SELECT MIN(other.id) FROM deliveries AS other WHERE other.state = 'PENDING' "
        "AND other.record = deliveries.record)) ORDER BY next_at, id LIMIT ?",
        (endpoint_id, now_ms(), limit + len(busy)))
    idents = [row[0] for row in rows if row[0] not in busy][:limit]
    found = {row[0]: Due(row[0], row[1], bytes(row[2]), row[3]) for row in session.unscoped(
        f"SELECT id, event_id, body, attempts FROM deliveries WHERE {session.driver.one_of('id', 'bigint')}",
        (session.driver.listed(idents),))} if idents else {}
    return [found[ident] for ident in idents]


def put_off(session: Session, endpoint_id: int) -> None:
    """Give what waits behind a record's first the first one's time: else the endpoint would look as if it had
    something to be delivered."""
    first = ("(SELECT first.next_at FROM deliveries AS first WHERE first.state = 'PENDING' "
             "AND first.record = deliveries.record ORDER BY first.id LIMIT 1)")
    now = now_ms()
    session.unscoped(
        f"UPDATE deliveries SET next_at = {first} WHERE endpoint_id = ? AND state = 'PENDING' AND next_at <= ? "
        f"AND record IS NOT NULL AND {first} > ?", (endpoint_id, now, now))


def settle(session: Session, endpoint_id: int, tried: Sequence[Tried]) -> list[Tried]:
    """Write down attempts and where their deliveries stand now; answers those that could be: what was removed, or has
    ended otherwise in the meantime, is passed over. Under the endpoint's lock."""
    lock = " FOR UPDATE" if session.dialect == "postgresql" else ""
    rows = session.unscoped(
        f"SELECT id, attempts_ever, record FROM deliveries WHERE state = 'PENDING' AND "
        f"{session.driver.one_of('id', 'bigint')} ORDER BY id{lock}",
        (session.driver.listed([one.id for one in tried]),))
    known = {row[0]: (row[1], row[2]) for row in rows}
    done = sorted((one for one in tried if one.id in known), key=lambda one: one.id)
    now = now_ms()
    session.hot_many(
        "UPDATE deliveries SET state = ?, attempts = attempts + 1, attempts_ever = attempts_ever + 1, next_at = ?, "
        "last_status = ?, updated_at = ?, ended_at = ? WHERE id = ?",
        [(_state(one), one.next_at or now, one.status, now, None if one.next_at else now, one.id) for one in done],
        company=0)
    session.insert(
        "delivery_attempts", ("delivery", "number", "success", "status", "error", "answer", "took_ms", "at"),
        ("int8", "int4", "bool", "int2", "text", "text", "int4", "int8"),
        [(one.id, known[one.id][0] + 1, one.success, one.status, one.error, one.answer, one.took_ms, one.at)
         for one in done], company=0)
    followers = [(one, record) for one in done if (record := known[one.id][1]) is not None]
    session.hot_many(
        "UPDATE deliveries SET next_at = ? WHERE record = ? AND state = 'PENDING' AND next_at < ?",
        [(one.next_at, record, one.next_at) for one, record in followers if one.next_at], company=0)
    # Those that were put off because of one that has ended now; one that was tried itself keeps its own time.
    session.hot_many(
        "UPDATE deliveries SET next_at = ? WHERE record = ? AND state = 'PENDING' AND attempts = 0 AND next_at > ?",
        [(now, record, now) for one, record in followers
         if one.next_at is None and known[one.id][0] > 0], company=0)
    return done


def _state(one: Tried) -> str:
    return "DELIVERED" if one.success else "FAILED" if one.next_at is None else "PENDING"


def succeeded(session: Session, endpoint_id: int) -> None:
    """The endpoint took something: whatever failed before is forgotten."""
    session.unscoped("UPDATE webhook_endpoints SET failing_since = NULL, failures = 0 WHERE id = ? "
                     "AND failing_since IS NOT NULL", (endpoint_id,))


def failed(session: Session, endpoint_id: int, tries: int, since: int) -> tuple[int, int]:
    """The endpoint took nothing in so many tries, the first at ``since`` (ms); answers since when it takes nothing,
    and how many tries that were."""
    # Both columns of the right side are the row's old ones, whatever is assigned.
    rows = session.unscoped(
        "UPDATE webhook_endpoints SET failures = CASE WHEN failing_since IS NULL THEN 0 ELSE failures END + ?, "
        "failing_since = COALESCE(failing_since, ?) WHERE id = ? RETURNING failing_since, failures",
        (tries, since, endpoint_id))
    return int(rows[0][0]), int(rows[0][1])


def stop(session: Session, endpoint_id: int, state: str, reason: str) -> None:
    """PAUSED or DISABLED, with the reason in a sentence for people; what waits goes on waiting."""
    session.unscoped("UPDATE webhook_endpoints SET state = ?, state_reason = ?, updated_at = ? WHERE id = ? "
                     "AND state = 'ENABLED'", (state, reason, now_ms(), endpoint_id))
