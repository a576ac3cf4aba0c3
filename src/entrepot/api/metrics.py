"""GET /metrics for Prometheus: what this process answers, and what the database says of the whole installation.

Counting a request is one look into a dictionary; everything else is done when somebody asks. Nothing is global, so that
several applications may live in one process.
"""

from __future__ import annotations

import hmac
from bisect import bisect_left
from collections.abc import Iterator

import structlog
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as AsgiScope
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from entrepot import __version__
from entrepot.api.failures import AnyRequest
from entrepot.api.trace import NAME, Trace
from entrepot.engine.context import Engine
from entrepot.errors import ApiError
from entrepot.store import gauges
from entrepot.store.gauges import Gauges
from entrepot.store.scope import SYSTEM

PATH = "/metrics"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0)
"""Seconds. A list from the database takes one or two thousandths; a write waits for its shop."""
_LES = (*(f"{bound:g}" for bound in BOUNDS), "+Inf")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

log = structlog.get_logger()


class Requests(Collector):
    """The requests of this process, counted by method, route and class of status."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._times: dict[tuple[str, str, int], list[float]] = {}
        """For each: how many fell into each bucket, and behind them all seconds together."""

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered; status 0 when its caller went away before."""
        name = (method, route, status // 100)
        times = self._times.get(name)
        if times is None:
            times = self._times.setdefault(name, [0.0] * (len(BOUNDS) + 2))
        times[bisect_left(BOUNDS, seconds)] += 1
        times[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        """Everything so far."""
        total = CounterMetricFamily("entrepot_http_requests", "Requests that were answered.",
                                    labels=("method", "route", "status"))
        took = HistogramMetricFamily("entrepot_http_request_duration_seconds", "From a request's first byte to its "
                                     "answer's last.", labels=("method", "route"))
        merged: dict[tuple[str, str], list[float]] = {}
        for (method, route, status), times in sorted(self._times.items()):
            place = (method if method in _METHODS else "other", route or "none")
            total.add_metric((*place, f"{status}xx" if status else "none"), sum(times[:-1]))
            known = merged.get(place)
            merged[place] = times if known is None else [a + b for a, b in zip(known, times, strict=True)]
        for place, times in merged.items():
            took.add_metric(place, list(zip(_LES, _running(times[:-1]), strict=True)), times[-1])
        yield total
        yield took
        yield GaugeMetricFamily("entrepot_http_requests_in_flight", "Requests that are being answered.",
                                value=self.in_flight)


class Installation(Collector):
    """What the database said when it was asked last."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self.gauges: Gauges | None = None

    def collect(self) -> Iterator[Metric]:
        """The gauges; without them when the database did not answer."""
        info = GaugeMetricFamily("entrepot_info", "Always 1.", labels=("version", "database"))
        info.add_metric((__version__, self._dialect), 1)
        yield info
        yield GaugeMetricFamily("entrepot_database_up", "Whether the database answered this scrape.",
                                value=self.gauges is not None)
        for one in self.gauges.told() if self.gauges is not None else ():
            family = GaugeMetricFamily(f"entrepot_{one.name}", one.about, labels=(one.label,) if one.label else ())
            for label, value in one.values:
                family.add_metric((label,) if one.label else (), value)
            yield family


def handler(engine: Engine, requests: Requests) -> HTTPRouteHandler:
    """The call. It stands beside the API: no API key, no documents, a token of its own."""
    registry, installation = CollectorRegistry(), Installation(engine.store.dialect)
    registry.register(requests)
    registry.register(installation)
    ProcessCollector(registry=registry)
    token = engine.settings.metrics_token

    async def metrics(request: AnyRequest) -> ASGIApp:
        trace: Trace = request.scope[NAME]  # type: ignore[literal-required]
        trace.route = PATH
        check_token(token, request.headers.get("authorization", ""))
        try:
            found = await engine.store.reading(SYSTEM, gauges.read)
        except Exception:
            # What this process counts is worth most while the database is away.
            log.exception("metrics.database")
            found = None
        # Between these two nobody else's turn comes.
        installation.gauges = found
        return _Text(generate_latest(registry))

    return HTTPRouteHandler(PATH, http_method="GET", name=f"GET {PATH}")(metrics)


def check_token(token: str | None, header: str) -> None:
    """ApiError 404 where there is no token, 401 for another one."""
    if token is None:
        raise ApiError(404, "not-found", "Metrics are shut. Set ENTREPOT_METRICS_TOKEN, and send it as "
                       "Authorization: Bearer.")
    kind, _, given = header.partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    if kind.lower() != "bearer" or not same:
        raise ApiError(401, "unauthorized", "Send the token of ENTREPOT_METRICS_TOKEN as Authorization: Bearer.")


class _Text:
    """The answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", _TYPE), (b"content-length", b"%d" % len(self._body)),
                   (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def _running(counts: list[float]) -> Iterator[float]:
    """Each bucket holds those below it."""
    total = 0.0
    for count in counts:
        total += count
        yield total
