"""What runs by the clock, and mapping again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import select, update

from entrepot.engine import remap as remap_module
from entrepot.engine import upkeep
from entrepot.engine.remap import Remapped, remap
from entrepot.kit.spec import Family
from entrepot.model.ecommerce.product import Product
from entrepot.store import records_read
from entrepot.store.core_tables import jobs, schedules, sync_configs, syncs
from entrepot.store.records_read import PageQuery
from entrepot.store.scope import SYSTEM
from tests.engine.conftest import House
from tests.engine.test_sync import row_of


def shout(house: House, monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """A newer mapping: product names in capitals."""
    kind = house.connection().integration_type
    installed = house.engine.installed[kind]
    stream = installed.connector.stream("products")

    def mapped(raw: bytes, settings: Mapping[str, str]) -> Family:
        family = stream.map(raw, settings)
        record = family.parent.record
        assert isinstance(record, Product)
        louder = msgspec.structs.replace(record, name=(record.name or "").upper())
        return Family(msgspec.structs.replace(family.parent, record=louder))

    streams = tuple(replace(stream, map=mapped) if one.name == "products" else one
                    for one in installed.connector.streams)
    changed = replace(installed.connector, streams=streams, mapping_version=version)
    monkeypatch.setitem(house.engine.installed, kind, replace(installed, connector=changed))  # type: ignore[arg-type]


def whole(house: House) -> Remapped:
    """Remap to the end."""
    return [Remapped(), *remap(house.engine, house.connection())][-1]


def test_a_newer_mapping_is_applied_without_calling_the_shop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.sync()
    with house.engine.store.read(house.scope) as session:
        uid = records_read.page(session, PageQuery("product", house.company, None, limit=1)).rows[0].uid
    before = row_of(house, "product", uid)
    assert before is not None
    installed = house.engine.installed[house.connection().integration_type]
    shout(house, monkeypatch, installed.connector.mapping_version + 1)
    house.faults("error=503")  # the shop is down: nobody may ask it
    done = whole(house)
    assert done.changed == house.live("product")
    assert done.unmappable == 0
    after = row_of(house, "product", uid)
    assert after is not None
    assert after["name"] == str(before["name"]).upper()
    assert after["rootfi_id"] == before["rootfi_id"]
    assert str(after["rootfi_updated_at"]) > str(before["rootfi_updated_at"])
    assert whole(house).rows == 0, "a second run finds nothing to do"
    with house.engine.store.read(SYSTEM) as session:
        rows = session.unscoped("SELECT DISTINCT cause, operation FROM changes WHERE noun = 'product'")
    assert [tuple(row) for row in rows] == [("remap", "UPDATE")]


def test_an_interrupted_remap_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.sync(data_models=["ECOMMERCE_PRODUCTS"])
    monkeypatch.setattr(remap_module, "PAGE", 50)
    shout(house, monkeypatch, 99)
    first = next(iter(remap(house.engine, house.connection())))
    assert 0 < first.rows <= 50
    assert whole(house).rows == house.live("product") - first.rows


def test_bodies_of_an_older_view_are_written_anew_and_nobody_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    house.sync(data_models=["ECOMMERCE_ORDERS"])
    with house.engine.store.write(SYSTEM) as session:
        before = [tuple(row) for row in session.unscoped("SELECT rootfi_id, body FROM ecommerce_orders ORDER BY 1")]
        session.unscoped("UPDATE ecommerce_orders SET body = '{}', body_older = '{}', view_version = 0")
        session.unscoped("UPDATE ecommerce_fulfillments SET body = '{}', body_older = '{}', view_version = 0")
    monkeypatch.setattr(remap_module, "PAGE", 50)
    assert whole(house).changed == 0
    with house.engine.store.read(SYSTEM) as session:
        after = [tuple(row) for row in session.unscoped("SELECT rootfi_id, body FROM ecommerce_orders ORDER BY 1")]
        assert session.unscoped("SELECT COUNT(*) FROM changes")[0][0] == 0
    assert after == before


def test_the_schedule_makes_due_syncs_and_lets_old_things_go(house: House) -> None:
    house.sync(data_models=["ECOMMERCE_COMPANY_INFO"])
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(sync_configs).where(sync_configs.c.noun == "balance").values(next_run_at=1))
        session.execute(update(jobs).values(ended_at=1))
        session.execute(update(syncs).values(ended_at=1))

    async def a_minute() -> None:
        stop = asyncio.Event()
        ticking = asyncio.create_task(upkeep.tick(house.engine, stop))
        await asyncio.sleep(0.3)
        with house.engine.store.write(SYSTEM) as session:
            session.execute(update(schedules).values(next_run_at=1))
        stop.set()
        await ticking
        again = asyncio.Event()
        ticking = asyncio.create_task(upkeep.tick(house.engine, again))
        await house.engine.worker.drain()
        again.set()
        await ticking
        await house.engine.worker.drain()

    house.run(a_minute)
    with house.engine.store.read(SYSTEM) as session:
        found = [(row["sync_type"], row["status"]) for row in session.execute(select(syncs)).mappings()]
    assert found == [("AUTO_SYNC", "SUCCESS")], "the due one was made, the one of long ago is gone"
