"""API keys and the organisations and environments that they open. Only hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, case, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.core_tables import api_keys, environments
from entrepot.store.organisations import create_organisation
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

ALL_SCOPES = ("read", "write", "passthrough", "admin", "credentials")
APART = frozenset({"credentials"})
"""Scopes that admin does not include: who runs the team's companies need not be able to hand over a shop's keys."""

# last_used_at is for people: written at most once a minute, so that reading stays reading.
USED_EVERY_MS = 60_000


@dataclass(frozen=True)
class ApiKey:
    """A key as it may be shown: never its secret."""

    id: int
    scope: Scope
    name: str
    shown: str
    scopes: frozenset[str]
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    revoked_at: int | None
    per_minute: int | None = None
    """Its own limit, where it has one; ``burst`` at once."""
    burst: int | None = None
    rotated_from: int | None = None

    def usable(self, now: int) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    def may(self, wanted: str) -> bool:
        """Whether the key's scopes include one: admin includes all but those that stand apart."""
        return wanted in self.scopes or ("admin" in self.scopes and wanted not in APART)


def default_scope(session: Session) -> Scope:
    """The first organisation's live environment, made when the installation is new."""
    row = session.execute(
        select(environments.c.organisation_id, environments.c.id).where(environments.c.name == "live")
        .order_by(environments.c.id).limit(1)
    ).mappings().first()
    if row is not None:
        return Scope(row["organisation_id"], row["id"])
    return create_organisation(session, "Default")


def create(
    session: Session, scope: Scope, name: str, shown: str, digest: bytes, scopes: Sequence[str],
    expires_at: int | None = None, *, per_minute: int | None = None, burst: int | None = None,
    rotated_from: int | None = None,
) -> int:
    """Keep a key's hash; answers its id."""
    ident = sequence.take(session, 1)[0]
    session.execute(api_keys.insert().values(
        id=ident, organisation_id=scope.organisation_id, environment_id=scope.environment_id, name=name, shown=shown,
        hash=digest, scopes=",".join(sorted(scopes)), created_at=now_ms(), expires_at=expires_at,
        per_minute=per_minute, burst=burst, rotated_from=rotated_from,
    ))
    return ident


def by_hash(session: Session, digest: bytes) -> ApiKey | None:
    """The key with that hash, or None; who asks checks :meth:`ApiKey.usable`."""
    row = session.execute(select(api_keys).where(api_keys.c.hash == digest)).mappings().first()
    return None if row is None else _key(row)


def get(session: Session, ident: int) -> ApiKey | None:
    """The scope's key with that id, a shut one too."""
    row = session.execute(select(api_keys).where(scoped(session, api_keys), api_keys.c.id == ident)).mappings().first()
    return None if row is None else _key(row)


def page(session: Session, after: int, limit: int) -> list[ApiKey]:
    """Keys of the scope above an id, oldest first, shut ones too."""
    rows = session.execute(
        select(api_keys).where(scoped(session, api_keys), api_keys.c.id > after).order_by(api_keys.c.id).limit(limit)
    ).mappings()
    return [_key(row) for row in rows]


def listed(session: Session) -> list[ApiKey]:
    """The scope's keys, oldest first, shut ones too."""
    rows = session.execute(select(api_keys).where(scoped(session, api_keys)).order_by(api_keys.c.id)).mappings()
    return [_key(row) for row in rows]


def expire(session: Session, ident: int, at: int) -> None:
    """Let a key shut by itself at a time, or when it would have anyway; locks its row."""
    session.execute(
        update(api_keys).where(scoped(session, api_keys), api_keys.c.id == ident)
        .values(expires_at=case((api_keys.c.expires_at < at, api_keys.c.expires_at), else_=at)))


def successor(session: Session, ident: int) -> int | None:
    """The key that took the place of one; None when it was never rotated."""
    row = session.execute(
        select(api_keys.c.id).where(scoped(session, api_keys), api_keys.c.rotated_from == ident)).first()
    return None if row is None else int(row[0])


def revoke(session: Session, ident: int) -> bool:
    """Shut a key for good; False when there is none (or it is shut already)."""
    row = session.execute(
        update(api_keys).where(scoped(session, api_keys), api_keys.c.id == ident, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now_ms()).returning(api_keys.c.id)
    ).first()
    return row is not None


def used(session: Session, ident: int) -> None:
    """Note that the key was used just now."""
    session.execute(update(api_keys).where(api_keys.c.id == ident).values(last_used_at=now_ms()))


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"], scope=Scope(row["organisation_id"], row["environment_id"]), name=row["name"],
        shown=row["shown"], scopes=frozenset(row["scopes"].split(",")), created_at=row["created_at"],
        expires_at=row["expires_at"], last_used_at=row["last_used_at"], revoked_at=row["revoked_at"],
        per_minute=row["per_minute"], burst=row["burst"], rotated_from=row["rotated_from"],
    )
