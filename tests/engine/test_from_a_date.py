"""A sync that begins at a date: nothing older is fetched, nothing is swept, and no mark moves that would hide what it
left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import update

from entrepot.engine.from_date import from_date
from entrepot.engine.rhythm import Rhythm, set_rhythms
from entrepot.engine.sync import Asked, ask, request_due
from entrepot.errors import ApiError
from entrepot.model.ecommerce.order import Order
from entrepot.store import cursors, records_read
from entrepot.store.core_tables import sync_configs
from entrepot.store.cursors import Cursor
from entrepot.store.records_read import PageQuery
from entrepot.store.scope import SYSTEM
from entrepot.store.syncs import Sync, SyncJob
from tests.engine.conftest import ORDERS, House

ORDER = "ECOMMERCE_ORDERS"


def created(house: House, path: str = "/orders") -> list[str]:
    """When everything in the shop was made, oldest first."""
    found = house.shop("GET", path, params={"size": "500"})
    return sorted(row["created_at"] for row in found["results"])


def middle(house: House) -> str:
    """A time with as many orders before it as after."""
    return created(house)[ORDERS // 2]


def younger(house: House, begin: str) -> int:
    return sum(at >= begin for at in created(house))


def stored(house: House, noun: str) -> list[str]:
    with house.engine.store.read(house.scope) as session:
        rows = records_read.page(session, PageQuery(noun, house.company, None, limit=1000)).rows
    return [msgspec.json.decode(row.body)["created_at"] for row in rows]


def remark(house: House, uid: str) -> str | None:
    with house.engine.store.read(house.scope) as session:
        row = records_read.owned(session, "order", house.company, house.connection_id, uid)
        assert row is not None
        found = records_read.document_of(session, "order", house.company, row.rootfi_id)
    assert isinstance(found, Order)
    return found.description


def cursor(house: House, stream: str = "orders") -> Cursor:
    with house.engine.store.read(SYSTEM) as session:
        return cursors.get(session, house.connection_id, stream)


def rhythm(house: House, *wanted: Rhythm) -> None:
    house.run(lambda: set_rhythms(house.engine, house.scope, house.connection_id, wanted))


def scheduled(house: House) -> tuple[Sync, dict[str, SyncJob]]:
    """The sync of orders that the rhythm makes now."""
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(sync_configs).where(sync_configs.c.noun == "order").values(next_run_at=1))
        assert request_due(house.engine, session) == 1
    house.drain()
    with house.engine.store.read(SYSTEM) as session:
        sync_id = session.unscoped("SELECT sync_id FROM syncs ORDER BY id DESC LIMIT 1")[0][0]
    return house.ended(str(sync_id))


def test_a_first_sync_from_a_date_leaves_the_past_alone_and_the_next_one_finds_it(house: House) -> None:
    begin = middle(house)
    sync, done = house.sync(data_models=[ORDER], sync_from=begin)
    assert (sync.status, sync.sync_from, done["order"].sync_from) == ("SUCCESS", begin, begin)
    assert done["order"].fetched == younger(house, begin)
    assert min(stored(house, "order")) >= begin
    assert cursor(house).scanned_at is None, "older orders are wanted, so nothing was proved"
    _, whole = house.sync(data_models=[ORDER])
    assert (whole["order"].fetched, house.live("order")) == (ORDERS, ORDERS)
    assert cursor(house).scanned_at is not None


def test_a_sync_from_a_date_never_deletes_what_is_older(house: House) -> None:
    house.sync()
    live = {noun: house.live(noun) for noun in ("order", "product", "customer", "inventory")}
    _, done = house.sync(full=True, sync_from=middle(house))
    assert sum(job.deleted for job in done.values()) == 0
    assert {noun: house.live(noun) for noun in live} == live


def test_a_narrow_sync_does_not_hide_a_change_of_an_older_order(house: House) -> None:
    house.sync(data_models=[ORDER])
    before = cursor(house)
    oldest = house.shop("GET", "/orders", params={"size": "1"})["results"][0]["id"]
    house.shop("PATCH", f"/orders/{oldest}", {"remark": "Do not forget me"})
    for full in (False, True):
        _, narrow = house.sync(data_models=[ORDER], sync_from=middle(house), full=full)
        assert narrow["order"].changed <= 2
        assert cursor(house).watermark == before.watermark
    _, next_one = house.sync(data_models=[ORDER])
    assert next_one["order"].changed >= 1
    assert remark(house, oldest) == "Do not forget me"


def test_a_rhythm_from_a_date_is_followed_incrementally_and_can_be_widened(house: House) -> None:
    begin = middle(house)
    rhythm(house, Rhythm(ORDER, "HOURLY", sync_from=begin))
    sync, first = scheduled(house)
    assert (sync.sync_type, first["order"].sync_from, first["order"].fetched) == (
        "AUTO_SYNC", begin, younger(house, begin))
    assert (cursor(house).scanned_at is not None, cursor(house).scanned_from) == (True, begin)
    _, second = scheduled(house)
    assert second["order"].fetched < first["order"].fetched, "it goes on from its mark"
    # A person who says nothing asks for what the rhythm wants.
    assert house.sync(data_models=[ORDER])[1]["order"].sync_from == begin
    rhythm(house, Rhythm(ORDER, "HOURLY"))
    _, wider = scheduled(house)
    assert (wider["order"].fetched, house.live("order")) == (ORDERS, ORDERS)
    assert cursor(house).scanned_from is None


def test_a_rhythm_that_is_narrowed_and_widened_again_loses_no_change(house: House) -> None:
    house.sync(data_models=[ORDER])
    begin = middle(house)
    rhythm(house, Rhythm(ORDER, "HOURLY", sync_from=begin))
    oldest = house.shop("GET", "/orders", params={"size": "1"})["results"][0]["id"]
    house.shop("PATCH", f"/orders/{oldest}", {"remark": "While you looked away"})
    scheduled(house)
    assert cursor(house).scanned_from == begin
    rhythm(house, Rhythm(ORDER, "HOURLY"))
    _, whole = scheduled(house)
    assert whole["order"].fetched == ORDERS
    assert remark(house, oldest) == "While you looked away"


def test_each_data_model_may_begin_at_its_own_date(house: House) -> None:
    begin = middle(house)
    asked = Asked(house.company, data_models=[ORDER, "ECOMMERCE_CUSTOMERS", "ECOMMERCE_COMPANY_INFO"],
                  sync_from="2020-01-01", sync_froms={ORDER: begin})
    with house.engine.store.write(house.scope) as session:
        sync_id = ask(house.engine, session, asked)
    house.drain()
    sync, done = house.ended(sync_id)
    assert sync.sync_from == "2020-01-01T00:00:00.000Z"
    assert {noun: job.sync_from for noun, job in done.items()} == {
        "order": begin, "fulfillment": begin, "transaction": begin, "customer": "2020-01-01T00:00:00.000Z",
        "company_info": None}, "the shop itself has no date to be read from"
    assert done["order"].fetched == younger(house, begin)


@pytest.mark.parametrize(("text", "kept"), [
    ("2024-01-31", "2024-01-31T00:00:00.000Z"), ("2024-01-31T08:00:00+02:00", "2024-01-31T06:00:00.000Z"),
    ("2024-01-31 08:00:00", "2024-01-31T08:00:00.000Z"), ("2024-01-31T08:00:00.1234567Z", "2024-01-31T08:00:00.123Z"),
    ("", None), (None, None),
])
def test_dates_are_kept_so_that_they_compare(text: str | None, kept: str | None) -> None:
    assert from_date(text, "sync_from") == kept


@pytest.mark.parametrize("text", ["yesterday", "20240131", "2024-13-01", "0001-01-01T00:00:00+14:00", "2024-01-31T",
                                  "2024-W05", "2024-01-31T25:00:00Z"])
def test_what_is_no_date_is_refused_by_name(house: House, text: str) -> None:
    with pytest.raises(ApiError) as told:
        house.sync(sync_from=text)
    assert (told.value.code, told.value.field) == ("invalid-params", "sync_from")
    with pytest.raises(ApiError) as told:
        rhythm(house, Rhythm(ORDER, "DAILY", sync_from=text))
    assert told.value.field == "sync_config[0].sync_from"


def test_a_date_in_the_future_reads_nothing(house: House) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    sync, done = house.sync(data_models=[ORDER], sync_from=tomorrow)
    assert (sync.status, done["order"].fetched) == ("SUCCESS", 0)
