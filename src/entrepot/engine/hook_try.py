"""One try of a delivery: signed, posted, and judged by what was answered."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from entrepot import __version__
from entrepot.clock import now, now_ms, to_ms
from entrepot.engine import webhook_headers
from entrepot.engine.context import Engine
from entrepot.engine.signing import Signer
from entrepot.errors import SetupError
from entrepot.kit.hooks import NoReply, Reply
from entrepot.store import webhook_secrets
from entrepot.store.delivering import Due, Tried
from entrepot.store.webhook_endpoints import WebhookEndpoint
from entrepot.store.webhook_secrets import WebhookSecret

GONE = 410
KEPT = 1024
"""Characters of an answer that the log shows."""
JITTER = 0.1
LONGEST_WAIT_MS = 86_400_000
_WAITS = frozenset({429, 503})
_OWN = {"content-type": "application/json", "user-agent": f"Entrepot-Webhooks/{__version__}",
        "accept-encoding": "identity"}


@dataclass(frozen=True)
class Addressee:
    """An endpoint, its secrets and headers opened. ``trouble`` says why they cannot be."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    signer: Signer = field(repr=False)
    trouble: str | None = None

    @classmethod
    def of(cls, engine: Engine, endpoint: WebhookEndpoint, secrets: Sequence[WebhookSecret]) -> Addressee:
        """Open what is sealed."""
        try:
            opened = [engine.vault.open(one.sealed, table=webhook_secrets.TABLE, row=one.id).decode()
                      for one in secrets]
            own = webhook_headers.opened(engine, endpoint)
        except SetupError as problem:
            return cls(endpoint.url, {}, Signer([]), f"its secrets cannot be opened: {problem}")
        given = {name: value for name, value in own.items() if not name.lower().startswith("webhook-")}
        return cls(endpoint.url, {**given, **_OWN}, Signer(opened),
                   None if opened else "it has no secret to sign with; rotate it")


async def one_try(engine: Engine, to: Addressee, due: Due) -> tuple[Tried, int | None]:
    """Try a delivery once; what came of it, and the status that was answered. Never raises for what the endpoint
    does."""
    began, at = time.monotonic(), now()
    reply: Reply | None = None
    error = to.trouble
    if error is None:
        body = due.body
        headers = {**to.headers, **to.signer.headers(due.event_id, at, body)}
        try:
            reply = await engine.kit.hooks.post(to.url, headers, body, engine.settings.webhook_timeout_seconds)
        except NoReply as silence:
            error = _said(silence)
        else:
            error = _judged(reply.status)
    status = None if reply is None else reply.status
    wait = None if error is None else next_wait_ms(
        engine.settings.webhook_retry_seconds, due.attempts, _asked_ms(reply, at))
    tried = Tried(
        id=due.id, success=error is None, status=status, error=error,
        answer=None if reply is None else _shown(reply.body), took_ms=round((time.monotonic() - began) * 1000),
        at=to_ms(at), next_at=None if wait is None else now_ms() + wait)
    return tried, status


def next_wait_ms(waits: Sequence[float], attempts: int, asked_ms: int) -> int | None:
    """How long a delivery waits that was tried ``attempts`` times before the try that failed now; None when that was
    its last. The schedule's wait, a tenth more or less so that not all come back at once, or what was asked for when
    that is longer."""
    if attempts >= len(waits):
        return None
    jittered = waits[attempts] * 1000 * random.uniform(1 - JITTER, 1 + JITTER)
    return max(round(jittered), asked_ms)


def _asked_ms(reply: Reply | None, at: datetime) -> int:
    """What Retry-After asks for, seconds or a date; 0 when nothing sensible."""
    if reply is None or reply.status not in _WAITS:
        return 0
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]) * 1000, LONGEST_WAIT_MS)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return 0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(to_ms(until) - to_ms(at), 0), LONGEST_WAIT_MS)


def _judged(status: int) -> str | None:
    """Why a status is no success."""
    if 200 <= status < 300:
        return None
    if status == GONE:
        return "answered 410 Gone: the webhook is disabled"
    if 300 <= status < 400:
        return f"answered {status}, a redirect, which is not followed; set the webhook's url to where it leads"
    return f"answered {status}"


def _said(silence: NoReply) -> str:
    if silence.trouble == "forbidden-address":
        return ("the address is inside a private network, which is not called. Who runs this installation can allow "
                "it: ENTREPOT_ALLOW_PRIVATE_HOSTS")
    return silence.message


def _shown(body: bytes) -> str:
    # PostgreSQL's text holds no U+0000.
    return body[:4 * KEPT].decode("utf-8", "replace")[:KEPT].replace("\0", "�")
