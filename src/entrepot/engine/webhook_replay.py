"""Send again what a webhook was sent before, or something to try it with.

Each function is the inside of one transaction and raises ApiError for what cannot be sent.
"""

from __future__ import annotations

import re
from dataclasses import replace

from entrepot.clock import now_ms
from entrepot.engine import events, webhooks
from entrepot.engine.context import Engine
from entrepot.errors import not_found, operation_denied
from entrepot.store import deliveries, webhook_endpoints
from entrepot.store.deliveries import Delivery, Wanted
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint

_UUID = re.compile(r"[0-9a-f-]{36}")
_DAY_MS = 86_400_000


def find(session: Session, delivery_id: str) -> Delivery:
    """The scope's delivery of that id; ApiError 404."""
    found = deliveries.get(session, delivery_id) if _UUID.fullmatch(delivery_id) else None
    if found is None:
        raise not_found("webhook delivery", delivery_id[:100])
    return found


def again(engine: Engine, session: Session, delivery_id: str) -> Delivery:
    """Send one delivery again, whatever became of it: the same event, the same body, all its tries before it."""
    one = find(session, delivery_id)
    endpoint = webhook_endpoints.get(session, one.endpoint_id)
    if endpoint is None:
        raise operation_denied("the webhook of this delivery was deleted.")
    _check_enabled(endpoint)
    if not deliveries.replay(session, delivery_id, _oldest(engine)):
        raise operation_denied(f"it is older than {engine.settings.retention_delivery_days} days.")
    return find(session, delivery_id)


def again_many(engine: Engine, session: Session, webhook: str, wanted: Wanted) -> list[int]:
    """Send an endpoint's deliveries again, the oldest first; the ids of those that wait now, in order."""
    endpoint = webhooks.find(session, webhook)
    _check_enabled(endpoint)
    return deliveries.replay_many(session, replace(wanted, endpoint_id=endpoint.id), _oldest(engine))


def test(session: Session, webhook: str) -> str:
    """An event to try an endpoint with, whatever it asks for; its delivery's id."""
    endpoint = webhooks.find(session, webhook)
    _check_enabled(endpoint)
    return events.make_test(session, endpoint)


def _check_enabled(endpoint: WebhookEndpoint) -> None:
    if endpoint.state != "ENABLED":
        raise operation_denied(f"the webhook is {endpoint.state}, so nothing is sent to it. Enable it first: POST "
                               f"/v4/core/webhooks/{endpoint.public_id}/enable.")


def _oldest(engine: Engine) -> int:
    return now_ms() - engine.settings.retention_delivery_days * _DAY_MS
