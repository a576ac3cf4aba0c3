"""How many records there are, kept with every change so that nobody has to count."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.store.family import Item
from entrepot.store.outcome import Target
from entrepot.store.store import LIVING, Session


def move(session: Session, target: Target, noun: str, items: Sequence[Item]) -> tuple[int, int]:
    """Count what the items change; answer how many are live now, and were before."""
    live = deleted = 0
    for item in items:
        if item.operation == "CREATE":
            live += 1
            deleted -= item.known is not None
        elif item.operation == "DELETE":
            live -= 1
            deleted += 1
    rows = session.hot(
        "INSERT INTO noun_counts (company_id, connection_id, noun, environment_id, live, deleted) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (company_id, connection_id, noun) DO UPDATE "
        "SET live = noun_counts.live + excluded.live, deleted = noun_counts.deleted + excluded.deleted RETURNING live",
        (target.company_id, target.connection_id, noun, target.environment_id, live, deleted),
        company=target.company_id,
    )
    after: int = rows[0][0]
    return after, after - live


def total(
    session: Session, noun: str, company_id: int | None, connection_id: int | None, *, include_deleted: bool,
) -> int:
    """The kept count of a noun in a connection, a company or the whole environment."""
    what = "live + deleted" if include_deleted else "live"
    where, params = ["noun = ?"], [noun]  # type: list[str], list[object]
    if not session.scope.is_system:
        where.append("environment_id = ?")
        params.append(session.scope.environment_id)
    for column, value in (("company_id", company_id), ("connection_id", connection_id)):
        if value is not None:
            where.append(f"{column} = ?")
            params.append(value)
    if session.narrowed(company_id):
        where.append(LIVING)
        params.append(session.scope.environment_id)
    rows = session.hot(f"SELECT COALESCE(SUM({what}), 0) FROM noun_counts WHERE {' AND '.join(where)}", params)
    return int(rows[0][0])


def live(session: Session, target: Target, noun: str) -> int:
    """The kept count of a connection's live records of a noun."""
    return total(session, noun, target.company_id, target.connection_id, include_deleted=False)
