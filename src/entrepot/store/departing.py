"""The commit in which a company or a connection is deleted: from then on nothing of it is shown, told or worked on.

Its rows stay until they are erased (see ``erasing.py``). Locks are taken in the order of every page: jobs, connection,
company.
"""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.clock import now_ms
from entrepot.store.store import Session


@dataclass(frozen=True)
class Leaving:
    """Who is deleted: a company with its connections, or (not ``whole``) one connection of it."""

    company_id: int
    connections: tuple[int, ...]
    whole: bool

    @property
    def narrow(self) -> str:
        """The condition that confines a statement on a company's rows to the connection, beginning with AND."""
        return "" if self.whole else f" AND connection_id = {self.connections[0]:d}"


def company_of(session: Session, company_id: int) -> Leaving:
    """A company that was looked up in its scope, with all connections whose rows there are."""
    rows = session.hot("SELECT id FROM connections WHERE company_id = ? ORDER BY id", (company_id,), company=company_id)
    return Leaving(company_id, tuple(row[0] for row in rows), whole=True)


def stop(session: Session, who: Leaving, error: str) -> None:
    """Stop the work: jobs never start or lose their lease, credentials are gone, nothing waits to be told.

    ``error`` (JSON) is what those are told who wait for a write. Takes the locks.
    """
    company, now = who.company_id, now_ms()
    for state in ("ready", "running"):
        session.hot(f"UPDATE jobs SET state = 'canceled', owner = NULL, lease_until = NULL, fence = fence + 1, "
                    f"ended_at = ? WHERE state = '{state}' AND company_id = ?{who.narrow}", (now, company),
                    company=company)
    for ident in who.connections:
        session.hot("UPDATE connections SET credentials = NULL, status = 'DISCONNECTED', sync_status = 'IDLE', "
                    "sync_resume_at = NULL, updated_at = ? WHERE id = ?", (now, ident), company=company)
    session.hot("UPDATE companies SET updated_at = ? WHERE id = ?", (now, company), company=company)
    session.hot("UPDATE operations SET state = 'failed', error = ?, ended_at = ? WHERE company_id = ? "
                f"AND state IN ('accepted', 'sent'){who.narrow}", (error, now, company), company=company)
    session.hot("UPDATE deliveries SET state = 'FAILED', ended_at = ?, updated_at = ? WHERE company_id = ? "
                f"AND state = 'PENDING'{who.narrow}", (now, now, company), company=company)


def part(session: Session, who: Leaving) -> None:
    """It is nobody's any more."""
    company, now = who.company_id, now_ms()
    for ident in who.connections:
        session.hot("UPDATE connections SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", (now, ident),
                    company=company)
    if who.whole:
        session.hot("UPDATE invite_links SET deleted_at = ? WHERE company_id = ? AND deleted_at IS NULL",
                    (now, company), company=company)
        session.hot("UPDATE companies SET deleted_at = ?, unannounced = FALSE WHERE id = ?", (now, company),
                    company=company)
    moved(session, session.scope.environment_id)


def moved(session: Session, environment_id: int) -> None:
    """What is deleted in an environment has changed: every process looks again."""
    session.unscoped("UPDATE environments SET departures = departures + 1 WHERE id = ?", (environment_id,))
    session.parted = True
