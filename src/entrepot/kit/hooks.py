"""The way out to webhook endpoints: the same guarded exit as a platform's, with connections and look-ups of its own.

Whoever is slow there is slow alone: no limit on connections is shared with platforms or among endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping

from yarl import URL

from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.http import HttpTransport
from entrepot.kit.transport import NoReply, Reply, Request, Transport

__all__ = ["Hooks", "NoReply", "Reply"]

ANSWER_BYTES = 64 * 1024
"""Of an answer that nobody reads but people; the rest is left where it is."""
_LOOKUPS = 32


class Hooks:
    """Posts to webhook endpoints. One per process and event loop; ``close`` it."""

    def __init__(self, allow_private: AllowPrivate, transport: Transport | None = None) -> None:
        self._transport = transport or HttpTransport(allow_private, connections=0, lookups=_LOOKUPS)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, time_limit_s: float) -> Reply:
        """The endpoint's answer, whatever its status, cut off at :data:`ANSWER_BYTES`. Redirects are not followed.
        Raises NoReply."""
        try:
            address = URL(url, encoded=True)
            origin, target = str(address.origin()), address.raw_path_qs
        except ValueError:
            raise NoReply("unknown-host", "the address cannot be called") from None
        return await self._transport.send(Request(
            "POST", origin, target, headers, body, time_limit_s, ANSWER_BYTES, cut=True))

    async def close(self) -> None:
        """Let go of connections."""
        await self._transport.close()
