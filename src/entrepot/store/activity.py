"""The activity log: what happened to a company, for people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.core_tables import activity
from entrepot.store.scope import Scope
from entrepot.store.store import Session

MOST = 100
"""Lines that are shown of one company."""


@dataclass(frozen=True)
class Activity:
    """One line; ``created_at`` in ms."""

    id: int
    activity_type: str
    detail: str | None
    created_at: int


def note(session: Session, scope: Scope, activity_type: str, company_id: int | None, detail: str | None = None) -> None:
    """Write one line: COMPANY_CREATED, CONNECTION_CREATED, CONNECTION_EXPIRED, ..."""
    session.execute(activity.insert().values(
        id=sequence.take(session, 1)[0], organisation_id=scope.organisation_id, company_id=company_id,
        activity_type=activity_type, detail=detail, created_at=now_ms(),
    ))


def of_companies(
    session: Session, company_ids: Sequence[int], types: Collection[str] | None = None,
) -> dict[int, list[Activity]]:
    """The newest lines of companies that were looked up in their scope, newest first; ``types`` leaves out others."""
    place = func.row_number().over(partition_by=activity.c.company_id, order_by=activity.c.id.desc()).label("place")
    lines = select(activity, place).where(activity.c.company_id.in_(company_ids))
    if types is not None:
        lines = lines.where(activity.c.activity_type.in_(sorted(types)))
    some = lines.subquery()
    found: dict[int, list[Activity]] = {ident: [] for ident in company_ids}
    for row in session.execute(select(some).where(some.c.place <= MOST).order_by(some.c.id.desc())).mappings():
        found[row["company_id"]].append(Activity(row["id"], row["activity_type"], row["detail"], row["created_at"]))
    return found
