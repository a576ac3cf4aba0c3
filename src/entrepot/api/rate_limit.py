"""How often one API key may ask: a bucket a key, in this process, told with every answer."""

from __future__ import annotations

import math
from time import monotonic, time

from entrepot.api.trace import Trace
from entrepot.errors import ApiError
from entrepot.settings import RateLimit
from entrepot.store.keys import ApiKey


class RateLimits:
    """The buckets of all keys. ``default`` holds for keys without a limit of their own."""

    def __init__(self, default: RateLimit) -> None:
        self._default = default
        self._buckets: dict[int, tuple[float, float]] = {}

    def take(self, key: ApiKey, trace: Trace) -> None:
        """Count one request and put the headers on its answer. ApiError 429 when the key has spent its share."""
        trace.key_id = key.id
        limit = self._default
        if key.per_minute is not None:
            limit = RateLimit(key.per_minute, key.per_minute if key.burst is None else key.burst)
        rate, now = limit.per_minute / 60.0, monotonic()
        left, at = self._buckets.get(key.id, (float(limit.burst), now))
        left = min(float(limit.burst), left + (now - at) * rate)
        refused = left < 1.0
        left -= 0.0 if refused else 1.0
        self._buckets[key.id] = (left, now)
        reset = math.ceil(time() + (limit.burst - left) / rate)
        trace.headers += [
            (b"x-ratelimit-limit", b"%d" % limit.per_minute), (b"x-ratelimit-remaining", b"%d" % left),
            (b"x-ratelimit-reset", b"%d" % reset),
        ]
        if refused:
            wait = math.ceil((1.0 - left) / rate)
            trace.headers.append((b"retry-after", b"%d" % wait))
            raise ApiError(429, "rate-limited", f"This API key may ask {limit.per_minute} times a minute; "
                           f"try again in {wait} s.")
