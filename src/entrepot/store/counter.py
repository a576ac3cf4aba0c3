"""A company's counter row: it numbers the company's changes and keeps its clock. Taken before any record is written."""

from __future__ import annotations

from entrepot.clock import now_ms
from entrepot.store.store import OutOfScope, Session


def seen(session: Session, company_id: int, environment_id: int) -> int:
    """The number of the company's last change, without a lock. Raises OutOfScope."""
    if not session.scope.is_system and session.scope.environment_id != environment_id:
        raise OutOfScope(f"company {company_id}")
    session.enter(company_id)
    rows = session.hot("SELECT seq FROM companies WHERE id = ? AND environment_id = ? AND deleted_at IS NULL",
                       (company_id, environment_id))
    if not rows:
        raise OutOfScope(f"company {company_id}")
    seq: int = rows[0][0]
    return seq


class Counter:
    """The locked row. ``at`` (ms) is the time of everything written under it: later than any before it."""

    def __init__(self, session: Session, company_id: int, connection_id: int | None = None) -> None:
        """Raises OutOfScope where the company, or the connection that is to be written for, is deleted: both are
        deleted under this lock, so that nothing is written behind an erasure's back."""
        lock = " FOR UPDATE" if session.dialect == "postgresql" else ""
        rows = session.hot(f"SELECT seq, clock FROM companies WHERE id = ? AND deleted_at IS NULL{lock}", (company_id,),
                           company=company_id)
        if not rows:
            raise OutOfScope(f"company {company_id}")
        if connection_id is not None and not session.hot(
                "SELECT 1 FROM connections WHERE id = ? AND deleted_at IS NULL", (connection_id,), company=company_id):
            raise OutOfScope(f"connection {connection_id}")
        self._session = session
        self._company_id = company_id
        self.before: int = rows[0][0]
        self.seq: int = self.before
        self.at: int = max(rows[0][1] + 1, now_ms())

    def next(self) -> int:
        """The number of one more change."""
        self.seq += 1
        return self.seq

    def keep(self) -> None:
        """Write down how far it has come, for webhooks to look at; the lock is held until the transaction ends."""
        self._session.hot("UPDATE companies SET seq = ?, clock = ?, unannounced = TRUE WHERE id = ?",
                          (self.seq, self.at, self._company_id), company=self._company_id)
