"""How often one API key may ask: a bucket a key, in this process, told with every answer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from entrepot.api.trace import Trace
from entrepot.engine.issue import limit_of
from entrepot.errors import ApiError
from entrepot.settings import RateLimit
from entrepot.store.keys import ApiKey

MOST_BUCKETS = 10_000
"""More are looked through for full ones, which are as good as none."""

_BLUR = 1e-3
"""Of one request: sums of fractions of seconds are a little off."""


class RateLimits:
    """The buckets of all keys. ``default`` holds for keys without a limit of their own; ``clock`` counts seconds and
    never goes back, ``wall`` is seconds since 1970."""

    def __init__(
        self, default: RateLimit, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time,
    ) -> None:
        self._default = default
        self._clock, self._wall = clock, wall
        self._full_at: dict[int, float] = {}
        """Key id to when its bucket is full again: all that needs to be known of a bucket."""
        self._look_at = MOST_BUCKETS

    def take(self, key: ApiKey, trace: Trace) -> None:
        """Count one request and put the headers on its answer. ApiError 429 when the key has spent its share."""
        trace.key_id = key.id
        limit = self._default if key.per_minute is None else limit_of(key.per_minute, key.burst, self._default)
        rate, now = limit.per_minute / 60.0, self._clock()
        full_at = max(now, self._full_at.get(key.id, now))
        # What is missing of a full bucket; where the limit was lowered meanwhile, more than the whole of it.
        left = max(0.0, limit.burst - (full_at - now) * rate) + _BLUR
        refused = left < 1.0
        if not refused:
            left, full_at = left - 1.0, full_at + 1.0 / rate
            self._keep(key.id, full_at, now)
        trace.headers += [
            (b"x-ratelimit-limit", b"%d" % limit.per_minute), (b"x-ratelimit-remaining", b"%d" % left),
            (b"x-ratelimit-reset", b"%d" % math.ceil(self._wall() + full_at - now)),
        ]
        if refused:
            wait = max(1, math.ceil(full_at - now - (limit.burst - 1) / rate))
            trace.headers.append((b"retry-after", b"%d" % wait))
            raise ApiError(429, "rate-limited", f"This API key may ask {limit.per_minute} times a minute; "
                           f"try again in {wait} s.")

    def _keep(self, ident: int, full_at: float, now: float) -> None:
        self._full_at[ident] = full_at
        if len(self._full_at) > self._look_at:
            self._full_at = {one: until for one, until in self._full_at.items() if until > now}
            self._look_at = max(MOST_BUCKETS, 2 * len(self._full_at))
