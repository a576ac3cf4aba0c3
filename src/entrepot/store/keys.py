"""API keys and the organisations and environments that they open. Only hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.core_tables import api_keys, environments, organisations
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

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


def default_scope(session: Session) -> Scope:
    """The first organisation's live environment, made when the installation is new."""
    row = session.execute(
        select(environments.c.organisation_id, environments.c.id).where(environments.c.name == "live")
        .order_by(environments.c.id).limit(1)
    ).mappings().first()
    if row is not None:
        return Scope(row["organisation_id"], row["id"])
    return create_organisation(session, "Default")


def environment_scope(session: Session, name: str) -> Scope:
    """The environment (``live`` or ``test``) of the first organisation."""
    first = default_scope(session)
    row = session.execute(
        select(environments.c.id)
        .where(environments.c.organisation_id == first.organisation_id, environments.c.name == name)
    ).first()
    if row is None:
        raise LookupError(f"environment {name}")
    return Scope(first.organisation_id, int(row[0]))


def create_organisation(session: Session, name: str) -> Scope:
    """An organisation with its two environments; answers the live one's scope."""
    organisation, live, test = sequence.take(session, 3)
    now = now_ms()
    session.execute(organisations.insert().values(id=organisation, name=name, created_at=now))
    for ident, label in ((live, "live"), (test, "test")):
        session.execute(environments.insert().values(id=ident, organisation_id=organisation, name=label,
                                                     created_at=now))
    return Scope(organisation, live)


def create(
    session: Session, scope: Scope, name: str, shown: str, digest: bytes, scopes: Sequence[str],
    expires_at: int | None = None,
) -> int:
    """Keep a key's hash; answers its id."""
    ident = sequence.take(session, 1)[0]
    session.execute(api_keys.insert().values(
        id=ident, organisation_id=scope.organisation_id, environment_id=scope.environment_id, name=name, shown=shown,
        hash=digest, scopes=",".join(sorted(scopes)), created_at=now_ms(), expires_at=expires_at,
    ))
    return ident


def by_hash(session: Session, digest: bytes) -> ApiKey | None:
    """The key with that hash, or None; who asks checks :meth:`ApiKey.usable`."""
    row = session.execute(select(api_keys).where(api_keys.c.hash == digest)).mappings().first()
    return None if row is None else _key(row)


def listed(session: Session) -> list[ApiKey]:
    """The scope's keys, oldest first, revoked ones too."""
    rows = session.execute(select(api_keys).where(scoped(session, api_keys)).order_by(api_keys.c.id)).mappings()
    return [_key(row) for row in rows]


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
