"""Webhooks from end to end: a served installation, a real shop, a real receiver, and the libraries that verify."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import svix
from standardwebhooks import Webhook, WebhookVerificationError

from tests.cli.processes import until
from tests.end_to_end.client import Api
from tests.end_to_end.house import House, served
from tests.end_to_end.inbox import Received, Receiver, receiving

V3, V4, LOGS = "/v3/core/webhooks", "/v4/core/webhooks", "/v4/core/webhook_logs"
PASSWORD = "Bearer what-the-receiver-asks-for"
SETTINGS = {"ENTREPOT_ALLOW_PRIVATE_HOSTS": "127.0.0.1", "ENTREPOT_WEBHOOK_RETRY_SECONDS": "0.2,0.2"}


def verified(one: Received, secret: str) -> Any:
    """The body as both libraries read it."""
    body = Webhook(secret).verify(one.raw, one.headers)
    assert body == one.json
    svix.Webhook(secret).verify(one.raw, one.headers)  # raises when it is not right
    return body


def made(api: Api, fields: dict[str, Any]) -> dict[str, Any]:
    """A v4 webhook."""
    found: dict[str, Any] = api.post(V4, fields).ok()["data"]
    return found


def tell(house: House, receiver: Receiver) -> tuple[dict[str, Any], dict[str, Any]]:
    """A webhook of each version, and a shop that is connected and read after they were made."""
    old = house.api.post(V3, {"webhook": {
        "name": "old", "type": "DATA_MODEL_CHANGES", "operations": ["CREATE"], "data_models": ["ECOMMERCE_ORDERS"],
        "url": receiver.url("/old"), "headers": {"Authorization": PASSWORD}}}).ok()
    new = made(house.api, {
        "name": "new", "url": receiver.url("/new?token=1"), "data_models": ["ECOMMERCE_CUSTOMERS"],
        "types": ["DATA_MODEL_CHANGES", "CONNECTION_CHANGED", "SYNC_STARTED", "SYNC_COMPLETED"]})
    return old, new


def test_from_making_one_to_deleting_it(tmp_path: Path, database_url: str) -> None:
    home = tmp_path / "home"
    with receiving() as receiver, served(home, database_url, **SETTINGS) as house:
        old, new = tell(house, receiver)
        company = house.company(12)
        sync = house.sync(company)
        every = house.api.rows("/v3/ecommerce/orders", company_id=company.ident)
        receiver.wait_for("/new?token=1", lambda one: one.json["type"] == "SYNC_COMPLETED")
        until(lambda: len(receiver.at("/old")) >= len(every))
        _v3_bodies(receiver, old["secret"], every)
        _v4_bodies(receiver, new["signing_secret"], company.ident, sync["sync_id"])
        _failing(house.api, receiver)
        _tested(house.api, receiver, new)
        _turned_off_and_on(house, receiver, new)
        _rotated(house.api, receiver, new)
        for hook in (old, new):
            house.api.send("DELETE", f"{V4}/{hook['id']}").ok()
        assert house.api.get(V3)["data"] == []
        assert PASSWORD not in house.running.said
        assert new["signing_secret"].removeprefix("whsec_") not in house.running.said
    if database_url.startswith("sqlite"):
        stored = b"".join(one.read_bytes() for one in tmp_path.rglob("entrepot.*"))
        assert len(stored) > 100_000
        for secret in (PASSWORD, old["secret"].removeprefix("whsec_"), new["signing_secret"].removeprefix("whsec_")):
            assert secret.encode() not in stored


def _v3_bodies(receiver: Receiver, secret: str, orders: list[dict[str, Any]]) -> None:
    got = receiver.at("/old")
    assert {one.headers["authorization"] for one in got} == {PASSWORD}
    bodies = [verified(one, secret) for one in got]
    assert {body["type"] for body in bodies} == {"CREATE"}
    assert all(body["initial"] for body in bodies)
    assert {body["data"]["rootfi_id"] for body in bodies} == {order["rootfi_id"] for order in orders}
    assert {one.headers["webhook-id"] for one in got} == {body["id"] for body in bodies}
    by_id = {order["rootfi_id"]: order for order in orders}
    assert set(bodies[0]["data"]) == set(by_id[bodies[0]["data"]["rootfi_id"]])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(got[0].raw + b" ", got[0].headers)


def _v4_bodies(receiver: Receiver, secret: str, company: int, sync_id: str) -> None:
    bodies = [verified(one, secret) for one in receiver.at("/new?token=1")]
    kinds = [body["type"] for body in bodies]
    assert {"CONNECTION_CHANGED", "SYNC_STARTED", "SYNC_COMPLETED", "DATA_MODEL_CHANGES"} == set(kinds)
    assert {body["company_id"] for body in bodies} == {company}
    assert {body["data_model"] for body in bodies if "data_model" in body} == {"ECOMMERCE_CUSTOMERS"}
    ended = bodies[kinds.index("SYNC_COMPLETED")]
    assert (ended["data"]["sync_id"], ended["data"]["status"]) == (sync_id, "SUCCESS")


def _failing(api: Api, receiver: Receiver) -> None:
    """One that is never taken is given up, told of in the log, and delivered by a replay."""
    receiver.answers["/ill"] = 503
    hook = made(api, {"name": "ill", "url": receiver.url("/ill"), "types": ["SYNC_COMPLETED"]})
    ident = api.post(f"{V4}/{hook['id']}/test", {}).ok()["data"]["id"]
    until(lambda: api.get(f"{LOGS}/{ident}")["data"]["state"] == "FAILED")
    log = api.get(f"{LOGS}?state=FAILED&webhook_id={hook['id']}")["data"]
    assert [(one["id"], one["attempt_count"], one["latest_status_code"]) for one in log] == [(ident, 3, 503)]
    shown = api.get(f"{LOGS}/{ident}")["data"]
    assert [(one["number"], one["success"], one["status_code"], one["response"]) for one in shown["attempts"]] == [
        (number, False, 503, "later") for number in (1, 2, 3)]
    assert shown["payload"] == receiver.at("/ill")[0].json
    receiver.answers["/ill"] = 200
    assert api.post(f"{LOGS}/replay", {"webhook_id": hook["id"], "type": "TEST"}).ok()["data"]["replayed"] == 1
    until(lambda: api.get(f"{LOGS}/{ident}")["data"]["state"] == "DELIVERED")
    assert api.post(f"{LOGS}/{ident}/replay", {}).ok()["data"]["id"] == ident
    until(lambda: len(receiver.at("/ill")) == 5)
    assert {one.headers["webhook-id"] for one in receiver.at("/ill")} == {shown["event_id"]}
    assert len({one.raw for one in receiver.at("/ill")}) == 1
    api.send("DELETE", f"{V4}/{hook['id']}").ok()


def _tested(api: Api, receiver: Receiver, hook: dict[str, Any]) -> None:
    shown = api.post(f"{V4}/{hook['id']}/test?wait=true", {}).ok()["data"]
    assert (shown["type"], shown["state"], shown["attempts"][0]["status_code"]) == ("TEST", "DELIVERED", 204)
    verified(receiver.wait_for("/new?token=1", lambda one: one.json["type"] == "TEST"), hook["signing_secret"])


def _turned_off_and_on(house: House, receiver: Receiver, hook: dict[str, Any]) -> None:
    """What happens to records while it is disabled is told when it is enabled."""
    house.api.send("POST", f"{V4}/{hook['id']}/disable").ok()
    assert house.api.send("POST", f"{V4}/{hook['id']}/test").error()["code"] == "operation-denied"
    before = len(receiver.at("/new?token=1"))
    house.sync(house.company(3))
    time.sleep(1.5)
    assert len(receiver.at("/new?token=1")) == before
    house.api.send("POST", f"{V4}/{hook['id']}/enable").ok()
    until(lambda: any(one.json["type"] == "DATA_MODEL_CHANGES" for one in receiver.at("/new?token=1")[before:]))


def _rotated(api: Api, receiver: Receiver, hook: dict[str, Any]) -> None:
    fresh = api.post(f"{V4}/{hook['id']}/rotate_secret", {"overlap_hours": 1}).ok()["data"]["signing_secret"]
    ident = api.post(f"{V4}/{hook['id']}/test?wait=true", {}).ok()["data"]["event_id"]
    one = receiver.wait_for("/new?token=1", lambda one: one.headers["webhook-id"] == ident)
    verified(one, fresh)
    verified(one, hook["signing_secret"])
    final = api.post(f"{V4}/{hook['id']}/rotate_secret", {"overlap_hours": 0}).ok()["data"]["signing_secret"]
    ident = api.post(f"{V4}/{hook['id']}/test?wait=true", {}).ok()["data"]["event_id"]
    one = receiver.wait_for("/new?token=1", lambda one: one.headers["webhook-id"] == ident)
    verified(one, final)
    with pytest.raises(WebhookVerificationError):
        Webhook(fresh).verify(one.raw, one.headers)
