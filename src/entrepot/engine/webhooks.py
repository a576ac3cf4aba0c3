"""Webhook endpoints: make one, change it, turn it on and off, give it another secret, and take it away.

Each function is the inside of one transaction and raises ApiError for what the caller sent wrongly.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from entrepot.clock import now_ms
from entrepot.engine import webhook_address, webhook_filters, webhook_headers, webhook_secrets
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params, missing_params, not_found, operation_denied
from entrepot.store import deliveries, webhook_cursors, webhook_endpoints
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint

MOST = 500
"""Endpoints of one environment: every change is held against each of them."""
LONGEST_NAME = 500
FASTEST = 1000
"""Deliveries a second that a limit may name."""
LONGEST_OVERLAP_H = 720
STATES = ("ENABLED", "DISABLED")
_CHANGES = "DATA_MODEL_CHANGES"
_ID_LENGTH = 20
_ID_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Wanted:
    """What a caller sent for an endpoint; None is "not given". ``per_second`` may be taken away by sending null."""

    name: str | None = None
    url: str | None = None
    types: Sequence[str] | None = None
    operations: Sequence[str] | None = None
    data_models: Sequence[str] | None = None
    company_ids: Sequence[int] | None = None
    integration_types: Sequence[str] | None = None
    headers: webhook_headers.Given | None = None
    initial: bool | None = None
    per_second: int | UnsetType | None = UNSET
    state: str | None = None
    signing_secret: str | None = None


def find(session: Session, text: str) -> WebhookEndpoint:
    """The scope's endpoint by its id of twenty characters or its number; ApiError 404."""
    found = None
    if text.isascii() and text.isdigit() and len(text) < 17:
        found = webhook_endpoints.get(session, int(text))
    elif text.isascii() and text.isalnum() and len(text) == _ID_LENGTH:
        found = webhook_endpoints.by_public_id(session, text)
    if found is None:
        raise not_found("webhook", text[:100])
    return found


def create(engine: Engine, session: Session, wanted: Wanted, version: str) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its signing secret, which is told to nobody again. It hears of what happens from now on."""
    for field, hint in (("name", "Send what people shall know it by."), ("url", "Send where it is to be told."),
                        ("types", f"Send some of {', '.join(webhook_filters.TYPES)}.")):
        if getattr(wanted, field) is None:
            raise missing_params(field, hint)
    if webhook_endpoints.count(session) >= MOST:
        raise operation_denied(f"this environment has {MOST} webhooks. Delete one first.")
    secret, now = webhook_secrets.chosen(wanted.signing_secret), now_ms()
    ident = webhook_endpoints.take_id(session)
    blank = WebhookEndpoint(
        id=ident, scope=session.scope, public_id=_public_id(), version=version, name="", url="", types=[],
        operations=[], data_models=[], company_ids=[], integration_types=[],
        sealed_headers=webhook_headers.seal(engine, ident, {}), initial=True, per_second=None, state="ENABLED",
        state_reason=None, failing_since=None, created_at=now, updated_at=now)
    endpoint = WebhookEndpoint(**{**vars(blank), **_values(engine, session, wanted, blank)})
    webhook_endpoints.add(session, endpoint)
    webhook_secrets.keep(engine, session, ident, secret)
    webhook_cursors.begin(session, endpoint)
    return endpoint, secret


def change(engine: Engine, session: Session, text: str, wanted: Wanted) -> WebhookEndpoint:
    """The endpoint with what was given changed; its version stays. What is already on its way goes as it was made."""
    endpoint = find(session, text)
    found = _changed(session, endpoint, _values(engine, session, wanted, endpoint))
    if _CHANGES in found.types and _CHANGES not in endpoint.types:
        webhook_cursors.begin(session, found)
    return found


def set_state(session: Session, text: str, state: str) -> WebhookEndpoint:
    """Enable or disable an endpoint. Either way whatever paused it is forgotten; one that is enabled is told of what
    changed meanwhile."""
    return _changed(session, find(session, text), _state(state))


def rotate(
    engine: Engine, session: Session, text: str, overlap_hours: int, own: str | None,
) -> tuple[WebhookEndpoint, str]:
    """A new secret; the old one signs beside it until the overlap (hours) is over."""
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_H:
        raise invalid_params("overlap_hours", f"Send a whole number from 0 to {LONGEST_OVERLAP_H}.")
    endpoint, secret = find(session, text), webhook_secrets.chosen(own)
    webhook_secrets.replace(engine, session, endpoint.id, secret, overlap_hours)
    return _changed(session, endpoint, {}), secret


def remove(session: Session, text: str) -> None:
    """Delete an endpoint for good: its secrets and headers are forgotten, its log stays, what waits is given up."""
    ident = find(session, text).id
    webhook_endpoints.remove(session, ident)
    deliveries.give_up(session, ident)


def _changed(session: Session, endpoint: WebhookEndpoint, values: dict[str, object]) -> WebhookEndpoint:
    found = webhook_endpoints.change(session, endpoint.id, values)
    if found is None:
        raise not_found("webhook", endpoint.public_id)
    if found.state == "ENABLED" and endpoint.state != "ENABLED":
        webhook_cursors.resume(session, found)
    return found


def _values(engine: Engine, session: Session, wanted: Wanted, before: WebhookEndpoint) -> dict[str, object]:
    """The columns that what was given amounts to, everything checked."""
    found: dict[str, object] = {}
    if wanted.name is not None:
        found["name"] = _name(wanted.name)
    if wanted.url is not None:
        webhook_address.check(engine.settings, wanted.url)
        found["url"] = wanted.url
    if wanted.types is not None:
        found["types"] = webhook_filters.types(before.version, wanted.types)
    if wanted.headers is not None:
        kept = webhook_headers.known(engine, before)
        found["sealed_headers"] = webhook_headers.seal(engine, before.id, webhook_headers.checked(wanted.headers, kept))
    if wanted.initial is not None:
        found["initial"] = wanted.initial
    if wanted.per_second is not UNSET:
        found["per_second"] = _per_second(wanted.per_second)
    if wanted.state is not None:
        found |= _state(wanted.state)
    return found | _filters(session, wanted)


def _filters(session: Session, wanted: Wanted) -> dict[str, object]:
    found: dict[str, object] = {}
    if wanted.operations is not None:
        found["operations"] = webhook_filters.words("operations", wanted.operations, webhook_filters.OPERATIONS)
    if wanted.data_models is not None:
        found["data_models"] = webhook_filters.words("data_models", wanted.data_models, webhook_filters.DATA_MODELS)
    if wanted.company_ids is not None:
        found["company_ids"] = webhook_filters.company_ids(session, wanted.company_ids)
    if wanted.integration_types is not None:
        found["integration_types"] = webhook_filters.integration_types(wanted.integration_types)
    return found


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > LONGEST_NAME:
        raise invalid_params("name", f"Send 1 to {LONGEST_NAME} characters.")
    return name


def _per_second(number: int | None) -> int | None:
    if number is not None and not 1 <= number <= FASTEST:
        raise invalid_params("per_second", f"Send a whole number from 1 to {FASTEST}, or null for no limit.")
    return number


def _state(state: str) -> dict[str, object]:
    if state not in STATES:
        raise invalid_params("state", f"Send {' or '.join(STATES)}.")
    return {"state": state, "state_reason": None, "failing_since": None}


def _public_id() -> str:
    # Digits alone would be taken for the number.
    return secrets.choice(string.ascii_letters) + "".join(
        secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH - 1))
