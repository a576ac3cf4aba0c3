"""The log of deliveries: filters, pages, detail, replay of one and of many, test events."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from entrepot.clock import now_ms
from entrepot.store import deliveries as store
from entrepot.store.deliveries import NewDelivery
from entrepot.store.hook_tables import deliveries, delivery_attempts
from entrepot.store.scope import SYSTEM
from tests.api.house import House
from tests.api.test_webhooks import FIELDS_V4, V4, call, good

pytestmark = pytest.mark.anyio
LOGS = "/v4/core/webhook_logs"
DAY_MS = 86_400_000
SHOWN = ["id", "event_id", "webhook_id", "webhook_name", "webhook_url", "state", "type", "company_id", "connection_id",
         "integration_type", "data_model", "sync_id", "sequence", "latest_status_code", "attempt_count",
         "next_attempt_at", "created_at", "updated_at", "ended_at"]


async def webhook(house: House) -> Any:
    """A webhook of v4."""
    return (await good(house, "POST", V4, FIELDS_V4))["data"]


def fill(house: House, endpoint: int, number: int, first: int = 0, **more: Any) -> list[str]:
    """Deliveries of changed orders."""
    given = {"type": "DATA_MODEL_CHANGES", "data_model": "ECOMMERCE_ORDERS", "company_id": house.company, **more}
    with house.engine.store.write(SYSTEM) as session:
        return store.add(session, [
            NewDelivery(scope=house.scope, endpoint_id=endpoint, event_id=f"evt_{endpoint}_{index}", sequence=index,
                        body=b'{"id":"evt_%d","amount":12.50}' % index, record=f"order:{index}", **given)
            for index in range(first, first + number)])


def ended(house: House, idents: list[str], state: str = "FAILED", **more: Any) -> None:
    """They came to an end."""
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(deliveries).where(deliveries.c.delivery_id.in_(idents)).values(
            state=state, attempts=12, attempts_ever=12, last_status=503, ended_at=now_ms(), **more))


async def ids(house: House, query: str) -> list[str]:
    """The ids of all pages, three a page."""
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await good(house, "GET", f"{LOGS}?limit=3&next={cursor}&{query}")
        found += [one["id"] for one in page["data"]]
        cursor = page["next"]
    return found


async def test_pages_and_filters(empty_house: House) -> None:
    house = empty_house
    first, second = await webhook(house), await webhook(house)
    a = fill(house, first["rootfi_id"], 5)
    b = fill(house, second["rootfi_id"], 2, type="SYNC_COMPLETED", data_model=None, sync_id="9f2c4b7a1d3e5f60")
    ended(house, a[:2])
    ended(house, a[2:3], "DELIVERED")
    newest = [*b[::-1], *a[::-1]]
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(deliveries).where(deliveries.c.delivery_id == a[0]).values(created_at=1_705_900_051_465))
    for query, found in (
        ("", newest), ("state=FAILED", a[1::-1]), ("state=FAILED,DELIVERED", a[2::-1]),
        ("state=PENDING", [*b[::-1], *a[:2:-1]]), (f"webhook_id={first['id']}", a[::-1]),
        (f"webhook_id={second['rootfi_id']}", b[::-1]), ("type=SYNC_COMPLETED,TEST", b[::-1]),
        (f"company_id={house.company}", newest), ("company_id=1", []), ("data_model=ECOMMERCE_ORDERS", a[::-1]),
        ("sync_id=9f2c4b7a1d3e5f60", b[::-1]), ("from=2024-01-22T05:07:31.466Z", newest[:-1]),
        ("to=2024-01-22T05:07:31.466Z", a[:1]), ("to=2024-01-22T05:07:31.465Z", []),
        ("from=2024-01-22T05:07:31.465Z&to=2024-01-23", a[:1]),
    ):
        assert await ids(house, query) == found, query
    one = (await good(house, "GET", f"{LOGS}?state=FAILED"))["data"][0]
    assert list(one) == SHOWN
    assert (one["webhook_id"], one["webhook_name"], one["webhook_url"]) == (first["id"], "two", first["url"])
    assert (one["latest_status_code"], one["attempt_count"], one["next_attempt_at"]) == (503, 12, None)
    waiting = (await good(house, "GET", f"{LOGS}?state=PENDING"))["data"][0]
    assert (waiting["next_attempt_at"], waiting["ended_at"]) == (waiting["created_at"], None)


@pytest.mark.parametrize(("query", "field"), [
    ("state=LOST", "state"), ("type=INTEGRATION", "type"), ("company_id=x", "company_id"),
    ("company_id=99999999999999999999", "company_id"), ("data_model=ORDERS", "data_model"), ("from=yesterday", "from"),
    ("to=2024-13-01", "to"), ("limit=0", "limit"), ("next=zzz", "next"), ("event=x", "event"),
    ("sync_id=%00", "sync_id"),
])
async def test_what_a_query_may_not_be(house: House, query: str, field: str) -> None:
    error = (await house.call("GET", f"{LOGS}?{query}")).error()
    assert (error["code"], error["field"]) == ("invalid-params", field)


async def test_one_with_its_attempts(empty_house: House) -> None:
    house = empty_house
    hook = await webhook(house)
    ident = fill(house, hook["rootfi_id"], 1)[0]
    with house.engine.store.write(SYSTEM) as session:
        found = store.get(session, ident)
        assert found is not None
        for number, status in ((1, None), (2, 204)):
            session.execute(delivery_attempts.insert().values(
                delivery=found.id, number=number, success=status is not None, status=status, answer="ok",
                error=None if status else "refused", took_ms=12, at=1_705_900_051_465))
    answer = await call(house, "GET", f"{LOGS}/{ident}")
    shown = answer.json()["data"]
    assert list(shown) == [*SHOWN, "payload", "attempts"]
    assert b'"payload":{"id":"evt_0","amount":12.50}' in answer.body  # the frozen body, to the letter
    assert shown["attempts"] == [
        {"number": 1, "success": False, "status_code": None, "error": "refused", "response": "ok", "took_ms": 12,
         "at": "2024-01-22T05:07:31.465Z"},
        {"number": 2, "success": True, "status_code": 204, "error": None, "response": "ok", "took_ms": 12,
         "at": "2024-01-22T05:07:31.465Z"}]
    for wrong in ("none", "x" * 300, ident[:-1], "%00", "%00" * 36):
        assert (await call(house, "GET", f"{LOGS}/{wrong}")).status == 404
    assert (await call(house, "GET", f"{LOGS}?webhook_id={'%00' * 20}")).status == 400


async def test_one_is_sent_again(empty_house: House) -> None:
    house = empty_house
    hook = await webhook(house)
    a, old = fill(house, hook["rootfi_id"], 2)
    ended(house, [a], "DELIVERED")
    ended(house, [old], created_at=now_ms() - 31 * DAY_MS)
    shown = (await good(house, "POST", f"{LOGS}/{a}/replay", once="k"))["data"]
    assert (shown["id"], shown["event_id"], shown["state"], shown["ended_at"]) == (
        a, f"evt_{hook['rootfi_id']}_0", "PENDING", None)
    ended(house, [a], "DELIVERED")
    await good(house, "POST", f"{LOGS}/{a}/replay", once="k")
    assert (await good(house, "GET", f"{LOGS}/{a}"))["data"]["state"] == "DELIVERED"
    error = (await call(house, "POST", f"{LOGS}/{old}/replay")).error()
    assert (error["code"], "30 days" in error["message"]) == ("operation-denied", True)
    await good(house, "POST", f"{V4}/{hook['id']}/disable")
    for path, body in ((f"{LOGS}/{a}/replay", None), (f"{LOGS}/replay", {"webhook_id": hook["id"]}),
                       (f"{V4}/{hook['id']}/test", None)):
        error = (await call(house, "POST", path, body)).error()
        assert (error["code"], f"POST {V4}/{hook['id']}/enable" in error["message"]) == ("operation-denied", True)
    assert (await call(house, "POST", f"{LOGS}/none/replay")).status == 404


async def test_many_are_sent_again(empty_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = empty_house
    hook, other = await webhook(house), await webhook(house)
    a = fill(house, hook["rootfi_id"], 9)
    ended(house, [*a[:7], *fill(house, other["rootfi_id"], 1)])
    ended(house, a[7:8], "DELIVERED")
    ended(house, a[6:7], data_model="ECOMMERCE_PRODUCTS")
    ended(house, a[:1], created_at=now_ms() - 31 * DAY_MS)
    for body, number in (
        ({"company_id": 1}, 0), ({"type": "SYNC_COMPLETED"}, 0), ({"from": "2999-01-01"}, 0), ({"to": "2020-01-01"}, 0),
        ({"data_model": "ECOMMERCE_PRODUCTS"}, 1), ({"state": "DELIVERED", "type": "DATA_MODEL_CHANGES"}, 1),
    ):
        answer = await good(house, "POST", f"{LOGS}/replay", {"webhook_id": hook["id"], **body})
        assert answer == {"data": {"replayed": number, "next": None}}, body
    monkeypatch.setattr("entrepot.api.core.webhook_logs.MOST_REPLAYED", 2)
    monkeypatch.setattr(store.replay_many, "__defaults__", (2,))
    counts, cursor = [], None
    while not counts or cursor:
        answer = await good(house, "POST", f"{LOGS}/replay", {"webhook_id": hook["rootfi_id"], "next": cursor})
        counts, cursor = [*counts, answer["data"]["replayed"]], answer["data"]["next"]
    assert counts == [2, 2, 1]
    assert await ids(house, "state=PENDING") == a[:0:-1]
    assert len(await ids(house, "state=FAILED")) == 2  # another webhook's, and the one that is too old


@pytest.mark.parametrize(("body", "code", "field"), [
    ({}, "missing-params", "webhook_id"), ({"webhook_id": "none"}, "not-found", None),
    ({"webhook_id": "", "state": "PENDING"}, "invalid-params", "state"),
    ({"webhook_id": 1, "from": "x"}, "invalid-params", "from"),
    ({"webhook_id": 1, "type": "X"}, "invalid-params", "type"),
    ({"webhook_id": 1, "company_id": 2**70}, "invalid-params", "company_id"),
    ({"webhook_id": 1, "next": "x"}, "invalid-params", "next"),
    ({"webhook_id": 2**70}, "not-found", None),
])
async def test_what_a_replay_may_not_be(house: House, body: dict[str, object], code: str, field: str | None) -> None:
    error = (await house.call("POST", f"{LOGS}/replay", body)).error()
    assert (error["code"], error["field"]) == (code, field)


async def test_a_test_event(empty_house: House) -> None:
    house = empty_house
    hook = await webhook(house)
    shown = (await good(house, "POST", f"{V4}/{hook['id']}/test"))["data"]
    assert (shown["type"], shown["state"], shown["company_id"], shown["attempts"]) == ("TEST", "PENDING", None, [])
    assert shown["payload"]["type"] == "TEST"
    assert await ids(house, "type=TEST") == [shown["id"]]
    error = (await call(house, "POST", f"{V4}/{hook['id']}/test?wait=maybe")).error()
    assert error["field"] == "wait"
