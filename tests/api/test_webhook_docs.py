"""What the documents say of webhooks is what webhooks are sent."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from entrepot.engine import announce, events
from entrepot.store import connections, syncs, webhook_endpoints
from entrepot.store.scope import SYSTEM
from tests.api.house import House, orders
from tests.api.test_webhooks import V3, V4, good

pytestmark = pytest.mark.anyio
EVENTS = {"DATA_MODEL_CHANGES": "dataModelChanges", "CONNECTION_CHANGED": "connectionChanged",
          "SYNC_STARTED": "syncStarted", "SYNC_COMPLETED": "syncCompleted",
          "WEBHOOK_TURNED_OFF": "webhookTurnedOff", "TEST": "test"}


async def everything(house: House, version: str) -> str:
    """Webhooks that are told all there is; an id of one of them."""
    fields: dict[str, Any] = {"name": "all", "url": "https://hooks.example.com/all"}
    if version == "v4":
        return str((await good(house, "POST", V4, {**fields, "types": [*EVENTS][:5]}))["data"]["id"])
    made = [await good(house, "POST", V3, {"webhook": {**fields, "type": kind, "operations": [], "data_models": []}})
            for kind in EVENTS if kind not in ("SYNC_STARTED", "WEBHOOK_TURNED_OFF", "TEST")]
    return str(made[0]["id"])


async def happen(house: House, hook: str) -> None:
    """One of each."""
    quiet = await good(house, "POST", V4, {"name": "quiet", "url": "https://hooks.example.com/quiet",
                                           "types": ["WEBHOOK_TURNED_OFF"]})
    with house.engine.store.write(SYSTEM) as session:
        endpoint = webhook_endpoints.get(session, quiet["data"]["rootfi_id"])
        assert endpoint is not None
        events.webhook_turned_off(session, endpoint, "PAUSED", "Nothing was delivered for days.")
        connection = connections.get(session, house.target.connection_id)
        assert connection is not None
        events.connection_changed(session, connection, "HEALTHY")
        sync = syncs.create(session, connection, ["ECOMMERCE_ORDERS"], full=True, sync_type="MANUAL")
        syncs.add_job(session, sync, 77, "order", "orders", "PULL")
        syncs.started(session, sync.id, 77)
        events.sync_started(session, sync.id)
        syncs.end_jobs(session, sync.id, 77, "FAILED", '{"code":"throttled","message":"wait"}')
        events.sync_completed(session, sync.id)
    house.put(orders(1))
    while await announce.go_round(house.engine):
        pass
    await good(house, "POST", f"{V4}/{hook}/test")


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_bodies_are_as_documented(empty_house: House, version: str) -> None:
    house = empty_house
    document = msgspec.json.decode((await house.call("GET", f"/openapi/{version}.json", headers={})).body)
    await happen(house, await everything(house, version))
    logs = (await good(house, "GET", "/v4/core/webhook_logs"))["data"]
    seen = set()
    for log in logs:
        name = EVENTS[log["type"]]
        answer = await house.call("GET", f"/v4/core/webhook_logs/{log['id']}")
        payload = msgspec.json.decode(answer.body)["data"]["payload"]
        item = document["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]
        schema = {**item["schema"], "additionalProperties": False, "components": document["components"]}
        assert [error.message for error in Draft202012Validator(schema).iter_errors(payload)] == [], payload
        assert payload["id"] == log["event_id"]
        seen.add(name)
    assert seen == set(document["webhooks"])
