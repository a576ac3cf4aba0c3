"""The rhythms that an environment's new connections begin with, for all platforms or for one of them."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from entrepot.clock import now_ms
from entrepot.store.core_tables import sync_defaults
from entrepot.store.frequencies import SyncConfig, access_of, access_text
from entrepot.store.scope import Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import Session

EVERY_PLATFORM = ""
"""The integration type of what holds for all."""


def of(session: Session, environment_id: int, integration_type: str = EVERY_PLATFORM) -> dict[str, SyncConfig]:
    """What was set, by noun."""
    rows = session.execute(select(sync_defaults).where(
        scoped(session, sync_defaults), sync_defaults.c.environment_id == environment_id,
        sync_defaults.c.integration_type == integration_type)).mappings()
    return {row["noun"]: SyncConfig(row["noun"], bool(row["enabled"]), row["frequency"], row["interval"],
                                    row["sync_from"], None, access_of(row["scope_access"])) for row in rows}


def keep(session: Session, scope: Scope, integration_type: str, config: SyncConfig) -> None:
    """Set one noun's."""
    values: dict[str, object] = {
        "enabled": config.enabled, "frequency": config.frequency, "interval": config.interval,
        "sync_from": config.sync_from, "scope_access": access_text(config.access), "updated_at": now_ms(),
    }
    known = session.execute(
        update(sync_defaults).where(
            scoped(session, sync_defaults), sync_defaults.c.environment_id == scope.environment_id,
            sync_defaults.c.integration_type == integration_type, sync_defaults.c.noun == config.noun)
        .values(**values).returning(sync_defaults.c.noun)).first()
    if known is None:
        session.execute(insert(sync_defaults).values(
            environment_id=scope.environment_id, integration_type=integration_type, noun=config.noun,
            organisation_id=scope.organisation_id, **values))
