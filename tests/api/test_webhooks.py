"""Webhooks of both versions: made, changed, enabled, rotated, deleted; what they refuse, hide and keep sealed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from entrepot.clock import now_ms
from entrepot.engine import webhook_headers
from entrepot.store import deliveries, keys, webhook_endpoints, webhook_secrets
from entrepot.store.deliveries import NewDelivery, Wanted
from entrepot.store.scope import SYSTEM
from entrepot.vault import api_keys
from tests.api.house import READ_ONLY, Answer, House

pytestmark = pytest.mark.anyio

V3, V4 = "/v3/core/webhooks", "/v4/core/webhooks"
PASSWORD = "Basic cGFzc3dvcmQtb2YtYS1yZWNlaXZlcg=="
FIELDS_V3 = {
    "name": "webhook 1", "type": "DATA_MODEL_CHANGES", "operations": ["CREATE"], "data_models": ["ACCOUNTS"],
    "url": "https://hooks.example.com/eec24873", "headers": {"Authorization": PASSWORD}}
FIELDS_V4 = {"name": "two", "url": "https://hooks.example.com/two", "types": ["SYNC_STARTED", "SYNC_COMPLETED"]}
KEYS_V3 = ["id", "name", "type", "operations", "data_models", "url", "headers", "created_at", "state"]
OWN = "whsec_" + base64.b64encode(bytes(range(32))).decode()


async def good(house: House, method: str, path: str, body: object = None, key: str = "", once: str = "") -> Any:
    """The JSON of a call that must work."""
    answer = await call(house, method, path, body, key, once)
    assert answer.status == 200, answer.body
    return answer.json()


async def call(house: House, method: str, path: str, body: object = None, key: str = "", once: str = "") -> Answer:
    """A call with another key than usual, or an Idempotency-Key."""
    headers = {"content-type": "application/json", "api_key": key or "a-key-for-tests"}
    return await house.call(method, path, body, headers={**headers, **({"idempotency-key": once} if once else {})})


def stranger(house: House, environment: str) -> str:
    """A key of another organisation, or of this one's test environment."""
    with house.engine.store.write(SYSTEM) as session:
        scope = keys.create_organisation(session, "Other")
        if environment == "test":
            rows = session.unscoped("SELECT id FROM environments WHERE organisation_id = ? AND name = 'test'",
                                    (house.scope.organisation_id,))
            scope = type(scope)(house.scope.organisation_id, rows[0][0])
        text = f"a-key-of-a-stranger-{environment}"
        keys.create(session, scope, text, api_keys.shown(text), api_keys.digest(text), ("read", "admin"))
    return text


async def test_the_v3_oddities(empty_house: House) -> None:
    house = empty_house
    assert await good(house, "GET", V3) == {"data": []}
    made = await good(house, "POST", V3, {"webhook": FIELDS_V3})
    assert list(made) == [*KEYS_V3, "secret"]
    assert {name: made[name] for name in FIELDS_V3} == FIELDS_V3
    assert len(made["id"]) == 20
    assert made["secret"].startswith("whsec_")
    shown = {name: made[name] for name in KEYS_V3}
    assert await good(house, "GET", V3) == {"data": [shown]}
    changed = await good(house, "PUT", f"{V3}/{made['id']}", {"name": " other ", "operations": []})
    assert changed == {"data": {**shown, "name": "other", "operations": []}}
    assert await good(house, "GET", V3) == changed | {"data": [changed["data"]]}
    assert await good(house, "DELETE", f"{V3}/{made['id']}") == {"status": "success"}
    assert await good(house, "GET", V3) == {"data": []}
    for method, body in (("PUT", {"name": "x"}), ("DELETE", None)):
        assert (await call(house, method, f"{V3}/{made['id']}", body)).status == 404


async def test_a_v4_webhook(empty_house: House) -> None:
    house = empty_house
    made = (await good(house, "POST", V4, {**FIELDS_V4, "company_ids": [house.company, house.company],
                                           "per_second": 5, "initial": False, "signing_secret": OWN}))["data"]
    assert made.pop("signing_secret") == OWN
    assert made["company_ids"] == [house.company]
    assert (made["version"], made["state"], made["per_second"], made["initial"]) == ("v4", "ENABLED", 5, False)
    for ident in (made["id"], made["rootfi_id"]):
        assert await good(house, "GET", f"{V4}/{ident}") == {"data": made}
    changed = (await good(house, "PUT", f"{V4}/{made['rootfi_id']}", {"per_second": None, "company_ids": []}))["data"]
    assert changed == {**made, "per_second": None, "company_ids": [], "updated_at": changed["updated_at"]}
    assert (await good(house, "PUT", f"{V4}/{made['id']}", {"name": "x"}))["data"]["initial"] is False
    assert await good(house, "DELETE", f"{V4}/{made['id']}") == {"status": "success"}
    assert (await call(house, "GET", f"{V4}/{made['id']}")).error()["code"] == "not-found"


async def test_pages(empty_house: House) -> None:
    house = empty_house
    for number in range(5):
        await good(house, "POST", V4, {**FIELDS_V4, "name": f"n{number}"})
    names, cursor = [], ""
    while cursor is not None:
        page = await good(house, "GET", f"{V4}?limit=2&next={cursor}")
        names += [one["name"] for one in page["data"]]
        cursor = page["next"]
    assert names == ["n0", "n1", "n2", "n3", "n4"]
    assert (await call(house, "GET", f"{V3}?limit=2")).error()["field"] == "limit"


async def test_each_version_shows_and_changes_the_others(empty_house: House) -> None:
    house = empty_house
    old = await good(house, "POST", V3, {"webhook": FIELDS_V3})
    new = (await good(house, "POST", V4, {**FIELDS_V4, "types": ["SYNC_STARTED"]}))["data"]
    listed = (await good(house, "GET", V4))["data"]
    assert [(one["id"], one["version"]) for one in listed] == [(old["id"], "v3"), (new["id"], "v4")]
    listed_v3 = (await good(house, "GET", V3))["data"]
    # v3 has room for one type, of the three that it knows.
    assert [one["type"] for one in listed_v3] == ["DATA_MODEL_CHANGES", "SYNC_COMPLETED"]
    changed = (await good(house, "PUT", f"{V4}/{old['id']}", {
        "types": ["SYNC_COMPLETED", "CONNECTION_CHANGED"], "per_second": 3}))["data"]
    assert (changed["version"], changed["per_second"]) == ("v3", 3)
    back = listed_v3[1]
    fields = {name: back[name] for name in ("name", "type", "url", "operations", "data_models", "headers")}
    await good(house, "PUT", f"{V3}/{new['id']}", fields)
    after = (await good(house, "GET", f"{V4}/{new['id']}"))["data"]
    assert (after["types"], after["version"]) == (["SYNC_STARTED"], "v4")
    error = (await call(house, "PUT", f"{V4}/{old['id']}", {"types": ["SYNC_STARTED"]})).error()
    assert error["field"] == "types"


@pytest.mark.parametrize(("fields", "code", "field"), [
    ({"name": None}, "missing-params", "name"),
    ({"name": "  "}, "invalid-params", "name"),
    ({"name": "x" * 501}, "invalid-params", "name"),
    ({"url": None}, "missing-params", "url"),
    ({"url": "ftp://example.com/x"}, "invalid-params", "url"),
    ({"url": "hooks.example.com"}, "invalid-params", "url"),
    ({"url": "https:///x"}, "invalid-params", "url"),
    ({"url": "https://"}, "invalid-params", "url"),
    ({"url": "https://user:word@example.com/"}, "invalid-params", "url"),
    ({"url": "https://@example.com/"}, "invalid-params", "url"),
    ({"url": "https://example.com:99999/"}, "invalid-params", "url"),
    ({"url": "https://exa mple.com/"}, "invalid-params", "url"),
    ({"url": "https://example.com/#part"}, "invalid-params", "url"),
    ({"url": "https://bücher.example/"}, "invalid-params", "url"),
    ({"url": "https://[::1"}, "invalid-params", "url"),
    ({"url": "https://example.com/" + "x" * 2000}, "invalid-params", "url"),
    ({"url": "http://127.0.0.1/x"}, "invalid-params", "url"),
    ({"url": "http://127.1/x"}, "invalid-params", "url"),
    ({"url": "http://0x7f000001/x"}, "invalid-params", "url"),
    ({"url": "http://2130706433/"}, "invalid-params", "url"),
    ({"url": "http://[::ffff:10.0.0.1]/"}, "invalid-params", "url"),
    ({"url": "http://169.254.169.254/latest"}, "invalid-params", "url"),
    ({"url": "http://localhost:9000/"}, "invalid-params", "url"),
    ({"url": "http://a.localhost./"}, "invalid-params", "url"),
    ({"operations": ["READ"]}, "invalid-params", "operations"),
    ({"data_models": ["ORDERS"]}, "invalid-params", "data_models"),
    ({"headers": {"bad name": "x"}}, "invalid-params", "headers"),
    ({"headers": {"": "x"}}, "invalid-params", "headers"),
    ({"headers": {"webhook-id": "x"}}, "invalid-params", "headers.webhook-id"),
    ({"headers": {"Content-Type": "x"}}, "invalid-params", "headers.Content-Type"),
    ({"headers": {"Host": "x"}}, "invalid-params", "headers.Host"),
    ({"headers": {"X-A": "a\r\nb: c"}}, "invalid-params", "headers.X-A"),
    ({"headers": {"X-A": "é"}}, "invalid-params", "headers.X-A"),
    ({"headers": {"X-A": "1", "x-a": "2"}}, "invalid-params", "headers.x-a"),
    ({"headers": {"X-A": "***"}}, "invalid-params", "headers.X-A"),
    ({"headers": {f"X-{number}": "1" for number in range(51)}}, "invalid-params", "headers"),
    ({"headers": {"X-A": None}}, "invalid-params", "headers"),
    ({"state": "PAUSED"}, "invalid-params", "state"),
    ({"colour": "red"}, "invalid-params", "colour"),
])
async def test_what_is_refused(house: House, fields: dict[str, object], code: str, field: str) -> None:
    body = {name: value for name, value in {**FIELDS_V4, **fields}.items() if value is not None}
    error = (await house.call("POST", V4, body)).error()
    assert (error["code"], error["field"]) == (code, field), error
    assert field in error["message"]
    old = {name: value for name, value in {**FIELDS_V3, **fields}.items() if value is not None}
    error = (await house.call("POST", V3, {"webhook": old})).error()
    assert (error["code"], error["field"]) == (code, f"webhook.{field}"), error
    assert f"webhook.{field}" in error["message"]
    assert (await good(house, "GET", V3))["data"] == []


@pytest.mark.parametrize(("fields", "field"), [
    ({"types": []}, "types"), ({"types": ["INTEGRATION"]}, "types"), ({"types": "SYNC_STARTED"}, "types"),
    ({"company_ids": [99_999_999]}, "company_ids"), ({"company_ids": [-1]}, "company_ids"),
    ({"company_ids": [2**70]}, "company_ids"), ({"company_ids": [1] * 1001 + [*range(1001)]}, "company_ids"),
    ({"integration_types": ["my shop"]}, "integration_types"), ({"per_second": 0}, "per_second"),
    ({"per_second": 1001}, "per_second"), ({"per_second": 1.5}, "per_second"),
    ({"signing_secret": "secret"}, "signing_secret"), ({"signing_secret": "whsec_c2hvcnQ="}, "signing_secret"),
    ({"signing_secret": OWN.removeprefix("whsec_")}, "signing_secret"),
    ({"signing_secret": "whsec_é"}, "signing_secret"),
])
async def test_what_v4_refuses(house: House, fields: dict[str, object], field: str) -> None:
    error = (await house.call("POST", V4, {**FIELDS_V4, **fields})).error()
    assert (error["code"], error["field"]) == ("invalid-params", field), error


@pytest.mark.parametrize(("body", "code", "field"), [
    (FIELDS_V3, "invalid-params", "name"),
    ({}, "missing-params", "webhook"),
    ({"webhook": {**FIELDS_V3, "type": "SYNC_STARTED"}}, "invalid-params", "webhook.type"),
    ({"webhook": {"name": "x", "url": "https://example.com"}}, "missing-params", "webhook.type"),
])
async def test_v3_is_wrapped_and_typed(house: House, body: dict[str, object], code: str, field: str) -> None:
    error = (await house.call("POST", V3, body)).error()
    assert (error["code"], error["field"]) == (code, field)


async def test_a_private_address_says_what_to_set(house: House) -> None:
    error = (await house.call("POST", V4, {**FIELDS_V4, "url": "http://10.1.2.3/x"})).error()
    assert "ENTREPOT_ALLOW_PRIVATE_HOSTS=10.1.2.3" in error["message"]


async def test_headers_are_for_admins(empty_house: House) -> None:
    house = empty_house
    made = await good(house, "POST", V3, {"webhook": {**FIELDS_V3, "headers": {
        "Authorization": PASSWORD, "X-Number": 5, "X-Flag": True}}})
    whole = {"Authorization": PASSWORD, "X-Number": "5", "X-Flag": "true"}
    hidden = dict.fromkeys(whole, "***")
    assert made["headers"] == whole
    for path in (V3, V4):
        assert (await good(house, "GET", path))["data"][0]["headers"] == whole
        assert (await good(house, "GET", path, key=READ_ONLY))["data"][0]["headers"] == hidden
    assert (await good(house, "GET", f"{V4}/{made['id']}", key=READ_ONLY))["data"]["headers"] == hidden
    # What was hidden may be sent back, and stays as it was.
    changed = await good(house, "PUT", f"{V3}/{made['id']}", {"headers": {"Authorization": "***", "X-New": "1"}})
    assert changed["data"]["headers"] == {"Authorization": PASSWORD, "X-New": "1"}
    with house.engine.store.read(house.scope) as session:
        row = webhook_endpoints.by_public_id(session, made["id"])
        assert row is not None
    assert webhook_headers.opened(house.engine, row) == {"Authorization": PASSWORD, "X-New": "1"}


@pytest.mark.parametrize("environment", ["live", "test"])
async def test_nobody_else_sees_or_touches_it(empty_house: House, environment: str) -> None:
    house = empty_house
    other = stranger(house, environment)
    made = (await good(house, "POST", V4, FIELDS_V4))["data"]
    delivery = deliver(house, made["rootfi_id"])[0]
    assert (await good(house, "GET", V3, key=other))["data"] == []
    assert (await good(house, "GET", V4, key=other))["data"] == []
    assert (await good(house, "GET", "/v4/core/webhook_logs", key=other))["data"] == []
    for ident in (made["id"], made["rootfi_id"]):
        for method, path, body in (
            ("GET", f"{V4}/{ident}", None), ("PUT", f"{V4}/{ident}", {"name": "x"}), ("DELETE", f"{V4}/{ident}", None),
            ("PUT", f"{V3}/{ident}", {"name": "x"}), ("DELETE", f"{V3}/{ident}", None),
            ("POST", f"{V4}/{ident}/enable", None), ("POST", f"{V4}/{ident}/disable", None),
            ("POST", f"{V4}/{ident}/rotate_secret", {}), ("POST", f"{V4}/{ident}/test", None),
            ("GET", f"/v4/core/webhook_logs?webhook_id={ident}", None),
            ("POST", "/v4/core/webhook_logs/replay", {"webhook_id": ident}),
        ):
            answer = await call(house, method, path, body, key=other)
            assert (answer.status, answer.error()["code"]) == (404, "not-found"), (method, path)
    for method, path in (("GET", f"/v4/core/webhook_logs/{delivery}"),
                         ("POST", f"/v4/core/webhook_logs/{delivery}/replay")):
        assert (await call(house, method, path, key=other)).status == 404
    error = (await call(house, "POST", V4, {**FIELDS_V4, "company_ids": [house.company]}, key=other)).error()
    assert error["field"] == "company_ids"
    assert (await good(house, "GET", f"{V4}/{made['id']}"))["data"]["name"] == "two"


async def test_reading_keys_only_read(empty_house: House) -> None:
    house = empty_house
    made = (await good(house, "POST", V4, FIELDS_V4))["data"]
    delivery = deliver(house, made["rootfi_id"])[0]
    one = f"{V4}/{made['id']}"
    for method, path, body in (
        ("POST", V3, {"webhook": FIELDS_V3}), ("PUT", f"{V3}/{made['id']}", {}), ("DELETE", f"{V3}/{made['id']}", None),
        ("POST", V4, FIELDS_V4), ("PUT", one, {}), ("DELETE", one, None), ("POST", f"{one}/enable", None),
        ("POST", f"{one}/disable", None), ("POST", f"{one}/rotate_secret", {}), ("POST", f"{one}/test", None),
        ("POST", f"/v4/core/webhook_logs/{delivery}/replay", None),
        ("POST", "/v4/core/webhook_logs/replay", {"webhook_id": made["id"]}),
    ):
        assert (await call(house, method, path, body, key=READ_ONLY)).status == 403, (method, path)
    for path in (V3, V4, one, "/v4/core/webhook_logs", f"/v4/core/webhook_logs/{delivery}"):
        await good(house, "GET", path, key=READ_ONLY)


async def test_states(empty_house: House) -> None:
    house = empty_house
    made = (await good(house, "POST", V4, FIELDS_V4))["data"]
    one = f"{V4}/{made['id']}"
    assert (await good(house, "POST", f"{one}/disable"))["data"]["state"] == "DISABLED"
    assert (await good(house, "PUT", one, {"state": "ENABLED"}))["data"]["state"] == "ENABLED"
    with house.engine.store.write(house.scope) as session:
        webhook_endpoints.change(session, made["rootfi_id"], {
            "state": "PAUSED", "state_reason": "72 hours of failures", "failing_since": 1_705_900_051_465})
    shown = (await good(house, "GET", one))["data"]
    assert (shown["state"], shown["state_reason"], shown["failing_since"]) == (
        "PAUSED", "72 hours of failures", "2024-01-22T05:07:31.465Z")
    assert (await good(house, "GET", V3))["data"][0]["state"] == "PAUSED"
    with house.engine.store.write(SYSTEM) as session:
        session.unscoped("UPDATE companies SET unannounced = FALSE, seq = 7")
    shown = (await good(house, "POST", f"{one}/enable"))["data"]
    assert (shown["state"], shown["state_reason"], shown["failing_since"]) == ("ENABLED", None, None)
    with house.engine.store.read(SYSTEM) as session:
        # What it missed is looked at.
        assert session.unscoped("SELECT id FROM companies WHERE unannounced") == [(house.company,)]


async def test_it_hears_of_changes_from_when_it_asks_for_them(empty_house: House) -> None:
    house = empty_house

    def place(ident: int, seq: int) -> int:
        with house.engine.store.write(SYSTEM) as session:
            session.unscoped("UPDATE companies SET seq = ?", (seq,))
            rows = session.unscoped("SELECT seq FROM webhook_cursors WHERE endpoint_id = ? AND company_id = ?",
                                    (ident, house.company))
            return int(rows[0][0]) if rows else 0

    place(0, 10)
    made = (await good(house, "POST", V4, {**FIELDS_V4, "types": ["DATA_MODEL_CHANGES"]}))["data"]
    ident = made["rootfi_id"]
    assert place(ident, 20) == 10
    await good(house, "PUT", f"{V4}/{ident}", {"data_models": ["ECOMMERCE_ORDERS"]})
    assert place(ident, 30) == 10
    await good(house, "PUT", f"{V4}/{ident}", {"types": ["SYNC_COMPLETED"]})
    await good(house, "PUT", f"{V4}/{ident}", {"types": ["SYNC_COMPLETED", "DATA_MODEL_CHANGES"]})
    assert place(ident, 40) == 30


async def test_rotation(empty_house: House) -> None:
    house = empty_house
    made = (await good(house, "POST", V4, FIELDS_V4))["data"]
    one = f"{V4}/{made['id']}"
    assert made["old_secret_signs_until"] is None
    second = (await good(house, "POST", f"{one}/rotate_secret"))["data"]
    assert second["old_secret_signs_until"] is not None
    assert secrets_of(house, made["rootfi_id"], 0) == [second["signing_secret"], made["signing_secret"]]
    assert secrets_of(house, made["rootfi_id"], 25) == [second["signing_secret"]]
    third = (await good(house, "POST", f"{one}/rotate_secret", {"overlap_hours": 0, "signing_secret": OWN}))["data"]
    assert (third["signing_secret"], third["old_secret_signs_until"]) == (OWN, None)
    assert secrets_of(house, made["rootfi_id"], 0) == [OWN]
    assert "signing_secret" not in (await good(house, "GET", one))["data"]
    for body in ({"overlap_hours": -1}, {"overlap_hours": 721}, {"overlap_hours": "1"}):
        assert (await call(house, "POST", f"{one}/rotate_secret", body)).error()["field"] == "overlap_hours"


def secrets_of(house: House, ident: int, hours: int) -> list[str]:
    """What signs so many hours from now."""
    with house.engine.store.read(SYSTEM) as session:
        found = webhook_secrets.usable(session, ident, now_ms() + 1 + hours * 3_600_000)
    return [house.engine.vault.open(one.sealed, table=webhook_secrets.TABLE, row=one.id).decode() for one in found]


async def test_a_secret_is_shown_once_even_to_a_repeat(empty_house: House) -> None:
    house = empty_house
    first = await good(house, "POST", V3, {"webhook": FIELDS_V3}, once="k1")
    again = await good(house, "POST", V3, {"webhook": FIELDS_V3}, once="k1")
    assert again == {**{name: first[name] for name in KEYS_V3}, "headers": {"Authorization": "***"}}
    path = f"{V4}/{first['id']}/rotate_secret"
    made = (await good(house, "POST", path, {"overlap_hours": 1}, once="k2"))["data"]
    again = (await good(house, "POST", path, {"overlap_hours": 1}, once="k2"))["data"]
    assert made.pop("signing_secret").startswith("whsec_")
    assert again == {**made, "headers": {"Authorization": "***"}}
    assert len((await good(house, "GET", V3))["data"]) == 1
    await good(house, "DELETE", f"{V4}/{first['id']}", once="k3")
    assert await good(house, "DELETE", f"{V4}/{first['id']}", once="k3") == {"status": "success"}


async def test_no_secret_lies_in_the_database(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    made = await good(house, "POST", V3, {"webhook": FIELDS_V3}, once="k1")
    other = (await good(house, "POST", V4, {**FIELDS_V4, "headers": {"api_key": "another-password"},
                                            "signing_secret": OWN}, once="k2"))["data"]
    rotated = (await good(house, "POST", f"{V4}/{other['id']}/rotate_secret", once="k3"))["data"]
    await call(house, "POST", V4, {**FIELDS_V4, "headers": {"X": PASSWORD + "\n"}}, once="k4")
    with house.engine.store.write(SYSTEM) as session:
        file = Path(session.unscoped("PRAGMA database_list")[0][2])
    stored = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    said = "".join(capfd.readouterr()).encode()
    assert made["id"].encode() in stored
    for secret in (PASSWORD, "another-password", made["secret"], OWN, rotated["signing_secret"]):
        for form in (secret, secret.removeprefix("whsec_").rstrip("=")):
            assert form.encode() not in stored
            assert form.encode() not in said
    for ident in (made["id"], other["id"]):
        await good(house, "DELETE", f"{V4}/{ident}")
    with house.engine.store.read(SYSTEM) as session:
        assert session.unscoped("SELECT COUNT(*) FROM webhook_secrets")[0][0] == 0


async def test_deleting_gives_up_what_waits(empty_house: House) -> None:
    house = empty_house
    made = (await good(house, "POST", V4, FIELDS_V4))["data"]
    delivery = deliver(house, made["rootfi_id"])[0]
    await good(house, "DELETE", f"{V4}/{made['id']}")
    shown = (await good(house, "GET", f"/v4/core/webhook_logs/{delivery}"))["data"]
    assert (shown["state"], shown["webhook_id"], shown["webhook_name"]) == ("FAILED", made["id"], "two")
    with house.engine.store.read(house.scope) as session:
        assert deliveries.listed(session, Wanted(states=["PENDING"]), after=None, before=None, limit=5) == []
    error = (await call(house, "POST", f"/v4/core/webhook_logs/{delivery}/replay")).error()
    assert (error["code"], "deleted" in error["message"]) == ("operation-denied", True)


def deliver(house: House, endpoint: int, number: int = 1) -> list[str]:
    """Deliveries that wait."""
    with house.engine.store.write(SYSTEM) as session:
        return deliveries.add(session, [
            NewDelivery(scope=house.scope, endpoint_id=endpoint, event_id=f"evt_{endpoint}_{index}",
                        type="SYNC_COMPLETED", body=b'{"id":1}', company_id=house.company) for index in range(number)])
