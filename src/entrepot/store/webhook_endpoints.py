"""Webhook endpoints: who wants to be told what. Their headers and secrets lie here sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec
from sqlalchemy import RowMapping, select

from entrepot.store.hook_tables import webhook_endpoints
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

State = Literal["ENABLED", "DISABLED", "PAUSED"]

_TEXTS = msgspec.json.Decoder(list[str])
_IDS = msgspec.json.Decoder(list[int])


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
