"""Syncs and writes that are stopped, done again, asked for twice; and what is told of their beginning and end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import select, update

from entrepot.connectors.demo import reading
from entrepot.engine import webhooks
from entrepot.engine.cancel import cancel, cancel_all
from entrepot.engine.retry import retry
from entrepot.engine.sync import request_sync
from entrepot.engine.webhooks import Wanted
from entrepot.engine.write import WriteRequest
from entrepot.errors import ApiError
from entrepot.kit.spec import Page, Shop, Start
from entrepot.store import connections, cursors, deliveries, jobs, operations, syncs
from entrepot.store.core_tables import jobs as job_table
from entrepot.store.core_tables import operations as operation_table
from entrepot.store.scope import SYSTEM
from entrepot.store.syncs import Sync
from tests.engine.conftest import ORDERS, House
from tests.engine.test_write import customer

ORDER, CUSTOMER, PRODUCT = "ECOMMERCE_ORDERS", "ECOMMERCE_CUSTOMERS", "ECOMMERCE_PRODUCTS"


def stop(house: House, sync_id: str) -> Sync:
    with house.engine.store.write(house.scope) as session:
        found = syncs.get(session, sync_id)
        assert found is not None
        cancel(session, found)
    return house.ended(sync_id)[0]


def again(house: House, sync_id: str) -> str:
    with house.engine.store.write(house.scope) as session:
        found = syncs.get(session, sync_id)
        assert found is not None
        return retry(house.engine, session, found)


def ask(house: House, *models: str, full: bool = False) -> str:
    return house.run(lambda: request_sync(house.engine, house.scope, house.company, data_models=models, full=full))


def listen(house: House) -> None:
    with house.engine.store.write(house.scope) as session:
        webhooks.create(house.engine, session, Wanted(
            name="ear", url="https://receiver.example/hook", types=["SYNC_STARTED", "SYNC_COMPLETED"]), "v4")


def told(house: House) -> list[tuple[str, str]]:
    """What was to be told of syncs, oldest first: the type, and the sync's status then."""
    with house.engine.store.read(house.scope) as session:
        found = deliveries.listed(session, deliveries.Wanted(), after=None, before=None, limit=100)
        bodies = [msgspec.json.decode(deliveries.body(session, one.id)) for one in reversed(found)]
    return [(body["type"], body["data"]["status"]) for body in bodies]


def slowly(house: House, monkeypatch: pytest.MonkeyPatch, gate: asyncio.Event) -> None:
    """Orders come ten at a time, and after the first ten not before the gate is opened."""
    monkeypatch.setattr(reading, "PAGE", 10)
    kind = house.connection().integration_type
    installed = house.engine.installed[kind]

    async def read(shop: Shop, start: Start) -> AsyncIterator[Page]:
        async for page in installed.connector.stream("orders").read(shop, start):
            yield page
            await gate.wait()

    streams = tuple(replace(one, read=read) if one.name == "orders" else one for one in installed.connector.streams)
    changed = replace(installed, connector=replace(installed.connector, streams=streams))
    monkeypatch.setitem(house.engine.installed, kind, changed)  # type: ignore[arg-type]


def test_what_waits_never_starts(house: House) -> None:
    listen(house)
    sync_id = ask(house, ORDER, CUSTOMER)
    stopped = stop(house, sync_id)
    assert (stopped.status, stopped.counts, stopped.started_at) == ("CANCELED", {"CANCELED": 4}, None)
    assert stopped.ended_at is not None
    house.drain()
    assert house.live("order") == 0
    assert told(house) == [("SYNC_COMPLETED", "CANCELED")]
    with pytest.raises(ApiError) as refused:
        stop(house, sync_id)
    assert (refused.value.status, refused.value.code) == (409, "conflict")


def test_what_runs_is_stopped_at_its_next_commit_and_keeps_what_it_stored(
    house: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    listen(house)

    async def steps() -> str:
        gate, ending = asyncio.Event(), asyncio.Event()
        slowly(house, monkeypatch, gate)
        sync_id = await request_sync(house.engine, house.scope, house.company, data_models=[ORDER, CUSTOMER])
        running = asyncio.create_task(house.engine.worker.run(ending))
        for _ in range(1000):
            await asyncio.sleep(0.02)
            if house.live("order"):
                break
        assert house.connection().sync_status == "RUNNING"
        stop(house, sync_id)
        assert house.connection().sync_status == "IDLE"
        gate.set()
        await asyncio.sleep(0.5)
        ending.set()
        await running
        return sync_id

    sync_id = house.run(steps)
    sync, done = house.ended(sync_id)
    assert sync.status == "CANCELED"
    assert {noun: job.status for noun, job in done.items()} == {
        "customer": "SUCCESS", "order": "CANCELED", "fulfillment": "CANCELED", "transaction": "CANCELED"}
    assert house.live("order") == done["order"].stored == 10
    assert "canceled" in str(done["order"].error)
    with house.engine.store.read(SYSTEM) as session:
        assert cursors.get(session, house.connection_id, "orders").scanned_at is None
        assert session.execute(select(job_table.c.state).where(job_table.c.kind == "sync").order_by(
            job_table.c.id)).scalars().all() == ["done", "canceled"]
    assert told(house) == [("SYNC_STARTED", "RUNNING"), ("SYNC_COMPLETED", "CANCELED")]

    _, whole = house.ended(again(house, sync_id))
    assert set(whole) == {"order", "fulfillment", "transaction"}, "only what was not done"
    house.drain()
    assert house.live("order") == ORDERS


def test_another_sync_of_the_connection_goes_on_and_so_does_its_state(house: House) -> None:
    running, waiting = ask(house, CUSTOMER), ask(house, PRODUCT)
    with house.engine.store.write(SYSTEM) as session:
        found = syncs.get(session, running)
        assert found is not None
        syncs.started(session, found.id, syncs.durable_jobs(session, found.id)[0])
        connections.set_sync_status(session, house.connection_id, "FETCHING")
    stop(house, waiting)
    assert house.connection().sync_status == "FETCHING"


def test_all_reads_of_a_connection_are_stopped_at_once(house: House) -> None:
    some = [ask(house, CUSTOMER), ask(house, PRODUCT)]
    stop(house, some[0])
    with house.engine.store.write(house.scope) as session:
        assert cancel_all(session, house.connection_id) == 1
    assert {house.ended(one)[0].status for one in some} == {"CANCELED"}


def test_a_failed_part_is_done_again_in_the_same_mode(house: House) -> None:
    house.faults("error=400@GET /v1/buyers*1")
    listen(house)
    sync, done = house.sync(data_models=[CUSTOMER, PRODUCT], full=True, sync_from="2020-01-01")
    assert (sync.status, done["customer"].status, done["product"].status) == ("FAILED", "FAILED", "SUCCESS")
    assert told(house) == [("SYNC_STARTED", "RUNNING"), ("SYNC_COMPLETED", "FAILED")]
    made = again(house, sync.sync_id)
    assert again(house, sync.sync_id) == made, "asked for twice, done once"
    with pytest.raises(ApiError) as refused:
        again(house, made)
    assert refused.value.status == 409
    house.drain()
    second, parts = house.ended(made)
    assert (second.status, second.full_sync, list(parts)) == ("SUCCESS", True, ["customer"])
    assert parts["customer"].sync_from == "2020-01-01T00:00:00.000Z"
    with pytest.raises(ApiError) as refused:
        again(house, made)
    assert refused.value.code == "operation-denied"


def test_a_retried_job_begins_its_sync_once(house: House) -> None:
    listen(house)
    house.faults("error=503@GET /v1/buyers*2")
    _, done = house.sync(data_models=[CUSTOMER])
    assert done["customer"].retries == 2
    assert told(house) == [("SYNC_STARTED", "RUNNING"), ("SYNC_COMPLETED", "SUCCESS")]


def test_the_same_that_waits_is_answered_and_anything_else_is_new(house: House) -> None:
    first = ask(house, ORDER)
    assert ask(house, ORDER) == first
    assert ask(house, ORDER, full=True) == first, "what was never read is read whole anyhow"
    others = [ask(house, ORDER, CUSTOMER), ask(house, CUSTOMER),
              house.run(lambda: request_sync(house.engine, house.scope, house.company, data_models=[ORDER],
                                             sync_from="2024-01-01"))]
    assert len({first, *others}) == 4
    with house.engine.store.write(SYSTEM) as session:
        found = syncs.get(session, first)
        assert found is not None
        syncs.started(session, found.id, syncs.durable_jobs(session, found.id)[0])
    # What has begun may have passed what this caller wants to see.
    assert ask(house, ORDER) != first


def test_of_many_that_ask_at_once_all_get_one_sync(house: House) -> None:
    async def at_once() -> list[str]:
        return await asyncio.gather(*(
            request_sync(house.engine, house.scope, house.company, data_models=[ORDER]) for _ in range(12)))

    assert len(set(house.run(at_once))) == 1


def submit(house: House) -> str:
    """A write that waits for a worker."""
    request = WriteRequest("customer", "create", house.company, [customer("Ada")], run_async=True)
    return house.run(lambda: house.submit(request)).sync_id


def test_a_write_that_was_not_sent_is_canceled_and_never_reaches_the_shop(house: House) -> None:
    listen(house)
    before = house.shop("GET", "/buyers", params={"size": "1"})["paging"]["total"]
    sync_id = submit(house)
    assert stop(house, sync_id).status == "CANCELED"
    house.drain()
    with house.engine.store.read(SYSTEM) as session:
        found = house.ended(sync_id)[0]
        one = operations.of_sync(session, found.id)[0]
    assert (one.state, "canceled" in str(one.error)) == ("failed", True)
    assert house.shop("GET", "/buyers", params={"size": "1"})["paging"]["total"] == before
    assert told(house) == [("SYNC_COMPLETED", "CANCELED")]
    with pytest.raises(ApiError) as refused:
        again(house, sync_id)
    assert "Idempotency-Key" in refused.value.message


def test_a_write_that_the_shop_may_have_is_not_canceled(house: House) -> None:
    sync_id = submit(house)
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(operation_table).values(state="sent", sent_at=1))
        ident = session.execute(select(job_table.c.id).where(job_table.c.kind == "write")).scalar_one()
    with pytest.raises(ApiError) as refused:
        stop(house, sync_id)
    assert refused.value.code == "operation-denied"
    with house.engine.store.read(SYSTEM) as session:
        assert session.execute(select(job_table.c.state).where(job_table.c.id == ident)).scalar_one() == "ready"
    house.drain()
    assert house.ended(sync_id)[0].status == "SUCCESS"


def test_a_write_tells_its_end(house: House) -> None:
    listen(house)
    sync_id = submit(house)
    house.drain()
    sync, done = house.ended(sync_id)
    assert (sync.config_mode, done["customer"].job_type, sync.status) == ("CREATE", "PUSH", "SUCCESS")
    assert told(house) == [("SYNC_COMPLETED", "SUCCESS")]


def test_a_canceled_job_is_nobodys(house: House) -> None:
    """A worker that holds it finds out at its next commit, whatever that is."""
    ask(house, CUSTOMER)
    with house.engine.store.write(SYSTEM) as session:
        held = jobs.claim(session, "me", 10_000)
        assert held is not None
    with house.engine.store.write(SYSTEM) as session:
        assert jobs.cancel(session, held.id)
        assert jobs.renew(session, [held], 10_000) == [held.id]
