"""Writes while the shop is being read: the newer reading of a record stays, and nothing that was made is swept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from entrepot.engine.sync import request_sync
from entrepot.engine.write import Draft, WriteRequest
from entrepot.kit.spec import Page, Shop, Start
from entrepot.model.base import Record
from entrepot.model.ecommerce.customer import Customer
from entrepot.store import records_read
from entrepot.store.records_read import PageQuery
from tests.engine.conftest import House

Meanwhile = Callable[[], Awaitable[None]]


def phones(house: House) -> dict[int, str | None]:
    """What the store has."""
    with house.engine.store.read(house.scope) as session:
        rows = records_read.page(session, PageQuery("customer", house.company, None, limit=1000)).rows
        found = {row.rootfi_id: records_read.document_of(session, "customer", house.company, row.rootfi_id)
                 for row in rows}
    return {ident: one.phone for ident, one in found.items() if isinstance(one, Customer)}


async def write(house: House, record: Record, *given: str, target: int | None = None) -> int:
    """A write through Entrepot while something else runs."""
    done = await house.submit(WriteRequest(
        "customer", "create" if target is None else "update", house.company, [Draft(record, frozenset(given))],
        target=None if target is None else str(target)))
    assert done.rootfi_ids is not None
    return done.rootfi_ids[0]


def between(house: House, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile) -> None:
    """Do something after a page of customers was fetched and before it is stored."""
    kind = house.connection().integration_type
    installed = house.engine.installed[kind]
    plain = installed.connector.stream("customers")

    async def read(shop: Shop, start: Start) -> AsyncIterator[Page]:
        async for page in plain.read(shop, start):
            if page.rows:
                await meanwhile()
            yield page

    streams = tuple(replace(one, read=read) if one is plain else one for one in installed.connector.streams)
    monkeypatch.setitem(house.engine.installed, kind,
                        replace(installed, connector=replace(installed.connector, streams=streams)))


def sync(house: House, *, full: bool) -> None:
    """Read the customers, with a worker beside the caller."""
    async def whole() -> None:
        await request_sync(house.engine, house.scope, house.company, data_models=["ECOMMERCE_CUSTOMERS"], full=full)
        await house.engine.worker.drain()

    house.run(whole)


@pytest.mark.parametrize("full", [True, False], ids=["full", "incremental"])
def test_a_page_does_not_undo_what_was_written_since(
    house: House, monkeypatch: pytest.MonkeyPatch, full: bool,
) -> None:
    house.sync(data_models=["ECOMMERCE_CUSTOMERS"])
    target, other = sorted(phones(house))[:2]
    uids = {}
    with house.engine.store.read(house.scope) as session:
        for ident in (target, other):
            uids[ident] = records_read.find(session, "customer", str(ident), house.company)[0].uid
    for uid in uids.values():  # so that an incremental read has something to say
        house.shop("PATCH", f"/buyers/{uid}", {"phone": "old"})

    async def meanwhile() -> None:
        await write(house, Customer(platform_unique_id="", phone="new"), "phone", target=target)

    between(house, monkeypatch, meanwhile)
    sync(house, full=full)
    assert (phones(house)[target], phones(house)[other]) == ("new", "old")


def test_what_is_made_while_everything_is_read_is_not_swept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.sync(data_models=["ECOMMERCE_CUSTOMERS"])
    made: list[int] = []

    async def meanwhile() -> None:
        made.append(await write(house, Customer(platform_unique_id="", name="Late"), "name"))

    between(house, monkeypatch, meanwhile)
    before = set(phones(house))
    sync(house, full=True)
    assert set(phones(house)) == before | set(made)
    monkeypatch.undo()
    house.shop("DELETE", "/buyers/buy_00000001")
    sync(house, full=True)
    assert len(phones(house)) == len(before) + len(made) - 1


def test_of_two_writes_of_one_record_the_later_reading_stays(
    house: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def twice() -> None:
        ident = await write(house, Customer(platform_unique_id="", name="Both"), "name")
        kind = house.connection().integration_type
        installed = house.engine.installed[kind]
        plain = installed.connector.stream("customers")
        assert plain.fetch is not None
        fetch, waiting, go_on = plain.fetch, asyncio.Event(), asyncio.Event()
        calls: list[bytes] = []

        async def slow(shop: Shop, uid: str) -> bytes:
            body = await fetch(shop, uid)
            calls.append(body)
            if len(calls) == 1:  # the first write has read its outcome and is held up before it is stored
                waiting.set()
                await go_on.wait()
            return body

        streams = tuple(replace(one, fetch=slow) if one is plain else one for one in installed.connector.streams)
        monkeypatch.setitem(house.engine.installed, kind,
                            replace(installed, connector=replace(installed.connector, streams=streams)))
        first = asyncio.create_task(write(house, Customer(platform_unique_id="", phone="1"), "phone", target=ident))
        await waiting.wait()
        await write(house, Customer(platform_unique_id="", phone="2"), "phone", target=ident)
        go_on.set()
        await first
        assert len(calls) == 3

    house.run(twice)
    assert "2" in phones(house).values()
    assert "1" not in phones(house).values()
