"""How far each webhook endpoint has been told of each company's changes.

A company without a row is one that was born after the endpoint: its changes are told from the first.
"""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.clock import now_ms
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint


def begin(session: Session, endpoint: WebhookEndpoint) -> None:
    """The endpoint hears of what changes from now on: one that is new, or that asks for changes for the first time."""
    session.hot(
        "INSERT INTO webhook_cursors (endpoint_id, company_id, seq) "
        "SELECT CAST(? AS BIGINT), id, seq FROM companies WHERE environment_id = ? "
        "ON CONFLICT (endpoint_id, company_id) DO UPDATE SET seq = excluded.seq",
        (endpoint.id, endpoint.scope.environment_id))


def resume(session: Session, endpoint: WebhookEndpoint) -> None:
    """The endpoint is enabled again: what it missed is looked at, and what waits is tried now.

    To be called in the transaction that enables it.
    """
    # All of them and not only those that are not marked: one that is being marked off at this moment waits for us,
    # or we for it, and either way the mark is there in the end.
    session.hot("UPDATE companies SET unannounced = TRUE WHERE environment_id = ? AND seq > 0",
                (endpoint.scope.environment_id,))
    session.hot("UPDATE deliveries SET next_at = ? WHERE endpoint_id = ? AND state = 'PENDING' AND environment_id = ?",
                (now_ms(), endpoint.id, endpoint.scope.environment_id))


def reached(
    session: Session, company_ids: Sequence[int], endpoint_ids: Sequence[int],
) -> dict[tuple[int, int], int]:
    """The last change that each endpoint was told of each company, by endpoint and company; none told: not there. The
    system's own question."""
    driver = session.driver
    rows = session.unscoped(
        f"SELECT endpoint_id, company_id, seq FROM webhook_cursors WHERE {driver.one_of('endpoint_id', 'bigint')} "
        f"AND {driver.one_of('company_id', 'bigint')}", (driver.listed(endpoint_ids), driver.listed(company_ids)))
    return {(row[0], row[1]): row[2] for row in rows}


def held(session: Session, company_id: int, endpoint_id: int) -> int | None:
    """Lock the cursor; answer where it stands, or None when another process tells the endpoint of this company just
    now."""
    session.hot("INSERT INTO webhook_cursors (endpoint_id, company_id, seq) VALUES (?, ?, 0) "
                "ON CONFLICT (endpoint_id, company_id) DO NOTHING", (endpoint_id, company_id), company=company_id)
    lock = " FOR UPDATE SKIP LOCKED" if session.dialect == "postgresql" else ""
    rows = session.hot(f"SELECT seq FROM webhook_cursors WHERE endpoint_id = ? AND company_id = ?{lock}",
                       (endpoint_id, company_id), company=company_id)
    return int(rows[0][0]) if rows else None


def move(session: Session, company_id: int, endpoint_id: int, seq: int) -> None:
    """The endpoint was told of everything up to ``seq``; the cursor is held."""
    session.hot("UPDATE webhook_cursors SET seq = ? WHERE endpoint_id = ? AND company_id = ?",
                (seq, endpoint_id, company_id), company=company_id)


def waiting(session: Session, environment_id: int, after: int, limit: int) -> dict[int, int]:
    """Companies with changes that some endpoint may not know of, by id above ``after``, and their newest change."""
    rows = session.hot("SELECT id, seq FROM companies WHERE environment_id = ? AND unannounced "
                       "AND deleted_at IS NULL AND id > ? ORDER BY id LIMIT ?", (environment_id, after, limit))
    return {row[0]: row[1] for row in rows}


def settle(session: Session, company_id: int) -> None:
    """Take the mark off a company that every endpoint knows the newest change of. A transaction of its own.

    The company's row is locked first, so that neither a change nor an endpoint that is being enabled slips between
    the look and the mark.
    """
    lock = " FOR UPDATE" if session.dialect == "postgresql" else ""
    rows = session.hot(f"SELECT seq FROM companies WHERE id = ?{lock}", (company_id,), company=company_id)
    if rows:
        session.hot(
            "UPDATE companies SET unannounced = FALSE WHERE id = ? AND NOT EXISTS ("
            "SELECT 1 FROM webhook_endpoints AS told LEFT JOIN webhook_cursors AS reached "
            "ON reached.endpoint_id = told.id AND reached.company_id = companies.id "
            "WHERE told.environment_id = companies.environment_id AND told.state = 'ENABLED' "
            "AND told.deleted_at IS NULL AND told.types LIKE '%\"DATA_MODEL_CHANGES\"%' "
            "AND COALESCE(reached.seq, 0) < companies.seq)", (company_id,), company=company_id)
