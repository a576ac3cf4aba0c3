"""Metrics, readiness and the log of requests, as they come out of the application."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from entrepot import log as logging
from entrepot.api.application import create_api
from entrepot.api.metrics import BOUNDS, Requests
from entrepot.clock import now_ms, text_ms
from entrepot.engine.ready import LATELY_MS
from entrepot.store import gauges, invites
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session
from tests.api.house import KEY, Answer, House, build

pytestmark = pytest.mark.anyio
TOKEN = "a-token-for-prometheus"
ORDERS = "/v4/ecommerce/orders?limit=1"


@pytest.fixture
def open_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house that shows its metrics."""
    made = build(database_url, tmp_path)
    engine = replace(made.engine, settings=replace(made.engine.settings, metrics_token=TOKEN))
    yield replace(made, app=create_api(engine), engine=engine)
    made.engine.store.close()


async def scrape(house: House, token: str = TOKEN) -> Answer:
    return await house.call("GET", "/metrics", headers={"authorization": f"Bearer {token}"})


def values(answer: Answer) -> dict[str, float]:
    """Every line of a scrape."""
    lines = [line for line in answer.body.decode().splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_metrics_are_shut_until_they_have_a_token(house: House) -> None:
    answer = await house.call("GET", "/metrics")
    assert (answer.status, "ENTREPOT_METRICS_TOKEN" in answer.error()["message"]) == (404, True)
    assert b"entrepot_" not in answer.body


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"},
                                     {"authorization": TOKEN}, {"api_key": KEY}, {"authorization": "Bearer \xe9"}])
async def test_another_token_opens_nothing(open_house: House, headers: dict[str, str]) -> None:
    answer = await open_house.call("GET", "/metrics", headers=headers)
    assert (answer.status, b"entrepot_http" in answer.body) == (401, False)


async def test_requests_are_counted_by_route_and_class(open_house: House) -> None:
    for path in (ORDERS, ORDERS, "/v4/ecommerce/orders?limit=x", "/v4/ecommerce/orders/1", "/v4/ecommerce/orders/2",
                 "/nowhere", "/nor/here"):
        await open_house.call("GET", path)
    await open_house.call("GET", ORDERS, headers={})
    await open_house.call("POST", "/v3/core/syncs", {})
    answer = await scrape(open_house)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = values(answer)
    total = "entrepot_http_requests_total{method=\"%s\",route=\"%s\",status=\"%s\"}"
    assert found[total % ("GET", "/v4/ecommerce/orders", "2xx")] == 2
    assert found[total % ("GET", "/v4/ecommerce/orders", "4xx")] == 2
    assert found[total % ("GET", "/v4/ecommerce/orders/{id}", "4xx")] == 2
    assert found[total % ("GET", "none", "4xx")] == 2
    assert found[total % ("POST", "/v3/core/syncs", "4xx")] == 1
    took = 'entrepot_http_request_duration_seconds_%s{%smethod="GET",route="/v4/ecommerce/orders"}'
    assert found[took % ("count", "")] == found[took % ("bucket", 'le="+Inf",')] == 4
    assert 0 < found[took % ("sum", "")] < 60
    assert found["entrepot_http_requests_in_flight"] == 1  # the scrape itself
    assert found["process_resident_memory_bytes"] > 1_000_000
    again = values(await scrape(open_house))
    assert again[total % ("GET", "/metrics", "2xx")] == 1
    assert again["entrepot_http_requests_in_flight"] == 1


async def test_the_installation_is_told(open_house: House) -> None:
    found = values(await scrape(open_house))
    assert found["entrepot_database_up"] == 1
    assert found["entrepot_companies"] == 1
    assert sum(value for name, value in found.items() if name.startswith("entrepot_connections{")) == 1
    assert found['entrepot_connections{status="EXPIRED"}'] == 0
    for name in ('jobs{state="ready"}', 'jobs{state="overdue"}', 'jobs{state="running"}', "jobs_oldest_ready_seconds",
                 'deliveries{state="pending"}', 'deliveries{state="failed"}', "syncs_unfinished"):
        assert found[f"entrepot_{name}"] == 0
    assert any(re.match(r'entrepot_info\{database="\w+",version=', name) for name in found)


async def test_a_database_that_is_away_leaves_the_rest(open_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Session) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(gauges, "read", away)
    with capture_logs() as said:
        found = values(await scrape(open_house))
    assert found["entrepot_database_up"] == 0
    assert "entrepot_http_requests_in_flight" in found
    assert "entrepot_companies" not in found
    assert [line["event"] for line in said if line["log_level"] == "error"] == ["metrics.database"]


def test_a_time_falls_into_its_bucket() -> None:
    requests = Requests()
    for seconds in (0.0005, 0.001, 0.0011, 0.3, 100.0):
        requests.count("GET", "/x", 200, seconds)
    requests.count("BREW", "/x", 0, 0.1)
    total, took, _ = requests.collect()
    buckets = {sample.labels["le"]: sample.value for sample in took.samples
               if sample.labels.get("method") == "GET" and "le" in sample.labels}
    assert (buckets["0.001"], buckets["0.0025"], buckets["0.25"], buckets["0.5"], buckets["60"]) == (2, 3, 3, 4, 4)
    assert buckets["+Inf"] == 5
    assert len(buckets) == len(BOUNDS) + 1
    assert {(one.labels["method"], one.labels["status"]) for one in total.samples} == {
        ("GET", "2xx"), ("other", "none")}


async def test_counting_a_request_costs_next_to_nothing() -> None:
    from timeit import timeit

    requests = Requests()
    requests.count("GET", "/x", 200, 0.001)
    each = min(timeit(lambda: requests.count("GET", "/x", 200, 0.0123), number=2000) for _ in range(5)) / 2000
    assert each < 10e-6


async def test_readiness(empty_house: House) -> None:
    async def ask() -> Any:
        answer = await empty_house.call("GET", "/readyz", headers={})
        assert answer.status == 200, answer.body
        return answer.json()["worker"]

    store = empty_house.engine.store
    assert await ask() == {"lately": False, "seen_at": None}
    now = now_ms()
    with store.write(SYSTEM) as session:
        session.unscoped("INSERT INTO schedules (name, cron, next_run_at, last_run_at) VALUES (?, ?, ?, ?)",
                         ("sync-due", "* * * * *", now, now))
    assert await ask() == {"lately": True, "seen_at": text_ms(now)}
    with store.write(SYSTEM) as session:
        session.unscoped("UPDATE schedules SET last_run_at = ?", (now - LATELY_MS - 1,))
    assert (await ask())["lately"] is False
    with store.write(SYSTEM) as session:
        session.unscoped("UPDATE alembic_version SET version_num = '0001'")
    behind = await empty_house.call("GET", "/readyz", headers={})
    assert (behind.status, behind.error()["code"]) == (503, "unavailable")
    assert "at version 0001" in behind.error()["message"]
    assert (await empty_house.call("GET", "/healthz", headers={})).status == 200


async def test_readiness_without_a_database(empty_house: House) -> None:
    with empty_house.engine.store.write(SYSTEM) as session:
        session.unscoped("DROP TABLE schedules")
    with capture_logs():
        answer = await empty_house.call("GET", "/readyz", headers={})
    assert (answer.status, answer.error()["message"]) == (503, "The database cannot be reached.")


async def test_every_request_is_a_line(house: House) -> None:
    with capture_logs([merge_contextvars]) as said:
        await house.call("GET", ORDERS, headers={"api_key": KEY, "x-request-id": "one"})
        await house.call("GET", "/v4/ecommerce/orders?limit=x&token=abc", headers={"api_key": KEY,
                                                                                   "x-request-id": "two"})
        await house.call("POST", "/v3/core/syncs", {}, headers={"x-request-id": "three"})
    lines = {line["request_id"]: line for line in said if line["event"] == "request"}
    assert {name: line["log_level"] for name, line in lines.items()} == {"one": "debug", "two": "info", "three": "info"}
    two = lines["two"]
    assert (two["method"], two["path"], two["status"]) == ("GET", "/v4/ecommerce/orders", 400)
    assert two["ms"] > 0
    assert isinstance(two["key_id"], int)
    assert (lines["three"]["status"], lines["three"]["key_id"]) == (401, None)
    assert "request_id" not in get_contextvars()


async def test_a_crash_is_found_by_the_id_that_was_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: Session, ident: str) -> None:
        structlog.get_logger().info("on.the.way")
        raise RuntimeError(f"a bug about {ident}")

    monkeypatch.setattr(invites, "get", crash)
    with capture_logs([merge_contextvars]) as said:
        answer = await house.call("GET", "/v3/core/invite_links/4f1b0c9e-opens-a-page")
    ident = answer.headers["x-request-id"]
    assert (answer.status, ident in answer.error()["message"]) == (500, True)
    # The thread of the store knows whose work it does, too.
    assert [(line["event"], line["request_id"]) for line in said] == [
        ("on.the.way", ident), ("api.crash", ident), ("request", ident)]
    assert "4f1b0c9e" not in str({name: value for line in said for name, value in line.items() if name != "exc_info"})
    assert said[-1]["path"] == "/v3/core/invite_links/{invite_link_id}"


def test_what_looks_like_a_secret_never_passes(capfd: pytest.CaptureFixture[str], house: House) -> None:
    before = structlog.get_config()
    try:
        logging.configure(replace(house.engine.settings, log_format="json"))
        made = structlog.get_logger()
        text = "ent_live_0123456789abcdefghij"
        try:
            raise ValueError(f"no key {text}")
        except ValueError:
            made.exception("told", about=f"key {text} is wrong", client_secret="s3cr3t", path=f"/v4/{text}",
                           shown="ent_live_4fR9x2")
    finally:
        structlog.configure(**before)
    line = capfd.readouterr().err
    assert text not in line
    assert "s3cr3t" not in line
    assert "ent_live_4fR9x2" in line
    assert line.count("ent_live_[removed]") == 3
