"""What new connections begin with, what is allowed on a connection, and when the scheduler reads what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from entrepot.clock import now_ms, to_ms
from entrepot.engine import defaults, rhythm
from entrepot.engine.connect import connect
from entrepot.engine.rhythm import Rhythm, set_rhythms
from entrepot.engine.sync import request_due, request_sync
from entrepot.engine.write import WriteRequest
from entrepot.errors import ApiError
from entrepot.store import connections, frequencies, syncs
from entrepot.store.core_tables import sync_configs
from entrepot.store.core_tables import syncs as sync_table
from entrepot.store.frequencies import SyncConfig, following
from entrepot.store.scope import SYSTEM, Scope
from tests.engine.conftest import House
from tests.engine.test_write import customer

ORDER, CUSTOMER, PAYMENT = "ECOMMERCE_ORDERS", "ECOMMERCE_CUSTOMERS", "ECOMMERCE_TRANSACTIONS"
DAY = 86_400_000
HOUR = DAY // 24


def configs(house: House, connection_id: int | None = None) -> dict[str, SyncConfig]:
    with house.engine.store.read(SYSTEM) as session:
        return {one.noun: one for one in frequencies.of_connection(session, connection_id or house.connection_id)}


def keep(house: House, *wanted: Rhythm, kind: str = "", scope: Scope | None = None) -> list[str]:
    scope = scope or house.scope
    with house.engine.store.write(scope) as session:
        return defaults.keep(house.engine, session, scope, wanted, kind)


def propagate(house: House, nouns: Sequence[str], kind: str = "", scope: Scope | None = None) -> int:
    scope = scope or house.scope
    with house.engine.store.write(scope) as session:
        return defaults.propagate(house.engine, session, scope, nouns, kind)


def allow(house: House, model: str, **access: bool) -> None:
    house.run(lambda: set_rhythms(house.engine, house.scope, house.connection_id,
                                  [Rhythm(model, "DAILY", scope_access=access)]))


def another(house: House, name: str = "second", rhythms: Sequence[Rhythm] = ()) -> int:
    kind, given = house.connection().integration_type, {"token": "demo-token", "orders": "5", "shop": name}
    return house.run(lambda: connect(house.engine, house.scope, house.company, kind, given, rhythms))


def test_a_new_connection_begins_with_the_defaults_and_its_own_words(house: House) -> None:
    kind = house.connection().integration_type
    keep(house, Rhythm(ORDER, "HOURLY", 6, sync_from="2024-01-01", scope_access={"CREATE": False}),
         Rhythm(CUSTOMER, "NEVER"), Rhythm("ECOMMERCE_BALANCES", "WEEKLY"))
    keep(house, Rhythm(CUSTOMER, "MONTHLY"), kind=kind)
    found = configs(house, another(house, rhythms=[Rhythm("ECOMMERCE_PRODUCTS", "YEARLY")]))
    assert (found["order"].frequency, found["order"].interval, found["order"].sync_from) == (
        "HOURLY", 6, "2024-01-01T00:00:00.000Z")
    assert (found["order"].may("CREATE"), found["order"].may("UPDATE")) == (False, True)
    assert (found["customer"].frequency, found["balance"].frequency, found["product"].frequency) == (
        "MONTHLY", "WEEKLY", "YEARLY"), "the platform's own before all platforms', its own words before both"
    assert (found["inventory"].frequency, found["inventory"].enabled) == ("DAILY", True)
    assert configs(house)["order"].frequency == "DAILY", "connections that there are keep theirs"


def test_propagated_defaults_reach_every_connection_and_spread_over_a_step(house: House) -> None:
    second = another(house)
    before = configs(house)["customer"]
    moved = propagate(house, keep(house, Rhythm(ORDER, "HOURLY", 2, scope_access={"READ": False})))
    assert moved == 6, "orders with what comes with them, on two connections"
    for ident in (house.connection_id, second):
        found = configs(house, ident)
        assert (found["order"].frequency, found["order"].interval) == ("HOURLY", 2)
        assert now_ms() - 10_000 < (found["order"].next_run_at or 0) <= now_ms() + 2 * HOUR
        assert {found[name].may("READ") for name in ("order", "fulfillment", "transaction")} == {False}
    assert configs(house)["customer"] == before
    unmoved = configs(house)["order"].next_run_at
    propagate(house, ["order"])
    assert configs(house)["order"].next_run_at == unmoved, "the same rhythm keeps its beat"


def test_another_environment_has_its_own_defaults(house: House) -> None:
    there = Scope(house.scope.organisation_id, house.scope.environment_id + 1)
    assert propagate(house, keep(house, Rhythm(ORDER, "YEARLY"), scope=there), scope=there) == 0
    assert configs(house)["order"].frequency == "DAILY"
    assert configs(house, another(house))["order"].frequency == "DAILY"


@pytest.mark.parametrize(("wanted", "field"), [
    (Rhythm("ECOMMERCE_WISHES", "DAILY"), "configs[0].data_model"), (Rhythm(ORDER, "OFTEN"), "configs[0].frequency"),
    (Rhythm(ORDER, "DAILY", 0), "configs[0].interval"), (Rhythm(ORDER, "DAILY", sync_from="x"), "configs[0].sync_from"),
    (Rhythm(ORDER, "DAILY", scope_access={"EAT": True}), "configs[0].scope_access"),
])
def test_wrong_defaults_are_named(house: House, wanted: Rhythm, field: str) -> None:
    with pytest.raises(ApiError) as told:
        keep(house, wanted)
    assert (told.value.code, told.value.field) == ("invalid-params", field)


def test_what_must_not_be_read_is_not_read(house: House) -> None:
    allow(house, CUSTOMER, READ=False)
    with pytest.raises(ApiError) as told:
        house.sync(data_models=[CUSTOMER])
    assert told.value.code == "operation-denied"
    assert CUSTOMER in told.value.message
    _, done = house.sync()
    assert "customer" not in done
    assert (house.live("order") > 0, house.live("customer")) == (True, 0), "guests of orders are customers too"
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(sync_configs).where(sync_configs.c.noun == "customer").values(next_run_at=1))
        assert request_due(house.engine, session) == 0
    allow(house, CUSTOMER, READ=True)
    assert house.sync(data_models=[CUSTOMER])[0].status == "SUCCESS"


def test_what_comes_together_is_read_together(house: House) -> None:
    with pytest.raises(ApiError) as told:
        allow(house, PAYMENT, READ=False)
    assert (told.value.code, told.value.field) == ("operation-denied", "sync_config.scope_access")
    assert configs(house)["transaction"].may("READ")
    with house.engine.store.write(house.scope) as session:
        rhythm.apply(house.engine, session, house.connection(), [
            Rhythm(model, "DAILY", scope_access={"READ": False})
            for model in (ORDER, PAYMENT, "ECOMMERCE_FULFILLMENTS")])
    assert not configs(house)["transaction"].may("READ")


def test_what_must_not_be_written_is_refused_by_name(house: House) -> None:
    allow(house, CUSTOMER, CREATE=False)
    with pytest.raises(ApiError) as told:
        house.run(lambda: house.submit(WriteRequest("customer", "create", house.company, [customer("Ada")])))
    assert told.value.code == "operation-denied"
    assert CUSTOMER in told.value.message
    assert "CREATE" in told.value.message
    allow(house, CUSTOMER, CREATE=True)
    assert house.run(lambda: house.submit(WriteRequest(
        "customer", "create", house.company, [customer("Ada")]))).rootfi_ids


def due(house: House, **nouns: int | None) -> int:
    """One turn of the scheduler with these next runs and no others."""
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(sync_configs).values(next_run_at=now_ms() + DAY))
        for noun, at in nouns.items():
            session.execute(update(sync_configs).where(sync_configs.c.noun == noun).values(next_run_at=at))
        return request_due(house.engine, session)


def made(house: House) -> list[list[str]]:
    """The data models of the syncs that the scheduler made."""
    with house.engine.store.read(house.scope) as session:
        found = syncs.listed(session, syncs.Wanted(), after=None, before=None, limit=100)
    return [one.data_models for one in reversed(found) if one.sync_type == "AUTO_SYNC"]


def test_what_is_being_read_is_not_queued_again_and_the_rest_is_not_forgotten(house: House) -> None:
    house.run(lambda: request_sync(house.engine, house.scope, house.company, data_models=[ORDER]))
    assert due(house, order=1, customer=1) == 1
    assert made(house) == [[CUSTOMER]]
    assert due(house, order=1, customer=1) == 0
    house.drain()
    assert due(house, order=1, customer=1) == 1


def test_missed_times_fire_once_and_the_rhythm_keeps_its_beat(house: House) -> None:
    with house.engine.store.write(SYSTEM) as session:
        frequencies.set_config(session, house.connection_id, "order", "HOURLY", 1)
    planned = now_ms() - 50 * HOUR - 5000
    assert due(house, order=planned) == 1
    house.drain()
    following_run = configs(house)["order"].next_run_at
    assert following_run == planned + 51 * HOUR
    with house.engine.store.write(SYSTEM) as session:
        assert request_due(house.engine, session) == 0


@pytest.mark.parametrize("status", ["EXPIRED", "DISCONNECTED", "PENDING"])
def test_a_shop_that_does_not_open_is_left_alone(house: House, status: str) -> None:
    with house.engine.store.write(SYSTEM) as session:
        connections.set_status(session, house.connection_id, status)  # type: ignore[arg-type]
    assert due(house, order=1) == 0
    assert configs(house)["order"].next_run_at == 1, "it is due as soon as the shop opens again"


def test_never_and_disabled_are_never_due_and_another_rhythm_counts_from_now(house: House) -> None:
    with house.engine.store.write(SYSTEM) as session:
        frequencies.set_config(session, house.connection_id, "order", "NEVER", 1)
        frequencies.set_config(session, house.connection_id, "customer", "DAILY", 1, enabled=False)
        frequencies.set_config(session, house.connection_id, "product", "MINUTELY", 5)
    found = configs(house)
    assert (found["order"].next_run_at, found["customer"].next_run_at) == (None, None)
    assert abs((found["product"].next_run_at or 0) - now_ms() - 5 * 60_000) < 10_000
    with house.engine.store.write(SYSTEM) as session:
        frequencies.set_config(session, house.connection_id, "product", "MINUTELY", 5, access={"CREATE": False})
    assert configs(house)["product"].next_run_at == found["product"].next_run_at, "a permission moves no run"
    with house.engine.store.read(SYSTEM) as session:
        assert session.execute(select(sync_table.c.id)).first() is None


def moment(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(("frequency", "interval", "planned", "now", "expected"), [
    ("DAILY", 1, "2024-03-01T03:00", "2024-03-01T03:00:41", "2024-03-02T03:00"),
    ("DAILY", 2, "2024-03-01T03:00", "2024-03-08T05:00", "2024-03-09T03:00"),
    ("MINUTELY", 15, "2024-03-01T03:00", "2024-03-01T03:15", "2024-03-01T03:30"),
    ("MONTHLY", 1, "2024-01-31T00:00", "2024-02-01T00:00", "2024-02-29T00:00"),
    ("MONTHLY", 1, "2024-01-31T00:00", "2024-03-05T00:00", "2024-03-31T00:00"),
    ("YEARLY", 1, "2024-02-29T00:00", "2027-01-01T00:00", "2027-02-28T00:00"),
])
def test_the_next_run_is_a_whole_number_of_steps_away(
    frequency: str, interval: int, planned: str, now: str, expected: str,
) -> None:
    assert following(frequency, interval, moment(now), moment(planned)) == moment(expected)
