"""Webhook endpoints: who wants to be told what. Their headers and secrets lie here sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import RowMapping, func, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence, webhook_secrets
from entrepot.store.hook_tables import webhook_cursors, webhook_endpoints
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

State = Literal["ENABLED", "DISABLED", "PAUSED"]

_TEXTS = msgspec.json.Decoder(list[str])
_IDS = msgspec.json.Decoder(list[int])
_LISTS = frozenset({"types", "operations", "data_models", "company_ids", "integration_types"})


@dataclass(frozen=True)
class WebhookEndpoint:
    """An endpoint; times in ms. An empty list among the filters means all. ``sealed_headers`` opens with the vault,
    table ``webhook_endpoints``, row ``id``."""

    id: int
    scope: Scope
    public_id: str
    version: str
    name: str
    url: str
    types: list[str]
    operations: list[str]
    data_models: list[str]
    company_ids: list[int]
    integration_types: list[str]
    sealed_headers: bytes
    initial: bool
    per_second: int | None
    state: str
    state_reason: str | None
    failing_since: int | None
    created_at: int
    updated_at: int


def get(session: Session, ident: int) -> WebhookEndpoint | None:
    """The scope's endpoint of that id, or None."""
    row = session.execute(
        select(webhook_endpoints).where(scoped(session, webhook_endpoints), webhook_endpoints.c.id == ident,
                                        webhook_endpoints.c.deleted_at.is_(None))
    ).mappings().first()
    return None if row is None else endpoint_of(row)


def by_public_id(session: Session, public_id: str) -> WebhookEndpoint | None:
    """The scope's endpoint of that id of twenty characters, or None."""
    row = session.execute(
        select(webhook_endpoints).where(scoped(session, webhook_endpoints),
                                        webhook_endpoints.c.public_id == public_id,
                                        webhook_endpoints.c.deleted_at.is_(None))
    ).mappings().first()
    return None if row is None else endpoint_of(row)


def listed(session: Session, after: int, limit: int) -> list[WebhookEndpoint]:
    """The scope's endpoints with ids above ``after``, in order of id."""
    rows = session.execute(
        select(webhook_endpoints)
        .where(scoped(session, webhook_endpoints), webhook_endpoints.c.id > after,
               webhook_endpoints.c.deleted_at.is_(None))
        .order_by(webhook_endpoints.c.id).limit(limit)
    ).mappings()
    return [endpoint_of(row) for row in rows]


def named(session: Session, idents: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Name, address and public id of endpoints by their id, of deleted ones too: the log goes on showing them."""
    rows = session.execute(
        select(webhook_endpoints.c.id, webhook_endpoints.c.name, webhook_endpoints.c.url,
               webhook_endpoints.c.public_id)
        .where(scoped(session, webhook_endpoints), webhook_endpoints.c.id.in_(idents))).mappings()
    return {row["id"]: (row["name"], row["url"], row["public_id"]) for row in rows}


def count(session: Session) -> int:
    """How many endpoints the scope has."""
    found = session.execute(
        select(func.count()).select_from(webhook_endpoints)
        .where(scoped(session, webhook_endpoints), webhook_endpoints.c.deleted_at.is_(None))).scalar_one()
    return int(found)


def take_id(session: Session) -> int:
    """An endpoint's id before the endpoint itself is kept: its headers are sealed to it."""
    return sequence.take(session, 1)[0]


def add(session: Session, endpoint: WebhookEndpoint) -> None:
    """Keep a new endpoint."""
    values = {name: value for name, value in vars(endpoint).items() if name not in ("scope", "sealed_headers")}
    session.execute(webhook_endpoints.insert().values(
        **_stored(values), headers=endpoint.sealed_headers, organisation_id=endpoint.scope.organisation_id,
        environment_id=endpoint.scope.environment_id))


def change(session: Session, ident: int, values: Mapping[str, Any]) -> WebhookEndpoint | None:
    """Change some of an endpoint's fields (by the names of :class:`WebhookEndpoint`); the endpoint as it is now, None
    when there is none."""
    stored = _stored(values)
    if "sealed_headers" in stored:
        stored["headers"] = stored.pop("sealed_headers")
    row = session.execute(
        update(webhook_endpoints)
        .where(scoped(session, webhook_endpoints), webhook_endpoints.c.id == ident,
               webhook_endpoints.c.deleted_at.is_(None))
        .values(**stored, updated_at=now_ms()).returning(webhook_endpoints)
    ).mappings().first()
    return None if row is None else endpoint_of(row)


def remove(session: Session, ident: int) -> bool:
    """Delete an endpoint with its secrets, headers and places; False when there is none. What was delivered stays in
    the log."""
    now = now_ms()
    row = session.execute(
        update(webhook_endpoints)
        .where(scoped(session, webhook_endpoints), webhook_endpoints.c.id == ident,
               webhook_endpoints.c.deleted_at.is_(None))
        .values(headers=b"", state="DISABLED", deleted_at=now, updated_at=now).returning(webhook_endpoints.c.id)
    ).first()
    if row is None:
        return False
    webhook_secrets.forget(session, ident)
    session.execute(webhook_cursors.delete().where(webhook_cursors.c.endpoint_id == ident))
    return True


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: msgspec.json.encode(value).decode() if name in _LISTS else value for name, value in values.items()}


def endpoint_of(row: RowMapping) -> WebhookEndpoint:
    """An endpoint from its row."""
    return WebhookEndpoint(
        id=row["id"], scope=Scope(row["organisation_id"], row["environment_id"]), public_id=row["public_id"],
        version=row["version"], name=row["name"], url=row["url"], types=_TEXTS.decode(row["types"]),
        operations=_TEXTS.decode(row["operations"]), data_models=_TEXTS.decode(row["data_models"]),
        company_ids=_IDS.decode(row["company_ids"]), integration_types=_TEXTS.decode(row["integration_types"]),
        sealed_headers=row["headers"], initial=bool(row["initial"]), per_second=row["per_second"],
        state=row["state"], state_reason=row["state_reason"], failing_since=row["failing_since"],
        created_at=row["created_at"], updated_at=row["updated_at"],
    )
