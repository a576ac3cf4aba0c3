"""What a platform's answer, or its silence, means: one of the faults that the engine decides by, or nothing.

Statuses are the platforms' common ground; what only one platform says in its body is its connector's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from entrepot.errors import Missing, NeedsReauth, OutcomeUnknown, PlatformFault, Rejected, Throttled, Transient
from entrepot.kit.json import is_whole
from entrepot.kit.redact import Redactor, looks_like_html
from entrepot.kit.transport import NoReply, Reply

DEFAULT_WAIT_S = 30.0
LONGEST_WAIT_S = 86_400.0
"""A platform that asks for more is asked again after a day."""

_SAID = ("message", "error_description", "detail", "title", "error", "errors")
_SAID_AT_MOST = 300


@dataclass(frozen=True)
class Call:
    """What was asked, for messages and for the question whether it may be repeated."""

    platform: str
    method: str
    path: str
    """Without the query."""
    writes: bool
    redactor: Redactor

    @property
    def named(self) -> str:
        """``GET /admin/orders``, without secrets."""
        return self.redactor.text(f"{self.method} {self.path}")

    def lost(self, message: str, platform_error: str | None = None) -> PlatformFault:
        """The fault of a call that may have been carried out: a read is repeated, a write is looked for."""
        kind = OutcomeUnknown if self.writes else Transient
        return kind(message, platform_error=platform_error)


def fault_of_silence(call: Call, silence: NoReply) -> PlatformFault:
    """The fault of a call that brought no whole reply."""
    message = f"{call.platform}, {call.named}: {call.redactor.text(silence.message)}"
    if silence.trouble == "forbidden-address":
        return Rejected(message, code="operation-denied")
    if not silence.sent:
        return Transient(message)
    if silence.trouble == "too-large" and not call.writes:
        return Rejected(message, code="unknown-error")
    return call.lost(message)


def fault_of_reply(call: Call, reply: Reply, now: datetime) -> PlatformFault | None:
    """The fault that a reply stands for; None for a 2xx that keeps what it promises."""
    if 200 <= reply.status < 300:
        return _fault_of_success(call, reply)
    platform_error = call.redactor.platform_error(reply.body)
    message = f"{call.platform} answered {reply.status} to {call.named}" + _said(platform_error)
    if reply.status == 401:
        return NeedsReauth(message, platform_error=platform_error)
    if reply.status == 429:
        return Throttled(message, until=wait_until(reply, now), platform_error=platform_error)
    if reply.status in (404, 410):
        return _fault_of_absence(call, reply, message, platform_error)
    if reply.status in (408, 425) or reply.status >= 500:
        return call.lost(message, platform_error)
    code = {400: "invalid-params", 422: "invalid-params", 409: "record-already-exists"}.get(reply.status)
    return Rejected(message, code=code or "platform-denied", platform_error=platform_error)


def _fault_of_absence(call: Call, reply: Reply, message: str, platform_error: str | None) -> PlatformFault:
    # A proxy's or a web server's own 404 page says nothing about the object: calling it gone would delete it here.
    if not looks_like_html(reply.body):
        return Missing(message, platform_error=platform_error)
    hint = f"{message}. That is a web page, not an API: is the shop's address right, and is the shop up?"
    if call.writes:
        return Rejected(hint, platform_error=platform_error)
    return Transient(hint, platform_error=platform_error)


def _fault_of_success(call: Call, reply: Reply) -> PlatformFault | None:
    if not reply.body:
        return None
    kind = reply.headers.get("content-type", "application/json").lower()
    said = f"{call.platform} answered {reply.status} to {call.named}"
    if "html" in kind or looks_like_html(reply.body):
        return call.lost(f"{said} with a web page where JSON was promised", call.redactor.platform_error(reply.body))
    if "json" in kind and "ndjson" not in kind and "jsonl" not in kind and not is_whole(reply.body):
        return call.lost(f"{said} with JSON that is not whole")
    return None


def wait_until(reply: Reply, now: datetime) -> datetime:
    """When a platform that answered 429 may be called again."""
    text = reply.headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text, now)
    if not 0 < seconds < float("inf"):
        seconds = DEFAULT_WAIT_S if seconds != float("inf") else LONGEST_WAIT_S
    return now + timedelta(seconds=min(seconds, LONGEST_WAIT_S))


def _seconds_until(text: str, now: datetime) -> float:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return -1.0
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


def _said(platform_error: str | None) -> str:
    """The platform's own sentence, where its body has one in a usual place."""
    if platform_error is None:
        return ""
    value: object = msgspec.json.decode(platform_error)
    for _ in range(4):
        if isinstance(value, dict):
            value = next((value[key] for key in _SAID if value.get(key)), None)
        elif isinstance(value, list):
            value = value[0] if value else None
    return f": {value[:_SAID_AT_MOST]}" if isinstance(value, str) else ""
