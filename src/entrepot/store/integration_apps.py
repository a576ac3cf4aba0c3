"""The OAuth app that an environment uses with an integration. Its secrets lie here sealed to the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import RowMapping, delete, insert, select, update

from entrepot.clock import now_ms
from entrepot.store import sequence
from entrepot.store.edge_tables import integration_apps
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session


@dataclass(frozen=True)
class IntegrationApp:
    """An app; times in ms. ``sealed`` opens with the vault, table ``integration_apps``, row ``id``."""

    id: int
    scope: Scope
    integration_type: str
    client_id: str
    sealed: bytes
    created_at: int
    updated_at: int


def keep(
    session: Session, scope: Scope, integration_type: str, client_id: str, seal: Callable[[int], bytes],
) -> IntegrationApp:
    """Set the app of an integration; ``seal`` is given the row that its secrets are sealed to."""
    known, now = get(session, integration_type), now_ms()
    if known is None:
        ident = sequence.take(session, 1)[0]
        made = IntegrationApp(ident, scope, integration_type, client_id, seal(ident), now, now)
        session.execute(insert(integration_apps).values(
            id=ident, organisation_id=scope.organisation_id, environment_id=scope.environment_id,
            integration_type=integration_type, client_id=client_id, sealed=made.sealed, created_at=now, updated_at=now))
        return made
    sealed = seal(known.id)
    session.execute(update(integration_apps).where(scoped(session, integration_apps), integration_apps.c.id == known.id)
                    .values(client_id=client_id, sealed=sealed, updated_at=now))
    return IntegrationApp(known.id, scope, integration_type, client_id, sealed, known.created_at, now)


def get(session: Session, integration_type: str) -> IntegrationApp | None:
    """The scope's app of an integration, or None."""
    row = session.execute(select(integration_apps).where(
        scoped(session, integration_apps), integration_apps.c.integration_type == integration_type)).mappings().first()
    return None if row is None else _app(row)


def configured(session: Session) -> frozenset[str]:
    """The integration types for which the scope has an app."""
    return frozenset(session.execute(
        select(integration_apps.c.integration_type).where(scoped(session, integration_apps))).scalars())


def remove(session: Session, integration_type: str) -> bool:
    """Forget the app; False when there was none."""
    row = session.execute(delete(integration_apps).where(
        scoped(session, integration_apps), integration_apps.c.integration_type == integration_type)
        .returning(integration_apps.c.id)).first()
    return row is not None


def _app(row: RowMapping) -> IntegrationApp:
    return IntegrationApp(row["id"], Scope(row["organisation_id"], row["environment_id"]), row["integration_type"],
                          row["client_id"], row["sealed"], row["created_at"], row["updated_at"])
