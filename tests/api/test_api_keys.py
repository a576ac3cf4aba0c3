"""Keys over the API: told once, never more than their maker has, rotated without a gap, shut at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from entrepot import clock
from entrepot.engine import issue
from entrepot.errors import ApiError
from entrepot.store import keys
from entrepot.store.scope import SYSTEM
from tests.api.house import KEY, READ_ONLY, Answer, House

pytestmark = pytest.mark.anyio
KEYS = "/v4/core/api_keys"
ORDERS = "/v4/ecommerce/orders?limit=1"


async def make(house: House, by: str = KEY, **body: object) -> dict[str, Any]:
    """A key that must be made."""
    answer = await ask(house, "POST", KEYS, {"name": "made", "scopes": ["read"], **body}, by)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()["data"]
    return found


async def ask(
    house: House, method: str, path: str, body: object = None, by: str = KEY, once: str | None = None,
) -> Answer:
    """A call with a key, and an Idempotency-Key where one is given."""
    headers = {"api_key": by, "content-type": "application/json"}
    return await house.call(method, path, body, headers=headers | ({} if once is None else {"idempotency-key": once}))


def later(**ahead: float) -> str:
    """A time to come, as the API writes it."""
    return clock.text(clock.now() + timedelta(**ahead))


async def test_a_key_is_told_once_and_opens_what_it_may(empty_house: House) -> None:
    house = empty_house
    made = await make(house, name=" billing ", scopes=["write", "read"], per_minute=50, expires_at=later(days=3))
    text = made.pop("api_key")
    assert text.startswith("ent_live_")
    assert text.startswith(made["begins_with"])
    assert (made["name"], made["environment"], made["scopes"]) == ("billing", "live", ["read", "write"])
    assert (made["per_minute"], made["burst"], made["revoked_at"], made["rotated_from"]) == (50, None, None, None)
    assert (await ask(house, "GET", ORDERS, by=text)).headers["x-ratelimit-limit"] == "50"
    assert (await ask(house, "GET", KEYS, by=text)).status == 403
    one = await ask(house, "GET", f"{KEYS}/{made['rootfi_id']}")
    shown = one.json()["data"]
    assert shown.pop("last_used_at") is not None
    assert shown == {name: value for name, value in made.items() if name != "last_used_at"}
    listed = await ask(house, "GET", KEYS)
    assert text.encode() not in one.body + listed.body
    assert [row["name"] for row in listed.json()["data"]] == [KEY, READ_ONLY, "billing"]


async def test_a_list_goes_on_where_it_ended(empty_house: House) -> None:
    for _ in range(3):
        await make(empty_house)
    found, cursor = [], ""
    while True:
        page = (await ask(empty_house, "GET", f"{KEYS}?limit=2{cursor}")).json()
        found += [row["rootfi_id"] for row in page["data"]]
        if page["next"] is None:
            break
        cursor = f"&next={page['next']}"
    assert len(found) == 5
    assert found == sorted(set(found))


async def test_a_revoked_key_is_shut_at_once(empty_house: House) -> None:
    house = empty_house
    made = await make(house)
    assert (await ask(house, "GET", ORDERS, by=made["api_key"])).status == 200  # and remembered for a moment
    gone = await ask(house, "DELETE", f"{KEYS}/{made['rootfi_id']}")
    assert (gone.status, gone.json()["data"]["revoked_at"] is not None) == (200, True)
    assert (await ask(house, "GET", ORDERS, by=made["api_key"])).status == 401
    again = await ask(house, "DELETE", f"{KEYS}/{made['rootfi_id']}")
    assert again.json() == gone.json()
    assert (await ask(house, "GET", ORDERS)).status == 200


async def test_an_expired_key_is_shut(empty_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await make(empty_house, expires_at=later(milliseconds=400))
    assert (await ask(empty_house, "GET", ORDERS, by=made["api_key"])).status == 200
    end = clock.now_ms() + 400
    while clock.now_ms() < end:
        pass
    # Sooner than what is remembered of a key would be forgotten.
    assert (await ask(empty_house, "GET", ORDERS, by=made["api_key"])).status == 401


@pytest.mark.parametrize(("body", "field"), [
    ({"scopes": ["read"]}, "name"), ({"name": "x"}, "scopes"), ({"name": " ", "scopes": ["read"]}, "name"),
    ({"name": "x" * 201, "scopes": ["read"]}, "name"), ({"name": "x", "scopes": []}, "scopes"),
    ({"name": "x", "scopes": ["all"]}, "scopes"), ({"name": "x", "scopes": "read"}, "scopes"),
    ({"name": "x", "scopes": ["read"], "expires_at": "2024-01-01T00:00:00Z"}, "expires_at"),
    ({"name": "x", "scopes": ["read"], "expires_at": "2999-01-01T00:00:00"}, "expires_at"),
    ({"name": "x", "scopes": ["read"], "expires_at": "soon"}, "expires_at"),
    ({"name": "x", "scopes": ["read"], "per_minute": 0}, "per_minute"),
    ({"name": "x", "scopes": ["read"], "burst": 5}, "per_minute"),
    ({"name": "x", "scopes": ["read"], "environment": "test"}, "environment"),
    ({"name": "x", "scopes": ["read"], "organisation_id": 1}, "organisation_id"),
])
async def test_what_cannot_be_a_key_is_refused(house: House, body: dict[str, object], field: str) -> None:
    answer = await ask(house, "POST", KEYS, body)
    assert (answer.status, answer.error()["field"]) == (400, field)


@pytest.mark.parametrize("ident", ["0", "999999", "x", "9" * 40, "-1", "ent_live_4fR9x2"])
async def test_a_key_that_is_not_there(house: House, ident: str) -> None:
    for method, path in (("GET", ident), ("DELETE", ident), ("POST", f"{ident}/rotate")):
        answer = await ask(house, method, f"{KEYS}/{path}")
        assert (answer.status, answer.error()["code"]) == (404, "not-found")
        assert b"ent_live" not in answer.body


async def refused(house: House, by: str, **body: object) -> str | None:
    """The field for which a key is not given."""
    answer = await ask(house, "POST", KEYS, {"name": "x", "scopes": ["read"], **body}, by)
    assert (answer.status, answer.error()["code"]) == (403, "forbidden"), answer.body
    field: str | None = answer.error()["field"]
    return field


async def test_nobody_gives_more_than_they_have(empty_house: House) -> None:
    house = empty_house
    ends = later(days=2)
    made = await make(house, scopes=["admin"], expires_at=ends, per_minute=100, burst=200)
    by = made["api_key"]
    assert await refused(house, by, scopes=["credentials"], expires_at=ends) == "scopes"
    assert await refused(house, by) == "expires_at"
    assert await refused(house, by, expires_at=later(days=3)) == "expires_at"
    assert await refused(house, by, expires_at=ends, per_minute=101, burst=101) == "per_minute"
    assert await refused(house, by, expires_at=ends, per_minute=100, burst=201) == "burst"
    assert await refused(house, KEY, per_minute=6001) == "per_minute"  # the installation's limit is the operator's
    given = await make(house, by, scopes=["read", "write", "passthrough", "admin"], expires_at=ends)
    assert (given["per_minute"], given["burst"]) == (100, 200)
    assert len((await ask(house, "GET", KEYS)).json()["data"]) == 4
    assert (await make(house, scopes=["credentials"]))["scopes"] == ["credentials"]


async def test_nobody_gets_more_by_rotating_another_key(empty_house: House) -> None:
    house = empty_house
    ends = later(days=2)
    by = (await make(house, scopes=["admin"], expires_at=ends))["api_key"]
    for more in ({"scopes": ["credentials"], "expires_at": ends}, {"scopes": ["read"]}):
        other = await make(house, **more)
        answer = await ask(house, "POST", f"{KEYS}/{other['rootfi_id']}/rotate", {}, by)
        assert answer.status == 403
        assert (await ask(house, "GET", f"{KEYS}/{other['rootfi_id']}")).json()["data"]["expires_at"] == (
            more.get("expires_at"))


async def test_a_rotated_key_is_replaced_without_a_gap(empty_house: House) -> None:
    house = empty_house
    old = await make(house, name="nightly", scopes=["read"], per_minute=70, burst=90)
    assert (await ask(house, "GET", ORDERS, by=old["api_key"])).status == 200
    answer = await ask(house, "POST", f"{KEYS}/{old['rootfi_id']}/rotate", b"")
    new = answer.json()["data"]
    assert new["rotated_from"] == old["rootfi_id"]
    same = ("name", "scopes", "per_minute", "burst", "expires_at", "environment")
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    for text in (old["api_key"], new["api_key"]):
        assert (await ask(house, "GET", ORDERS, by=text)).status == 200
    shown = (await ask(house, "GET", f"{KEYS}/{old['rootfi_id']}")).json()["data"]
    assert later(hours=23) < shown["expires_at"] < later(hours=25)
    twice = await ask(house, "POST", f"{KEYS}/{old['rootfi_id']}/rotate", {})
    assert (twice.status, f"into key {new['rootfi_id']}" in twice.error()["message"]) == (409, True)
    at_once = await ask(house, "POST", f"{KEYS}/{new['rootfi_id']}/rotate", {"overlap_hours": 0})
    assert (await ask(house, "GET", ORDERS, by=new["api_key"])).status == 401
    newest = at_once.json()["data"]
    assert (await ask(house, "GET", ORDERS, by=newest["api_key"])).status == 200
    shut = await ask(house, "POST", f"{KEYS}/{new['rootfi_id']}/rotate", {})
    assert (shut.status, shut.error()["code"]) == (409, "conflict")
    for overlap in (-1, 8761, "x"):
        wrong = await ask(house, "POST", f"{KEYS}/{newest['rootfi_id']}/rotate", {"overlap_hours": overlap})
        assert (wrong.status, wrong.error()["field"]) == (400, "overlap_hours")


async def test_an_overlap_never_makes_a_key_live_longer(empty_house: House) -> None:
    ends = later(hours=1)
    old = await make(empty_house, expires_at=ends)
    new = (await ask(empty_house, "POST", f"{KEYS}/{old['rootfi_id']}/rotate", {"overlap_hours": 48})).json()["data"]
    shown = (await ask(empty_house, "GET", f"{KEYS}/{old['rootfi_id']}")).json()["data"]
    assert (new["expires_at"], shown["expires_at"]) == (ends, ends)


async def test_an_answer_that_was_lost_is_made_good_by_rotating_what_it_told(empty_house: House) -> None:
    house = empty_house
    lost = await make(house, scopes=["admin"])
    text = lost["api_key"]
    first = await ask(house, "POST", f"{KEYS}/{lost['rootfi_id']}/rotate", {}, text, once="turn-1")
    again = await ask(house, "POST", f"{KEYS}/{lost['rootfi_id']}/rotate", {}, text, once="turn-1")
    assert (first.status, again.status, again.error()["code"]) == (200, 409, "conflict")
    new = first.json()["data"]
    assert f"/v4/core/api_keys/{new['rootfi_id']}/rotate" in again.error()["message"]
    # Its text is nowhere at rest, and the old key, which ends with the overlap, may still get at its own successor.
    with house.engine.store.read(SYSTEM) as session:
        kept = session.unscoped("SELECT body FROM idempotency_keys")
        assert len(kept) == 1
        assert new["api_key"].encode() not in bytes(kept[0][0])
    third = await ask(house, "POST", f"{KEYS}/{new['rootfi_id']}/rotate", {"overlap_hours": 0}, text)
    assert third.status == 200
    newest = third.json()["data"]
    # But not once somebody uses it: an old key that was stolen does not live on by that.
    assert (await ask(house, "GET", ORDERS, by=newest["api_key"])).status == 200
    taken = await ask(house, "POST", f"{KEYS}/{newest['rootfi_id']}/rotate", {}, text)
    assert (taken.status, taken.error()["field"]) == (403, "expires_at")


async def test_a_second_create_with_the_same_idempotency_key_makes_nothing(empty_house: House) -> None:
    body = {"name": "made", "scopes": ["read"]}
    answers = [await ask(empty_house, "POST", KEYS, body, once="make-1") for _ in range(3)]
    assert [one.status for one in answers] == [200, 409, 409]
    assert f"API key {answers[0].json()['data']['rootfi_id']}" in answers[1].error()["message"]
    assert len((await ask(empty_house, "GET", KEYS)).json()["data"]) == 3


async def test_of_many_rotations_at_a_time_one_wins(empty_house: House) -> None:
    house = empty_house
    made = await make(house)
    begin, outcomes = threading.Barrier(6), []

    def turn() -> None:
        begin.wait()
        try:
            with house.engine.store.write(house.scope) as session:
                old = keys.get(session, made["rootfi_id"])
                assert old is not None
                issue.rotate(session, old, 1)
            outcomes.append(200)
        except ApiError as error:
            outcomes.append(error.status)

    turning = [threading.Thread(target=turn) for _ in range(6)]
    for one in turning:
        one.start()
    for one in turning:
        one.join()
    assert sorted(outcomes) == [200] + [409] * 5
    assert len((await ask(house, "GET", KEYS)).json()["data"]) == 4


async def test_what_was_looked_up_before_a_key_was_shut_is_not_remembered_after(empty_house: House) -> None:
    known = empty_house.engine.known_keys
    with empty_house.engine.store.read(SYSTEM) as session:
        one = keys.listed(session)[0]
    began = known.round
    known.forget(one.id)
    known.keep("text", one, began)
    assert known.get("text") is None
    known.keep("text", one, known.round)
    assert known.get("text") is one
