"""When an endpoint is not tried any more: it said that it is gone, or took nothing for days. Its owner is told."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from entrepot.clock import now_ms, text_ms
from entrepot.engine import events
from entrepot.store import activity, delivering
from entrepot.store.delivering import Tried
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint

log = structlog.get_logger()

SEVERAL = 5
"""Failures before an endpoint can be paused: one that is told something once a month is not judged by that."""
_HOUR_MS = 3_600_000


def judge(
    session: Session, endpoint: WebhookEndpoint, done: Sequence[Tried], *, gone: bool, pause_hours: int,
) -> bool:
    """Whether an enabled endpoint may go on after these tries; else it is turned off here, in the commit of the tries.
    ``gone``: it answered 410."""
    if gone:
        _turn_off(session, endpoint, "DISABLED", "The receiver answered 410 Gone. Enable the webhook when it is there "
                  "again.")
        return False
    if any(one.success for one in done):
        if endpoint.failing_since is not None:
            delivering.succeeded(session, endpoint.id)
        return True
    if not done:
        return True
    since, failures = delivering.failed(session, endpoint.id, len(done), min(one.at for one in done))
    if failures < SEVERAL or now_ms() - since < pause_hours * _HOUR_MS:
        return True
    _turn_off(session, endpoint, "PAUSED", f"Nothing was delivered since {text_ms(since)}. The last of {failures} "
              f"failures: {done[-1].error}. Enable the webhook when it works again.")
    return False


def _turn_off(session: Session, endpoint: WebhookEndpoint, state: str, reason: str) -> None:
    delivering.stop(session, endpoint.id, state, reason)
    activity.note(session, endpoint.scope, f"WEBHOOK_{state}", None, f"{endpoint.name}: {reason}")
    events.webhook_turned_off(session, endpoint, state, reason)
    log.warning("webhook.turned_off", webhook_id=endpoint.id, state=state, reason=reason)
