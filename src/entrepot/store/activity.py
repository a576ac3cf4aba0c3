"""The activity log: what happened to a company, for people."""

from __future__ import annotations

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.core_tables import activity
from entrepot.store.scope import Scope
from entrepot.store.store import Session


def note(session: Session, scope: Scope, activity_type: str, company_id: int | None, detail: str | None = None) -> None:
    """Write one line: COMPANY_CREATED, CONNECTION_CREATED, CONNECTION_EXPIRED, ..."""
    session.execute(activity.insert().values(
        id=sequence.take(session, 1)[0], organisation_id=scope.organisation_id, company_id=company_id,
        activity_type=activity_type, detail=detail, created_at=now_ms(),
    ))
