"""The OAuth app that an environment uses with an integration: its secrets are sealed, and shown to nobody again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from entrepot.engine.context import Engine
from entrepot.errors import invalid_params, missing_params
from entrepot.store import integration_apps
from entrepot.store.integration_apps import IntegrationApp
from entrepot.store.store import Session

TABLE = "integration_apps"
CLIENT_ID, CLIENT_SECRET = "client_id", "client_secret"
MOST_FIELDS, LONGEST = 20, 10_000
SHOWN = 4
"""Characters of a secret that tell its owner which one it is; a short one shows none."""
_SHORT = 12
_SECRETS = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True)
class Masked:
    """An app as it may be shown: the end of its secret, and the names of what else is kept of it."""

    integration_type: str
    client_id: str
    client_secret: str
    fields: tuple[str, ...]
    created_at: int
    updated_at: int


def keep(engine: Engine, session: Session, integration_type: str, given: Mapping[str, str]) -> Masked:
    """Set the scope's app of an integration, in the caller's transaction. ApiError names the field."""
    fields = {name: value.strip() for name, value in given.items()}
    for name in (CLIENT_ID, CLIENT_SECRET):
        if not fields.get(name):
            raise missing_params(name, "It is what the platform gave you with the app.")
    if len(fields) > MOST_FIELDS:
        raise invalid_params(max(fields)[:100], f"An app has at most {MOST_FIELDS} fields.")
    for name, value in fields.items():
        if len(name) > 100 or len(value) > LONGEST:
            raise invalid_params(name[:100], f"It is longer than {LONGEST} characters.")
    client_id = fields.pop(CLIENT_ID)
    secrets = msgspec.json.encode(fields)
    made = integration_apps.keep(session, session.scope, integration_type, client_id,
                                 lambda row: engine.vault.seal(secrets, table=TABLE, row=row))
    return masked(engine, made)


def masked(engine: Engine, app: IntegrationApp) -> Masked:
    """The app without its secrets."""
    secrets = opened(engine, app)
    secret = secrets.pop(CLIENT_SECRET, "")
    end = secret[-SHOWN:] if len(secret) >= _SHORT else ""
    return Masked(app.integration_type, app.client_id, f"****{end}", tuple(sorted(secrets)), app.created_at,
                  app.updated_at)


def opened(engine: Engine, app: IntegrationApp) -> dict[str, str]:
    """The secrets, for whoever calls the platform with them: ``client_secret`` and what else was given."""
    return _SECRETS.decode(engine.vault.open(app.sealed, table=TABLE, row=app.id))
