"""The signing secrets of webhook endpoints, sealed. Each opens with the vault, table ``webhook_secrets``, row ``id``,
and reads ``whsec_`` and base64 then.

Who calls has found the endpoint in its scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.hook_tables import webhook_secrets
from entrepot.store.store import Session

TABLE = "webhook_secrets"


@dataclass(frozen=True)
class WebhookSecret:
    """One secret; times in ms. The one without an end is the endpoint's own, others sign beside it until theirs."""

    id: int
    endpoint_id: int
    sealed: bytes
    created_at: int
    expires_at: int | None


def take_id(session: Session) -> int:
    """A secret's id, which it is sealed to."""
    return sequence.take(session, 1)[0]


def add(session: Session, ident: int, endpoint_id: int, sealed: bytes) -> None:
    """Keep a secret that signs from now on."""
    session.execute(webhook_secrets.insert().values(id=ident, endpoint_id=endpoint_id, sealed=sealed,
                                                    created_at=now_ms()))


def usable(session: Session, endpoint_id: int, now: int) -> list[WebhookSecret]:
    """The secrets that sign at a time (ms), the newest first."""
    rows = session.execute(
        select(webhook_secrets)
        .where(webhook_secrets.c.endpoint_id == endpoint_id,
               or_(webhook_secrets.c.expires_at.is_(None), webhook_secrets.c.expires_at > now))
        .order_by(webhook_secrets.c.id.desc())
    ).mappings()
    return [WebhookSecret(**row) for row in rows]


def outgoing(session: Session, endpoint_ids: Sequence[int], now: int) -> dict[int, int]:
    """Until when (ms) a replaced secret goes on signing, by endpoint; those that have one."""
    rows = session.execute(
        select(webhook_secrets.c.endpoint_id, func.max(webhook_secrets.c.expires_at).label("until"))
        .where(webhook_secrets.c.endpoint_id.in_(endpoint_ids), webhook_secrets.c.expires_at > now)
        .group_by(webhook_secrets.c.endpoint_id)).mappings()
    return {row["endpoint_id"]: row["until"] for row in rows}


def end(session: Session, endpoint_id: int, at: int) -> None:
    """From ``at`` (ms) on none of the secrets that there are signs any more; those that end sooner keep their end.
    What has ended is forgotten."""
    session.execute(webhook_secrets.delete().where(webhook_secrets.c.endpoint_id == endpoint_id,
                                                   webhook_secrets.c.expires_at <= now_ms()))
    session.execute(
        update(webhook_secrets)
        .where(webhook_secrets.c.endpoint_id == endpoint_id,
               or_(webhook_secrets.c.expires_at.is_(None), webhook_secrets.c.expires_at > at))
        .values(expires_at=at))


def forget(session: Session, endpoint_id: int) -> None:
    """Forget all of an endpoint's secrets."""
    session.execute(webhook_secrets.delete().where(webhook_secrets.c.endpoint_id == endpoint_id))
