"""How often a data model is read: set by its owner, kept by the scheduler."""

from __future__ import annotations

import pytest

from entrepot.clock import now_ms
from entrepot.engine.rhythm import Rhythm, set_rhythms
from entrepot.errors import ApiError
from entrepot.store import frequencies
from entrepot.store.scope import Scope
from tests.engine.conftest import House


def rhythms(house: House) -> dict[str, frequencies.SyncConfig]:
    with house.engine.store.read(house.scope) as session:
        return {one.noun: one for one in frequencies.of_connection(session, house.connection_id)}


def change(house: House, *wanted: Rhythm, scope: Scope | None = None) -> None:
    house.run(lambda: set_rhythms(house.engine, scope or house.scope, house.connection_id, wanted))


def test_every_fifteen_minutes_and_never(house: House) -> None:
    assert {one.frequency for one in rhythms(house).values()} == {"DAILY"}
    change(house, Rhythm("ECOMMERCE_ORDERS", "MINUTELY", 15), Rhythm("ECOMMERCE_BALANCES", "NEVER"))
    found = rhythms(house)
    assert abs((found["order"].next_run_at or 0) - now_ms() - 15 * 60_000) < 10_000
    assert (found["balance"].enabled, found["balance"].next_run_at) == (False, None)
    assert found["customer"].frequency == "DAILY"


@pytest.mark.parametrize(("wanted", "field"), [
    (Rhythm("ECOMMERCE_WISHES", "DAILY"), "sync_config[0].data_model"),
    (Rhythm("ECOMMERCE_ORDERS", "OFTEN"), "sync_config[0].frequency"),
    (Rhythm("ECOMMERCE_ORDERS", "DAILY", 0), "sync_config[0].interval"),
])
def test_what_cannot_be_set_is_named_and_nothing_moves(house: House, wanted: Rhythm, field: str) -> None:
    before = rhythms(house)
    with pytest.raises(ApiError) as told:
        change(house, wanted)
    assert (told.value.code, told.value.field) == ("invalid-params", field)
    assert rhythms(house) == before


def test_another_environment_cannot_set_it(house: House) -> None:
    with pytest.raises(ApiError) as told:
        change(house, Rhythm("ECOMMERCE_ORDERS", "NEVER"),
               scope=Scope(house.scope.organisation_id, house.scope.environment_id + 1))
    assert told.value.status == 404
