"""The headers of Standard Webhooks: id, time, and one signature for each secret that is good at the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook


class Signer:
    """Signs for one endpoint. ``secrets`` read ``whsec_`` and base64, the newest first."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._hooks = [Webhook(secret) for secret in secrets]

    def headers(self, event_id: str, at: datetime, body: bytes) -> dict[str, str]:
        """What goes with a body that is sent at an aware UTC time."""
        text = body.decode()
        return {
            "webhook-id": event_id, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(hook.sign(event_id, at, text) for hook in self._hooks),
        }
