"""The audit of passthrough: one row per call, there before the call is sent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping, insert, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.edge_tables import passthrough_calls
from entrepot.store.scoped import scoped
from entrepot.store.store import Session


@dataclass(frozen=True)
class PassthroughCall:
    """One call. ``path`` has no query and no secret; ``status`` is None and ``error`` None while no answer has come;
    times in ms."""

    id: int
    company_id: int
    connection_id: int
    api_key_id: int | None
    request_id: str | None
    method: str
    path: str
    status: int | None
    error: str | None
    bytes_out: int
    bytes_in: int
    took_ms: int
    created_at: int


def begin(
    session: Session, company_id: int, connection_id: int, *, api_key_id: int | None, request_id: str, method: str,
    path: str, bytes_out: int,
) -> int:
    """A call is about to be sent; answers its id."""
    ident, scope = sequence.take(session, 1)[0], session.scope
    session.execute(insert(passthrough_calls).values(
        id=ident, organisation_id=scope.organisation_id, environment_id=scope.environment_id, company_id=company_id,
        connection_id=connection_id, api_key_id=api_key_id, request_id=request_id, method=method, path=path,
        bytes_out=bytes_out, bytes_in=0, took_ms=0, created_at=now_ms(),
    ))
    return ident


def end(
    session: Session, ident: int, *, status: int | None, error: str | None, bytes_in: int, took_ms: int,
) -> None:
    """What came of it."""
    session.execute(update(passthrough_calls).where(scoped(session, passthrough_calls), passthrough_calls.c.id == ident)
                    .values(status=status, error=error, bytes_in=bytes_in, took_ms=took_ms))


def listed(
    session: Session, company_id: int | None, connection_id: int | None, *, before: int | None, limit: int,
) -> list[PassthroughCall]:
    """The scope's calls, newest first, with ids below ``before``."""
    table = passthrough_calls
    wanted = [scoped(session, table)]
    for column, value in ((table.c.company_id, company_id), (table.c.connection_id, connection_id)):
        if value is not None:
            wanted.append(column == value)
    if before is not None:
        wanted.append(table.c.id < before)
    rows = session.execute(select(table).where(*wanted).order_by(table.c.id.desc()).limit(limit)).mappings()
    return [_call(row) for row in rows]


def _call(row: RowMapping) -> PassthroughCall:
    return PassthroughCall(
        id=row["id"], company_id=row["company_id"], connection_id=row["connection_id"], api_key_id=row["api_key_id"],
        request_id=row["request_id"], method=row["method"], path=row["path"], status=row["status"], error=row["error"],
        bytes_out=row["bytes_out"], bytes_in=row["bytes_in"], took_ms=row["took_ms"], created_at=row["created_at"],
    )
