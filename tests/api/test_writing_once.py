"""Writes to a shop with an Idempotency-Key: one operation and one answer, whoever asks again, when, and through which
process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from entrepot.api.application import create_api
from entrepot.app import App, build
from entrepot.engine import write
from entrepot.settings import load
from entrepot.store import idempotency, keys
from entrepot.store.core_tables import jobs, operations
from entrepot.store.edge_tables import idempotency_keys
from entrepot.store.scope import SYSTEM
from tests.api.house import KEY, Answer, House, shop

pytestmark = pytest.mark.anyio
CONTACTS = "/v4/ecommerce/contacts"


@contextmanager
def running(url: str, home: Path) -> Iterator[tuple[App, House]]:
    """The product as one process has it."""
    app = build(load({}, home=home, database_url=url, api_key=KEY, log_level="error", rate_limit="100000"))
    with app.engine.store.write(SYSTEM) as session:
        scope = keys.default_scope(session)
    try:
        yield app, House(app.api(), app.engine, scope, shop(app.engine.store, scope, None))
    finally:
        app.close()


@pytest.fixture
def made(database_url: str, tmp_path: Path) -> Iterator[House]:
    """The product over an empty database."""
    with running(database_url, tmp_path / "home") as (_, house):
        yield house


@pytest.fixture
async def company(made: House) -> int:
    """A company connected to a demo shop, nothing synced."""
    link = await made.call("POST", "/v3/core/invite_links", {"integration_categories": ["ECOMMERCE"]})
    ident: int = link.json()["data"]["company"]["rootfi_id"]
    answer = await made.call("POST", "/v4/core/connections", {
        "company_id": ident, "integration_type": "ROOTFI_SANDBOX", "credentials": {"token": "demo-token"}})
    assert answer.status == 200, answer.body
    return ident


async def keyed(house: House, method: str, path: str, body: object, key: str | None = "k-1") -> Answer:
    """A write with a key."""
    more = {} if key is None else {"Idempotency-Key": key}
    return await house.call(method, path, body, headers={"api_key": KEY, "content-type": "application/json", **more})


def contact(company: int, name: str, **more: str) -> dict[str, Any]:
    """The body of a create."""
    return {"company_id": company, "data": [{"name": name, **more}]}


def replayed(answer: Answer) -> bool:
    """Whether it was told to be a repeat."""
    return answer.headers.get("idempotent-replayed") == "true"


def counted(house: House) -> int:
    """Operations that were ever accepted."""
    with house.engine.store.read(SYSTEM) as session:
        return int(session.execute(select(func.count()).select_from(operations)).scalar_one())


async def test_a_create_and_its_repeats(made: House, company: int) -> None:
    first = await keyed(made, "POST", CONTACTS, contact(company, "Once"))
    assert first.status == 200, first.body
    ident = first.json()["data"][0]["rootfi_id"]
    changed = await made.call("PUT", f"{CONTACTS}/{ident}", {"data": [{"phone": "+15550100"}]})
    assert changed.status == 200, changed.body
    again = await keyed(made, "POST", CONTACTS, contact(company, "Once"))
    assert (again.status, again.body) == (first.status, first.body), "the answer of then, though the record has changed"
    assert (replayed(first), replayed(again)) == (False, True)
    other = await keyed(made, "POST", CONTACTS, contact(company, "Other"))
    assert (other.status, other.error()["code"], other.error()["field"]) == (409, "conflict", "Idempotency-Key")
    assert (await keyed(made, "POST", "/v3/ecommerce/customers", contact(company, "Once"))).status == 409
    assert counted(made) == 2
    for _ in range(2):
        assert (await keyed(made, "POST", CONTACTS, contact(company, "Each"), None)).status == 200
    assert counted(made) == 4


async def test_an_update_and_its_repeats(made: House, company: int) -> None:
    created = (await made.call("POST", CONTACTS, contact(company, "Jane"))).json()["data"][0]
    path = f"{CONTACTS}/{created['rootfi_id']}"
    first = await keyed(made, "PUT", path, {"data": [{"phone": "1"}]})
    await keyed(made, "PUT", path, {"data": [{"phone": "2"}]}, "k-2")
    again = await keyed(made, "PUT", path, {"data": [{"phone": "1"}]})
    assert (again.status, again.body) == (200, first.body)
    assert (await made.call("GET", path)).json()["phone"] == "2", "a repeat changes nothing"
    assert counted(made) == 3


async def test_a_failure_is_repeated_as_it_was(made: House, company: int) -> None:
    same = contact(company, "Twin", email="twin@example.com")
    assert (await made.call("POST", CONTACTS, same)).status == 200
    first = await keyed(made, "POST", CONTACTS, same)
    again = await keyed(made, "POST", CONTACTS, same)
    assert (first.error()["code"], first.error()["field"]) == ("record-already-exists", "data[0].email")
    assert (again.status, again.body, replayed(first), replayed(again)) == (first.status, first.body, False, True)
    assert counted(made) == 2


async def test_what_is_refused_before_it_is_accepted_leaves_the_key_free(made: House, company: int) -> None:
    wrong = contact(company, "X", nickname="y")
    assert (await keyed(made, "POST", CONTACTS, wrong)).status == 400
    assert (await keyed(made, "POST", CONTACTS, contact(987654, "X"))).status == 404
    assert (await keyed(made, "POST", CONTACTS, contact(company, "X"))).status == 200


async def test_an_asynchronous_write_and_its_repeats(made: House, company: int) -> None:
    body = {"company_id": company, "data": [{"name": "A"}, {"name": "B"}]}
    first = await keyed(made, "POST", f"{CONTACTS}?run_async=true", body)
    again = await keyed(made, "POST", f"{CONTACTS}?run_async=true", body)
    assert (first.status, list(first.json())) == (202, ["sync_id"])
    assert (again.status, again.body, replayed(again)) == (202, first.body, True)
    await made.engine.worker.drain()
    later = await keyed(made, "POST", f"{CONTACTS}?run_async=true", body)
    assert (later.status, later.body) == (202, first.body)
    assert counted(made) == 2
    assert (await keyed(made, "POST", CONTACTS, body)).status == 409, "another query is another request"


async def test_fifty_twins_through_two_processes_are_one_write(
    made: House, company: int, database_url: str, tmp_path: Path,
) -> None:
    with running(database_url, tmp_path / "home") as (_, other):
        began = time.monotonic()
        answers = await asyncio.gather(*(
            keyed((made, other)[number % 2], "POST", CONTACTS, contact(company, "Once")) for number in range(50)))
        print(f"50 twins: {time.monotonic() - began:.3f} s")
        await other.engine.kit.close()
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert sum(map(replayed, answers)) == 49
    assert counted(made) == 1
    with made.engine.store.read(SYSTEM) as session:
        assert session.unscoped("SELECT name FROM ecommerce_customers") == [("Once",)]


async def test_a_write_that_outlasts_its_callers_is_found_by_its_key(
    made: House, company: int, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its process dies as it has accepted it; another one performs it later."""
    impatient = replace(made.engine, settings=replace(made.engine.settings, write_wait_seconds=0.2))
    hasty = replace(made, app=create_api(impatient), engine=impatient)

    async def die(_: object) -> None:
        return

    with monkeypatch.context() as during:
        during.setattr(made.engine.worker, "execute", die)
        answers = [await keyed(hasty, "POST", CONTACTS, contact(company, "Slow")) for _ in range(2)]
    assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
    assert (answers[0].json()["data"], [replayed(one) for one in answers]) == ([], [False, True])
    waiting = asyncio.create_task(keyed(made, "POST", CONTACTS, contact(company, "Slow")))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    with made.engine.store.write(SYSTEM) as session:
        session.execute(update(jobs).where(jobs.c.kind == write.KIND).values(lease_until=0))
    await made.engine.worker.drain()
    answer = await waiting
    assert (answer.status, answer.json()["data"][0]["name"], replayed(answer)) == (200, "Slow", True)
    assert answer.json()["sync_id"] == answers[0].json()["sync_id"]
    assert (await keyed(hasty, "POST", CONTACTS, contact(company, "Slow"))).body == answer.body
    assert counted(made) == 1


async def test_answers_of_a_company_can_be_found(made: House, company: int) -> None:
    first = await keyed(made, "POST", CONTACTS, contact(company, "Private Person"))
    assert b"Private Person" in first.body
    with made.engine.store.write(made.scope) as session:
        assert idempotency.erase(session, company) == 1
    with made.engine.store.read(SYSTEM) as session:
        row = session.execute(idempotency_keys.select()).one()
    assert (row.state, row.body, row.company_id) == ("erased", None, None)
    again = await keyed(made, "POST", CONTACTS, contact(company, "Private Person"))
    assert (again.status, again.error()["field"]) == (409, "Idempotency-Key")
    assert counted(made) == 1


async def test_what_was_written_shows_as_a_sync(made: House, company: int) -> None:
    created = await keyed(made, "POST", CONTACTS, contact(company, "Shown"))
    ident = created.json()["data"][0]["rootfi_id"]
    changed = await keyed(made, "PUT", f"{CONTACTS}/{ident}?run_async=true", {"data": [{"phone": "1"}]}, "k-2")
    await made.engine.worker.drain()
    for answer, mode in ((created, "CREATE"), (changed, "UPDATE")):
        sync_id = answer.json()["sync_id"]
        for version in ("v3", "v4"):
            sync = (await made.call("GET", f"/{version}/core/syncs/{sync_id}")).json()["data"]
            assert (sync["status"], sync["config_mode"]) == ("SUCCESS", mode)
            found = (await made.call("GET", f"/{version}/core/syncs/{sync_id}/jobs")).json()["data"]
            assert [(job["job_type"], job["status"]) for job in found] == [("PUSH", "SUCCESS")]
