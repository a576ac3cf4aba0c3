"""What a running installation logs: a line for every request, and no secret, whatever goes wrong."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.house import KEY, SANDBOX, House, served

SECRETS = {
    "the shop's token": "demo-token", "a wrong token": "tok-c0ffee-wrong-one",
    "a webhook's header": "hdr-5ca1ab1e-value", "an app's secret": "app-f005ba11-secret",
    "the scraper": "scrape-deadbeef-token",
    "a password in a body": "pwd-0ddba11-typed",
}


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that logs everything that it ever logs."""
    home: Path = tmp_path_factory.mktemp("loud") / "home"
    with served(home, f"sqlite:///{home / 'entrepot.sqlite'}", ENTREPOT_LOG_LEVEL="debug", ENTREPOT_LOG_FORMAT="json",
                ENTREPOT_METRICS_TOKEN=SECRETS["the scraper"]) as house:
        yield house


def lines(house: House) -> list[dict[str, Any]]:
    """Everything that was logged so far; nothing but JSON is."""
    return [json.loads(line) for line in list(house.running.lines) if line.startswith("{")]


def raw(house: House, method: str, path: str, headers: dict[str, str], body: str | None = None) -> tuple[int, str]:
    """Status and request id of a call with these headers and no other."""
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["x-request-id"]
    finally:
        connection.close()


def test_a_request_is_found_by_its_id(loud: House) -> None:
    status, ident = raw(loud, "GET", "/v3/core/companies?limit=1", {"api_key": KEY, "x-request-id": "find-me"})
    assert (status, ident) == (200, "find-me")
    loud.running.wait_for("find-me")
    line = next(one for one in lines(loud) if one.get("request_id") == "find-me" and one["event"] == "request")
    assert (line["method"], line["path"], line["status"], line["level"]) == ("GET", "/v3/core/companies", 200, "debug")
    assert isinstance(line["key_id"], int)
    assert 0 < line["ms"] < 30_000


def test_no_secret_reaches_the_log(loud: House) -> None:
    api, wrong = loud.api, SECRETS["a wrong token"]
    company = loud.synced(5)
    more = api.post("/v4/core/api_keys", {"name": "another", "scopes": ["read"]}).ok()["data"]
    assert raw(loud, "GET", "/v3/core/companies", {"authorization": f"Bearer {more['api_key']}"})[0] == 200
    for at in (f"/v4/core/api_keys/{more['api_key']}", f"/nowhere/{more['api_key']}?api_key={KEY}"):
        assert api.send("GET", at).status == 404
    scraper = {"authorization": f"Bearer {SECRETS['the scraper']}"}
    assert raw(loud, "GET", "/metrics", scraper)[0] == 200
    refused = api.post("/v4/core/connections", {
        "company_id": company.ident, "integration_type": SANDBOX, "credentials": {"token": wrong}})
    assert refused.status == 400
    hook = api.post("/v4/core/webhooks", {
        "name": "told", "url": f"https://hooks.invalid/{SECRETS['a password in a body']}",
        "types": ["DATA_MODEL_CHANGES"], "headers": {"X-Team": SECRETS["a webhook's header"]}}).ok()["data"]
    api.post(f"/v4/core/webhooks/{hook['id']}/test", None).ok()
    app = {"client_id": "app", "client_secret": SECRETS["an app's secret"]}
    assert api.put(f"/v4/core/integrations/{SANDBOX}/app", app).status != 404
    api.post("/v4/core/passthrough", {"company_id": company.ident, "data": {
        "method": "POST", "path": "/orders", "headers": {"X-More": SECRETS["a webhook's header"]},
        "data": {"password": SECRETS["a password in a body"]}}})
    for fault in ("error=500", "html", "reset", "error=401"):
        company.shop.call("POST", "/control/faults", {"faults": f"{fault}@GET /v1/orders*3"})
        asked = api.post("/v3/core/syncs", {"company_id": company.ident, "integration_type": SANDBOX, "full_sync": True,
                                            "data_models_to_sync": ["ECOMMERCE_ORDERS"]})
        if asked.status == 200:
            loud.ended(asked.json["data"]["sync_id"])
    said = "\n".join(loud.running.lines)
    assert len(lines(loud)) > 30
    secrets = {**SECRETS, "the first key": KEY, "the second key": more["api_key"]}
    secrets["the signing secret"] = hook["signing_secret"].removeprefix("whsec_")
    assert [name for name, text in secrets.items() if text in said] == []
