"""A receiver of webhooks in a process of its own: it verifies, refuses one in three at random, and watches the order.

``python -m tests.end_to_end.outsider SEED`` prints its port. ``POST /secret`` tells it the secret, ``GET /report`` what
it has seen; everything else is a delivery.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

MOST_IN_A_ROW = 4
"""Refusals of one event: whoever tries five times gets through."""
Record = tuple[object, ...]


@dataclass
class Seen:
    """What has come."""

    chance: random.Random
    secret: str = ""
    accepted: dict[str, list[Any]] = field(default_factory=dict)
    """Event to hash, sequence, type and operation."""
    hashes: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    newest: dict[Record, str] = field(default_factory=dict)
    """Record to the event of it that was accepted last."""
    open: dict[Record, str] = field(default_factory=dict)
    """Record to its event that was refused so far."""
    wrong: list[str] = field(default_factory=list)
    repeats: int = 0
    began: float = 0.0
    ended: float = 0.0

    def judge(self, headers: dict[str, str], body: bytes) -> int:
        """The status to answer; 0: hang up."""
        self.began = self.began or time.time()
        try:
            event = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError as problem:
            self.wrong.append(f"not verified: {problem}")
            return 401
        ident, digest = event["id"], hashlib.sha256(body).hexdigest()
        if headers["webhook-id"] != ident:
            self.wrong.append(f"{ident} came as {headers['webhook-id']}")
        if self.hashes.setdefault(ident, digest) != digest:
            self.wrong.append(f"{ident} came with another body")
        record = record_of(event)
        if ident in self.accepted:
            self.repeats += 1
            if self.newest[record] != ident:
                self.wrong.append(f"{ident} came again after {self.newest[record]}")
            return 204
        self._watch(record, event)
        if self.refusals.get(ident, 0) < MOST_IN_A_ROW and self.chance.random() < 1 / 3:
            self.open[record] = ident
            self.refusals[ident] = self.refusals.get(ident, 0) + 1
            return self.chance.choice((500, 502, 429, 0))
        self.open.pop(record, None)
        self.newest[record] = ident
        self.accepted[ident] = [digest, event["sequence"], event["type"], event.get("operation")]
        self.ended = time.time()
        return 204

    def _watch(self, record: Record, event: dict[str, Any]) -> None:
        ident = event["id"]
        if self.open.get(record, ident) != ident:
            self.wrong.append(f"{ident} overtook {self.open[record]}")
        before = self.newest.get(record)
        if before is not None and self.accepted[before][1] >= event["sequence"] and event["type"] != "SYNC_COMPLETED":
            self.wrong.append(f"{ident} came after {before}")


def record_of(event: dict[str, Any]) -> Record:
    """What the order is kept within."""
    if event["type"] == "DATA_MODEL_CHANGES":
        return event["company_id"], event["data_model"], event["data"]["rootfi_id"]
    return event["type"], event["data"].get("sync_id", event["connection_id"])


async def main(seed: int) -> None:
    """Serve until killed."""
    seen = Seen(random.Random(seed))

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if request.path == "/secret":
            seen.secret = body.decode()
            return web.Response()
        if request.path == "/report":
            return web.json_response({
                "accepted": seen.accepted, "refused": sum(seen.refusals.values()), "repeats": seen.repeats,
                "wrong": seen.wrong[:20], "open": len(seen.open), "took_s": seen.ended - seen.began})
        status = seen.judge({name.lower(): value for name, value in request.headers.items()}, body)
        if status == 0 and request.transport is not None:
            request.transport.abort()
        return web.Response(status=status or 500)

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
