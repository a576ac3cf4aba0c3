"""The seam below a shop: one request out, one reply back, or the reason why there was none.

Transports know nothing of platforms, credentials or budgets; they neither retry nor follow redirects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Trouble = Literal[
    "forbidden-address", "unknown-host", "refused", "certificate", "connect-timeout", "timeout", "reset", "truncated",
    "too-large",
]
"""Why no reply came. The first five happen before anything was sent."""

_UNSENT: frozenset[Trouble] = frozenset(
    ("forbidden-address", "unknown-host", "refused", "certificate", "connect-timeout")
)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    origin: str
    """``scheme://host`` or ``scheme://host:port``, lower case."""
    target: str
    """Path and query, percent-encoded, beginning with a slash."""
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    time_limit_s: float = 30.0
    """For everything together, from the name look-up to the last byte."""
    answer_limit: int = 64 * 1024 * 1024
    """Bytes of the decompressed body."""
    cut: bool = False
    """Whether a larger answer is cut off there instead of being no reply at all."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response, read to the end, or to the limit where the request said so."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Lower-case names; of a repeated header the last."""
    body: bytes = field(repr=False)


class NoReply(Exception):
    """No whole response came. The text never holds a header, a body or a query."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble
        self.message = message

    @property
    def sent(self) -> bool:
        """Whether the platform may have seen the request."""
        return self.trouble not in _UNSENT


class Transport(Protocol):
    """A way to a platform: sockets, an app in this process, or a test's script."""

    async def send(self, request: Request) -> Reply:
        """The reply, whatever its status. Raises NoReply."""

    async def close(self) -> None:
        """Let go of connections."""
