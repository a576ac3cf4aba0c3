"""One effect per Idempotency-Key: in one transaction, with a secret in its answer, outside the database; and what goes
when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from entrepot.api import idempotency
from entrepot.api.endpoint import Call, Reply
from entrepot.api.failures import ErrorBody
from entrepot.api.renderer import RENDERERS
from entrepot.api.trace import Trace
from entrepot.engine import upkeep
from entrepot.engine.context import Engine
from entrepot.errors import ApiError, OutcomeUnknown, Rejected, not_found
from entrepot.store import companies
from entrepot.store import idempotency as keys
from entrepot.store.edge_tables import idempotency_keys
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Session, Store
from tests.api.house import House

pytestmark = pytest.mark.anyio
PATH = "/v4/core/things"
DAY_MS = 86_400_000


def call(scope: Scope, key: str | None = "k-1", body: bytes = b'{"name":"A"}', **given: Any) -> Call:
    """A POST as it comes through the door."""
    return replace(Call(scope, {}, b"", body, Trace("test"), "POST", PATH, None, key), **given)


def making(scope: Scope, name: str = "Made", wait_s: float = 0.0) -> Callable[[Session], Reply]:
    """An effect: a new company."""

    def work(session: Session) -> Reply:
        made = companies.create(session, scope, name)
        time.sleep(wait_s)
        return Reply(msgspec.json.encode({"data": {"company_id": made.id, "name": name}}))

    return work


def made(engine: Engine, scope: Scope, name: str = "Made") -> int:
    """How many companies of that name there are."""
    with engine.store.read(scope) as session:
        return sum(one.name == name for one in companies.listed(session, 0, 1000))


def replayed(one: Call) -> bool:
    """Whether the answer was told to be a repeat."""
    return idempotency.REPLAYED in one.trace.headers


async def refused(work: Awaitable[Reply]) -> ApiError:
    """The 409 that it must be."""
    with pytest.raises(ApiError) as told:
        await work
    assert (told.value.status, told.value.code, told.value.field) == (409, "conflict", "Idempotency-Key")
    return told.value


async def asked(engine: Engine, one: Call, work: Callable[[Session], Reply]) -> Reply:
    """A request to an endpoint that has this effect."""

    async def endpoint(seen: Call) -> Reply:
        return await idempotency.effect(engine, seen, work)

    return await idempotency.once(engine, one, endpoint)


async def test_a_key_takes_effect_once(empty_house: House) -> None:
    engine, scope = empty_house.engine, empty_house.scope
    first, second = call(scope), call(scope)
    answer = await asked(engine, first, making(scope))
    again = await asked(engine, second, making(scope))
    assert (again.body, again.status) == (answer.body, answer.status)
    assert (replayed(first), replayed(second)) == (False, True)
    assert made(engine, scope) == 1
    for none in (None, "k-2"):
        await idempotency.effect(engine, call(scope, none), making(scope))
    assert made(engine, scope) == 3


@pytest.mark.parametrize("other", [
    {"body": b'{"name":"B"}'}, {"method": "PUT"}, {"address": PATH + "/1"}, {"query": b"run_async=true"},
    {"path": {"id": "a/b"}}, {"body": b'{"name":"A"} '},
])
async def test_a_key_belongs_to_one_request(empty_house: House, other: dict[str, Any]) -> None:
    engine, scope = empty_house.engine, empty_house.scope
    await asked(engine, call(scope), making(scope))
    told = await refused(asked(engine, call(scope, **other), making(scope)))
    assert "another request" in told.message
    await refused(idempotency.effect(engine, call(scope, **other), making(scope)))
    assert made(engine, scope) == 1


async def test_keys_of_environments_are_apart(empty_house: House) -> None:
    engine, scope = empty_house.engine, empty_house.scope
    other = Scope(scope.organisation_id + 1000, scope.environment_id + 1000)
    await asked(engine, call(scope), making(scope))
    elsewhere = call(other, body=b'{"other":1}')
    await asked(engine, elsewhere, lambda _: Reply(b"{}"))
    assert not replayed(elsewhere)


async def test_a_refusal_keeps_nothing(empty_house: House) -> None:
    engine, scope = empty_house.engine, empty_house.scope

    def refuse(session: Session) -> Reply:
        making(scope)(session)
        raise not_found("thing", 1)

    with pytest.raises(ApiError):
        await asked(engine, call(scope), refuse)
    assert made(engine, scope) == 0
    again = call(scope)
    await asked(engine, again, making(scope))
    assert not replayed(again)
    assert made(engine, scope) == 1


async def test_what_a_twin_has_deleted_is_answered_to_the_slower_one(empty_house: House) -> None:
    """The endpoint looks for what it deletes before its effect, and its twin's commit lies between."""
    engine, scope = empty_house.engine, empty_house.scope

    async def slow(seen: Call) -> Reply:
        await idempotency.effect(engine, call(scope), lambda _: Reply(b"", 204))
        raise not_found("thing", 1)

    one = call(scope)
    assert (await idempotency.once(engine, one, slow)).status == 204
    assert replayed(one)


async def test_a_secret_is_shown_once_and_never_lies_at_rest(empty_house: House) -> None:
    engine, scope = empty_house.engine, empty_house.scope

    def work(session: Session) -> Reply:
        making(scope)(session)
        return idempotency.shown_once(b'{"secret":"whsec_verysecret"}', "API key 12 was made; rotate it.")

    first = await asked(engine, call(scope), work)
    assert b"whsec_verysecret" in first.body
    again = await asked(engine, call(scope), work)
    error = msgspec.json.decode(again.body, type=ErrorBody).error
    assert (again.status, error.code, error.field) == (409, "conflict", "Idempotency-Key")
    assert "API key 12 was made; rotate it." in error.message
    assert made(engine, scope) == 1
    with engine.store.read(scope) as session:
        kept = keys.find(session, idempotency.request_of(engine, call(scope)))
    assert kept is not None
    assert b"whsec" not in (kept.body or b"")


async def test_a_key_is_new_again_after_its_time(empty_house: House) -> None:
    engine, scope = empty_house.engine, empty_house.scope
    await asked(engine, call(scope), making(scope))
    age(engine, 24 * 3_600_000 - 60_000)
    await asked(engine, call(scope), making(scope))
    assert made(engine, scope) == 1
    age(engine, 60_001)
    other = call(scope, body=b'{"name":"B"}')
    await asked(engine, other, making(scope))
    assert not replayed(other)
    assert made(engine, scope) == 2
    again = call(scope, body=b'{"name":"B"}')
    await asked(engine, again, making(scope))
    assert replayed(again)


def age(engine: Engine, by_ms: int) -> None:
    """Make every kept key older."""
    with engine.store.write(SYSTEM) as session:
        session.execute(idempotency_keys.update().values(created_at=idempotency_keys.c.created_at - by_ms))


def rows(engine: Engine) -> list[tuple[str, int | None]]:
    """State and company of every key."""
    with engine.store.read(SYSTEM) as session:
        return [(row.state, row.company_id) for row in session.execute(idempotency_keys.select())]


async def test_old_answers_go_with_retention(empty_house: House) -> None:
    engine, scope = empty_house.engine, empty_house.scope
    await asked(engine, call(scope), making(scope))
    age(engine, DAY_MS + 1)
    await asked(engine, call(scope, "k-young"), making(scope))
    await upkeep.let_go(engine)
    with engine.store.read(SYSTEM) as session:
        assert [row.key for row in session.execute(idempotency_keys.select())] == ["k-young"]


async def test_answers_go_with_their_company_and_keys_stay_taken(empty_house: House) -> None:
    engine, scope = empty_house.engine, empty_house.scope
    answer = await asked(engine, call(scope), making(scope))
    company = msgspec.json.decode(answer.body)["data"]["company_id"]
    await asked(engine, call(scope, "k-2"), making(scope, "Other"))
    sent = b'{"company_id": %d}' % company
    await asked(engine, call(scope, "k-3", sent), lambda _: Reply(b"{}"))
    in_path = call(scope, "k-4", path={"company_id": str(company)})
    await asked(engine, in_path, lambda _: Reply(b"{}"))
    assert len([1 for _, one in rows(engine) if one == company]) == 3
    with engine.store.write(scope) as session:
        assert keys.erase(session, company) == 3
    with engine.store.write(scope) as session:
        assert keys.erase(session, company) == 0
    told = await refused(asked(engine, call(scope), making(scope)))
    assert "removed" in told.message
    assert made(engine, scope) == 1
    other = call(scope, "k-2")
    assert b"Other" in (await asked(engine, other, making(scope, "Other"))).body
    assert replayed(other)


@pytest.mark.parametrize("twins", [50])
async def test_parallel_twins_have_one_effect(database_url: str, empty_house: House, twins: int) -> None:
    """Over several stores, as several processes have them: the writers of one do not wait for another's."""
    scope = empty_house.scope
    engines = [empty_house.engine, *(replace(empty_house.engine, store=Store.open(database_url, RENDERERS))
                                     for _ in range(4))]
    try:
        calls = [call(scope) for _ in range(twins)]
        began = time.monotonic()
        answers = await asyncio.gather(*(
            asked(engines[number % len(engines)], one, making(scope, wait_s=0.05))
            for number, one in enumerate(calls)))
        print(f"{twins} twins: {time.monotonic() - began:.3f} s")
    finally:
        for engine in engines[1:]:
            engine.store.close()
    assert len({answer.body for answer in answers}) == 1
    assert sum(replayed(one) for one in calls) == twins - 1
    assert made(empty_house.engine, scope) == 1


async def test_when_the_first_of_twins_fails_the_next_takes_effect(empty_house: House) -> None:
    engine, scope = empty_house.engine, empty_house.scope
    tries: list[int] = []

    def work(session: Session) -> Reply:
        tries.append(1)
        reply = making(scope, wait_s=0.02)(session)
        if len(tries) < 3:
            raise not_found("thing", 1)
        return reply

    answers = await asyncio.gather(*(asked(engine, call(scope), work) for _ in range(6)), return_exceptions=True)
    assert made(engine, scope) == 1
    assert len(tries) == 3
    assert sum(isinstance(one, Reply) for one in answers) >= 4


def outside(sent: list[int], problem: Sequence[Exception] = (), wait_s: float = 0.0) -> Callable[[], Awaitable[Reply]]:
    """An effect that nobody can look for."""
    problems = list(problem)

    async def work() -> Reply:
        sent.append(1)
        await asyncio.sleep(wait_s)
        if problems:
            raise problems.pop(0)
        return Reply(b'{"answer":%d}' % len(sent))

    return work


async def test_an_effect_outside_happens_once(empty_house: House) -> None:
    engine, scope, sent = empty_house.engine, empty_house.scope, list[int]()
    work = outside(sent, wait_s=0.05)
    calls = [call(scope) for _ in range(20)]
    answers = await asyncio.gather(*(idempotency.unsafe(engine, one, work) for one in calls))
    assert {one.body for one in answers} == {b'{"answer":1}'}
    assert (len(sent), sum(map(replayed, calls))) == (1, 19)
    await idempotency.unsafe(engine, call(scope, None), work)
    assert len(sent) == 2


async def test_an_effect_outside_that_takes_long_is_not_waited_for(
    empty_house: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idempotency, "TWIN_WAIT_S", 0.05)
    engine, scope, sent = empty_house.engine, empty_house.scope, list[int]()
    first = asyncio.create_task(idempotency.unsafe(engine, call(scope), outside(sent, wait_s=0.6)))
    await asyncio.sleep(0.2)
    told = await refused(idempotency.unsafe(engine, call(scope), outside(sent)))
    assert "has not ended" in told.message
    first.cancel()  # whoever asked hangs up
    await asyncio.sleep(0.6)
    again = call(scope)
    assert (await idempotency.unsafe(engine, again, outside(sent))).body == b'{"answer":1}'
    assert (replayed(again), len(sent)) == (True, 1)


@pytest.mark.parametrize("problem", [
    Rejected("no"), ApiError(400, "invalid-params", "no"), not_found("thing", 1)])
async def test_a_refusal_outside_frees_the_key(empty_house: House, problem: Exception) -> None:
    engine, scope, sent = empty_house.engine, empty_house.scope, list[int]()
    work = outside(sent, [problem])
    with pytest.raises(type(problem)):
        await idempotency.unsafe(engine, call(scope), work)
    assert (await idempotency.unsafe(engine, call(scope), work)).body == b'{"answer":2}'


@pytest.mark.parametrize("problem", [
    OutcomeUnknown("no answer"), ApiError(502, "unknown-error", "no answer"), RuntimeError("a mistake of ours")])
async def test_an_unknown_outcome_is_told_as_one(empty_house: House, problem: Exception) -> None:
    engine, scope, sent = empty_house.engine, empty_house.scope, list[int]()
    with pytest.raises(type(problem)):
        await idempotency.unsafe(engine, call(scope), outside(sent, [problem]))
    told = await refused(idempotency.unsafe(engine, call(scope), outside(sent)))
    assert "not known" in told.message
    assert len(sent) == 1


async def test_a_crash_outside_is_told_when_its_time_is_over(
    empty_house: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idempotency, "TWIN_WAIT_S", 0.0)
    engine, scope, sent = empty_house.engine, empty_house.scope, list[int]()
    with engine.store.write(scope) as session:  # as far as a process came that died while it sent
        assert keys.claim(session, idempotency.request_of(engine, call(scope))) is None
    assert "has not ended" in (await refused(idempotency.unsafe(engine, call(scope), outside(sent)))).message
    age(engine, idempotency.LONGEST_UNSAFE_MS + 1)
    assert "not known" in (await refused(idempotency.unsafe(engine, call(scope), outside(sent)))).message
    assert sent == []
