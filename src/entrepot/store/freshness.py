"""How fresh a company's records are: what each connection's streams have been read, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.store.store import Session


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a stream stands: the ends (ms) of its last full and its last complete read; None before the first."""

    scanned_at: int | None
    read_at: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A connection and its streams by name; one that was never begun is not among them."""

    connection_id: int
    integration_type: str
    status: str
    created_at: int
    streams: Mapping[str, Stood]


@dataclass(frozen=True, slots=True)
class Overall:
    """One stream over all connections of a platform: how many there are, how many were never read whole, and the
    oldest read (ms)."""

    connections: int
    unread: int
    as_of: int | None


def of_company(session: Session, company_id: int) -> list[Standing]:
    """The company's connections by ordinal."""
    rows = session.hot(
        "SELECT c.id, c.integration_type, c.status, c.created_at, s.stream, s.scanned_at, s.read_at FROM connections c "
        "LEFT JOIN streams s ON s.connection_id = c.id WHERE c.company_id = ? AND c.deleted_at IS NULL "
        "ORDER BY c.ordinal", (company_id,), company=company_id)
    found: dict[int, tuple[tuple[str, str, int], dict[str, Stood]]] = {}
    for ident, kind, status, created_at, stream, scanned_at, read_at in rows:
        streams = found.setdefault(ident, ((kind, status, created_at), {}))[1]
        if stream is not None:
            streams[stream] = Stood(scanned_at, read_at)
    return [Standing(ident, *facts, streams) for ident, (facts, streams) in found.items()]


def of_environment(session: Session, integration_type: str, stream: str) -> Overall:
    """One stream of all the scope's connections to a platform."""
    rows = session.hot(
        "SELECT COUNT(*), COUNT(*) - COUNT(s.scanned_at), MIN(COALESCE(s.read_at, c.created_at)) FROM connections c "
        "LEFT JOIN streams s ON s.connection_id = c.id AND s.stream = ? "
        "WHERE c.environment_id = ? AND c.deleted_at IS NULL AND c.integration_type = ?",
        (stream, session.scope.environment_id, integration_type))
    count, unread, as_of = rows[0]
    return Overall(int(count), int(unread), as_of)


def unread(
    session: Session, integration_type: str, stream: str, ordinal: int | None, limit: int,
) -> list[int]:
    """The scope's healthy connections to a platform whose stream was never read whole, at most ``limit``."""
    terms, params = "", [stream, session.scope.environment_id, integration_type]  # type: str, list[object]
    if ordinal is not None:
        terms, params = "AND c.ordinal = ? ", [*params, ordinal]
    rows = session.hot(
        "SELECT c.id FROM connections c LEFT JOIN streams s ON s.connection_id = c.id AND s.stream = ? "
        "WHERE c.environment_id = ? AND c.deleted_at IS NULL AND c.integration_type = ? AND c.status = 'HEALTHY' "
        f"AND s.scanned_at IS NULL {terms}ORDER BY c.id LIMIT ?", (*params, limit))
    return [int(row[0]) for row in rows]
