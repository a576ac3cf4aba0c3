"""Signing secrets in the form of Standard Webhooks: ``whsec_`` and base64 of 24 to 64 bytes."""

from __future__ import annotations

import base64
import binascii
import secrets

from entrepot.clock import now_ms
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params
from entrepot.store import webhook_secrets
from entrepot.store.store import Session

PREFIX = "whsec_"
_BYTES = 32
_LEAST, _MOST = 24, 64
_HOUR_MS = 3_600_000


def chosen(own: str | None) -> str:
    """The secret that the caller sent, checked, or a new one."""
    if own is None:
        return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
    hint = f"Send {PREFIX} and base64 of {_LEAST} to {_MOST} random bytes, or leave it out and one is made."
    try:
        raw = base64.b64decode(own.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise invalid_params("signing_secret", hint) from None
    if not own.startswith(PREFIX) or not _LEAST <= len(raw) <= _MOST:
        raise invalid_params("signing_secret", hint)
    return own


def keep(engine: Engine, session: Session, endpoint_id: int, secret: str) -> None:
    """Seal a secret; it signs from now on."""
    ident = webhook_secrets.take_id(session)
    sealed = engine.vault.seal(secret.encode(), table=webhook_secrets.TABLE, row=ident)
    webhook_secrets.add(session, ident, endpoint_id, sealed)


def replace(engine: Engine, session: Session, endpoint_id: int, secret: str, overlap_hours: int) -> None:
    """A new secret; those before it go on signing beside it for so many hours."""
    webhook_secrets.end(session, endpoint_id, now_ms() + overlap_hours * _HOUR_MS)
    keep(engine, session, endpoint_id, secret)
