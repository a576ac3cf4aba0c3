"""Reading a shop: whole, in increments, interrupted, refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import select, update

from entrepot.engine.connect import connect
from entrepot.engine.sync import request_due, request_sync
from entrepot.errors import ApiError, RowUnmappable
from entrepot.kit.spec import Family
from entrepot.store import connections, frequencies, jobs, records_read, strays, syncs
from entrepot.store.core_tables import jobs as job_table
from entrepot.store.core_tables import sync_configs
from entrepot.store.jobs import NewJob
from entrepot.store.records_read import PageQuery
from entrepot.store.scope import SYSTEM
from tests.engine.conftest import ORDERS, House


def row_of(house: House, noun: str, uid: str) -> dict[str, object] | None:


    with house.engine.store.read(house.scope) as session:
        row = records_read.owned(session, noun, house.company, house.connection_id, uid)
        return None if row is None else msgspec.json.decode(row.body)


def oldest(house: House, noun: str) -> str:
    with house.engine.store.read(house.scope) as session:
        page = records_read.page(session, PageQuery(noun, house.company, None, limit=1))
        return page.rows[0].uid


def test_a_first_sync_reads_everything_and_a_second_next_to_nothing(house: House) -> None:
    sync, first = house.sync()
    assert sync.status == "SUCCESS"
    for noun, job in first.items():
        assert (job.status, job.fetched, job.set_aside) == ("SUCCESS", job.stored, 0), noun
        assert job.announced in (None, job.fetched), noun
        assert house.live(noun) >= job.stored, noun
    assert first["order"].fetched == ORDERS
    assert house.connection().sync_status == "IDLE"
    assert house.connection().last_synced is not None
    sync, second = house.sync()
    assert sync.status == "SUCCESS"
    assert second["order"].changed <= 2
    assert second["order"].fetched < ORDERS / 2
    assert second["customer"].changed == 0


def test_an_edit_of_the_oldest_order_arrives_by_an_incremental_sync(house: House) -> None:
    house.sync()
    uid = oldest(house, "order")
    house.shop("PATCH", f"/orders/{uid}", {"remark": "Ring twice"})
    _, jobs_ = house.sync(data_models=["ECOMMERCE_ORDERS"])
    assert set(jobs_) == {"order", "fulfillment", "transaction"}
    assert jobs_["order"].changed >= 1
    assert (row_of(house, "order", uid) or {}).get("order_number")
    with house.engine.store.read(house.scope) as session:
        row = records_read.owned(session, "order", house.company, house.connection_id, uid)
        assert row is not None
        assert records_read.document_of(session, "order", house.company, row.rootfi_id).description == "Ring twice"  # type: ignore[union-attr]


def test_a_deleted_order_takes_its_children_along(house: House) -> None:
    house.sync()
    with house.engine.store.read(house.scope) as session:
        page = records_read.page(session, PageQuery("transaction", house.company, None, limit=1, refs=("order_id",)))
        uid = str(page.rows[0].refs[0])
    before = {noun: house.live(noun) for noun in ("order", "transaction")}
    house.shop("DELETE", f"/orders/{uid}")
    _, done = house.sync(data_models=["ECOMMERCE_ORDERS"])
    assert done["order"].deleted == 1
    assert row_of(house, "order", uid) is None
    assert house.live("order") <= before["order"]
    assert done["transaction"].deleted >= 1


def test_a_full_sync_sweeps_what_the_shop_no_longer_has(house: House) -> None:
    house.sync()
    uid = oldest(house, "product")
    house.shop("DELETE", f"/articles/{uid}")
    live = house.live("product")
    _, done = house.sync(full=True)
    assert done["product"].deleted == 1
    assert house.live("product") == live - 1
    assert row_of(house, "product", uid) is None


def test_a_scan_that_misses_most_of_the_shop_deletes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.sync()
    connector = house.engine.platform(house.connection().integration_type).connector
    stream = connector.stream("products")

    def fewer(raw: bytes, settings: Mapping[str, str]) -> Family:
        family = stream.map(raw, settings)
        # Pretend that the shop renamed everything: nothing stored is seen again.
        return Family(msgspec.structs.replace(family.parent, record=_renamed(family)))

    live = house.live("product")
    _swap(house, monkeypatch, replace(stream, map=fewer))
    _, done = house.sync(full=True, data_models=["ECOMMERCE_PRODUCTS"])
    assert done["product"].deleted == 0
    assert "sweep-refused" in str(done["product"].error)
    assert house.live("product") == live * 2


def _renamed(family: Family) -> object:


    record = family.parent.record
    return msgspec.structs.replace(record, platform_unique_id="other-" + record.platform_unique_id)


def _swap(house: House, monkeypatch: pytest.MonkeyPatch, stream: object) -> None:
    kind = house.connection().integration_type
    installed = house.engine.installed[kind]
    streams = tuple(stream if one.name == stream.name else one for one in installed.connector.streams)  # type: ignore[attr-defined]
    changed = replace(installed, connector=replace(installed.connector, streams=streams))
    monkeypatch.setitem(house.engine.installed, kind, changed)  # type: ignore[arg-type]


def test_rows_that_do_not_fit_are_set_aside_and_the_rest_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    connector = house.engine.platform(house.connection().integration_type).connector
    stream = connector.stream("products")
    seen: list[bytes] = []

    def picky(raw: bytes, settings: Mapping[str, str]) -> Family:
        seen.append(raw)
        if len(seen) % 10 == 0:
            raise RowUnmappable("a price in sea shells")
        return stream.map(raw, settings)

    _swap(house, monkeypatch, replace(stream, map=picky))
    _, done = house.sync(data_models=["ECOMMERCE_PRODUCTS"])
    job = done["product"]
    assert job.set_aside == len(seen) // 10 > 0
    assert job.fetched == job.stored + job.set_aside == len(seen)
    assert "strays" in str(job.error)
    with house.engine.store.read(SYSTEM) as session:
        assert strays.how_many(session, house.connection_id) == job.set_aside


def test_a_number_that_no_database_holds_is_one_stray_not_a_stopped_sync(
    house: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    connector = house.engine.platform(house.connection().integration_type).connector
    stream = connector.stream("products")
    count = 0

    def odd(raw: bytes, settings: Mapping[str, str]) -> Family:
        nonlocal count
        family, count = stream.map(raw, settings), count + 1
        if count != 3:
            return family
        record = msgspec.structs.replace(family.parent.record, price=Decimal("NaN"))
        return Family(msgspec.structs.replace(family.parent, record=record))

    _swap(house, monkeypatch, replace(stream, map=odd))
    sync, done = house.sync(data_models=["ECOMMERCE_PRODUCTS"])
    assert sync.status == "SUCCESS"
    assert (done["product"].set_aside, done["product"].stored) == (1, count - 1)


def test_a_throttled_shop_puts_the_connection_to_sleep_and_no_page_is_lost(house: House) -> None:
    house.sync(data_models=["ECOMMERCE_COMPANY_INFO"])
    house.faults("throttle=1@GET /v1/orders*1")

    async def until_asleep() -> str:
        sync_id = await request_sync(house.engine, house.scope, house.company, data_models=["ECOMMERCE_ORDERS"])
        stop = asyncio.Event()
        running = asyncio.create_task(house.engine.worker.run(stop))
        for _ in range(200):
            await asyncio.sleep(0.02)
            if house.connection().sync_status == "SLEEPING":
                break
        stop.set()
        await running
        return sync_id

    sync_id = house.run(until_asleep)
    asleep = house.connection()
    assert asleep.sync_status == "SLEEPING"
    assert asleep.sync_resume_at is not None
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(job_table).where(job_table.c.state == "ready").values(run_at=0))


    time.sleep(1.1)
    house.drain()
    sync, done = house.ended(sync_id)
    assert sync.status == "SUCCESS"
    assert done["order"].stored == ORDERS


def test_a_shop_with_a_headache_is_tried_again(house: House) -> None:
    house.faults("error=503@GET /v1/buyers*2")
    sync, done = house.sync(data_models=["ECOMMERCE_CUSTOMERS"])
    assert sync.status == "SUCCESS"
    assert done["customer"].retries == 2


def test_refused_credentials_stop_the_connection_and_are_told_once(house: House) -> None:
    house.sync(data_models=["ECOMMERCE_COMPANY_INFO"])
    with house.engine.store.write(SYSTEM) as session:
        connections.seal(session, house.connection_id, house.engine.seal(house.connection_id, {"token": "stale"}),
                         dict(house.connection().settings))
    sync, done = house.sync()
    assert sync.status == "FAILED"
    assert all("needs-reauth" in str(job.error) for job in done.values())
    assert house.connection().status == "EXPIRED"
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(sync_configs).values(next_run_at=1))
        assert frequencies.due(session) == {}


def test_due_models_are_synced_once(house: House) -> None:
    with house.engine.store.write(SYSTEM) as session:
        assert request_due(house.engine, session) == 0
        session.execute(update(sync_configs).where(sync_configs.c.noun == "order").values(next_run_at=1))
    for expected in (1, 0):
        with house.engine.store.write(SYSTEM) as session:
            assert request_due(house.engine, session) == expected
            session.execute(update(sync_configs).where(sync_configs.c.noun == "order").values(
                next_run_at=1 if expected else None))
    house.drain()
    with house.engine.store.read(house.scope) as session:
        found = syncs.listed(session, syncs.Wanted(house.company), after=None, before=None, limit=10)
    assert [(sync.sync_type, sync.status) for sync in found] == [("AUTO_SYNC", "SUCCESS")]


def test_a_model_that_the_platform_lacks_is_refused_by_name(house: House) -> None:
    with pytest.raises(ApiError) as told:
        house.sync(data_models=["ECOMMERCE_WISHES"])
    assert (told.value.status, told.value.field) == (400, "data_models_to_sync")


def test_two_connections_need_a_word_on_which_is_meant(house: House) -> None:
    kind = house.connection().integration_type
    given = {"token": "demo-token", "orders": "5", "shop": "second"}
    second = house.run(lambda: connect(house.engine, house.scope, house.company, kind, given))
    with pytest.raises(ApiError) as told:
        house.sync()
    assert told.value.field == "connection_id"
    assert str(second) in told.value.message
    sync, done = house.sync(connection_id=second)
    assert sync.status == "SUCCESS"
    assert done["order"].stored == 5
    with house.engine.store.read(house.scope) as session:
        found = records_read.page(session, PageQuery("order", house.company, second, limit=10))
    assert all(b'_2"' in row.body for row in found.rows)


def test_connecting_keeps_nothing_when_the_shop_refuses(house: House) -> None:
    kind = house.connection().integration_type

    def attempt(given: dict[str, str]) -> ApiError:
        with pytest.raises(ApiError) as told:
            house.run(lambda: connect(house.engine, house.scope, house.company, kind, given))
        return told.value

    assert attempt({}).field == "credentials.token"
    assert attempt({"token": "x", "colour": "red"}).field == "credentials.colour"
    assert attempt({"token": "demo-token", "orders": "many"}).field == "credentials.orders"
    refused = attempt({"token": "wrong-secret-token"})
    assert refused.code == "platform-denied"
    assert "wrong-secret-token" not in f"{refused.message}{refused.platform_error}"
    with house.engine.store.read(house.scope) as session:
        assert len(connections.of_company(session, house.company)) == 1


def test_a_job_of_a_kind_that_nobody_knows_fails_plainly(house: House) -> None:
    with house.engine.store.write(SYSTEM) as session:
        ident = jobs.add(session, NewJob("juggle", "{}"))
    house.drain()
    with house.engine.store.read(SYSTEM) as session:
        row = session.execute(select(job_table).where(job_table.c.id == ident)).mappings().one()
    assert row["state"] == "failed"
