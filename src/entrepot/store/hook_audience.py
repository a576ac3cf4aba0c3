"""Who is told what: the endpoints of an environment that ask for a type of event, and what they let through."""

from __future__ import annotations

from sqlalchemy import select

from entrepot.store.hook_tables import webhook_endpoints
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint, endpoint_of

CHANGES = "DATA_MODEL_CHANGES"


def telling_changes(session: Session) -> dict[int, list[WebhookEndpoint]]:
    """The enabled endpoints of all environments that ask for changes, by environment. The system's own question."""
    rows = session.execute(
        select(webhook_endpoints)
        .where(scoped(session, webhook_endpoints), webhook_endpoints.c.state == "ENABLED",
               webhook_endpoints.c.deleted_at.is_(None), webhook_endpoints.c.types.contains(f'"{CHANGES}"'))
        .order_by(webhook_endpoints.c.id)).mappings()
    found: dict[int, list[WebhookEndpoint]] = {}
    for row in rows:
        found.setdefault(row["environment_id"], []).append(endpoint_of(row))
    return found


def asking(session: Session, scope: Scope, kind: str) -> list[WebhookEndpoint]:
    """The scope's endpoints that ask for a type of event. A paused one is among them: its owner has not said that it
    shall not be told, and is told when it goes on."""
    rows = session.execute(
        select(webhook_endpoints)
        .where(webhook_endpoints.c.organisation_id == scope.organisation_id,
               webhook_endpoints.c.environment_id == scope.environment_id,
               webhook_endpoints.c.state.in_(("ENABLED", "PAUSED")), webhook_endpoints.c.deleted_at.is_(None),
               webhook_endpoints.c.types.contains(f'"{kind}"'))
        .order_by(webhook_endpoints.c.id)).mappings()
    return [endpoint_of(row) for row in rows]


def of(session: Session, scope: Scope, kind: str, company_id: int, integration_type: str) -> list[WebhookEndpoint]:
    """Those that are to hear of one event of a company."""
    return [one for one in asking(session, scope, kind)
            if hears_of(one, company_id) and passes(one.integration_types, integration_type)]


def scope_of(session: Session, company_id: int) -> Scope:
    """Whose company it is."""
    organisation, environment = session.hot("SELECT organisation_id, environment_id FROM companies WHERE id = ?",
                                            (company_id,), company=company_id)[0]
    return Scope(organisation, environment)


def hears_of(endpoint: WebhookEndpoint, company_id: int) -> bool:
    """Whether the endpoint's filter lets a company through."""
    return not endpoint.company_ids or company_id in endpoint.company_ids


def passes(names: list[str], name: str | None) -> bool:
    """Whether a filter lets a name through; an empty one lets everything."""
    return not names or name in names
