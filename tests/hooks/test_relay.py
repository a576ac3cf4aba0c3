"""From the log of changes to deliveries: each change once, in order, whoever relays and whatever is turned off."""

from __future__ import annotations

import asyncio

import pytest

from entrepot import app
from entrepot.engine import announce, webhooks
from entrepot.store.webhook_endpoints import WebhookEndpoint
from tests.hooks.house import KIND, House
from tests.store.shops import customer, family


def sequences(house: House, endpoint: WebhookEndpoint) -> list[int]:
    return [one.sequence or 0 for one in house.made(endpoint)]


def marked(house: House) -> int:
    return len(house.ask("SELECT 1 FROM companies WHERE unannounced"))


def test_every_change_is_told_once_and_in_order(house: House) -> None:
    endpoint = house.endpoint()
    target = house.company()
    house.put(target, [family(n, payments=[1]) for n in range(40)], initial=True)
    house.relay()
    house.put(target, [family(n, total="9.99", payments=[1]) for n in range(0, 40, 2)])
    house.drop(target, "order", ["order_3"])
    house.put(target, [family(3)])
    house.relay()
    told = house.bodies(endpoint)
    assert [body["sequence"] for body in told] == list(range(1, len(told) + 1))
    assert {body["id"] for body in told} == {f"evt_{target.company_id}_{n + 1}" for n in range(len(told))}
    assert [body["initial"] for body in told] == [True] * 80 + [False] * (len(told) - 80)
    operations = [body["operation"] for body in told if body["data"]["platform_unique_id"] == "order_3"]
    assert operations == ["CREATE", "DELETE", "CREATE"]
    changed = next(body for body in told if body["operation"] == "UPDATE")
    assert changed["data"]["total_amount"] == 9.99
    gone = next(body for body in told if body["operation"] == "DELETE" and body["data_model"] == "ECOMMERCE_ORDERS")
    assert list(gone) == ["id", "type", "timestamp", "sequence", "company_id", "connection_id", "integration_type",
                          "data_model", "operation", "initial", "data"]
    assert gone["integration_type"] == KIND
    assert marked(house) == 0


def test_a_v3_endpoint_gets_the_contracts_keys_and_the_v3_record(house: House) -> None:
    endpoint = house.endpoint(version="v3")
    target = house.company()
    house.put(target, [customer("cus_1", name="Ida")], initial=True)
    house.relay()
    house.put(target, [customer("cus_1", name="Ada")])
    house.relay()
    first, second = house.bodies(endpoint)
    assert (first["type"], first["data_model"], first["integration_type"]) == ("CREATE", "ECOMMERCE_CUSTOMERS", KIND)
    assert first["initial"] is True
    assert "initial" not in second
    assert second["type"] == "UPDATE"
    assert second["data"]["name"] == "Ada"
    assert "is_guest" not in second["data"], "v4's field"
    assert {"company_id", "created_at", "connection_id", "id", "sequence"} <= set(second)


def test_two_relays_lose_and_double_nothing(house: House) -> None:
    endpoints = [house.endpoint(), house.endpoint(version="v3")]
    targets = [house.company(), house.company()]
    other = app.build(house.engine.settings)

    async def both() -> None:
        async def rounds(one: app.App) -> None:
            idle = 0
            while idle < 20:
                idle = 0 if await announce.go_round(one.engine) else idle + 1
                await asyncio.sleep(0.005)

        async def change() -> None:
            for turn in range(12):
                for target in targets:
                    families = [family(n, total=f"{turn}.5") for n in range(60)]
                    await asyncio.to_thread(house.put, target, families)

        await asyncio.gather(rounds(house.one), rounds(other), change())

    try:
        asyncio.run(both())
        house.relay()
    finally:
        other.close()
    for endpoint in endpoints:
        for target in targets:
            rows = house.ask("SELECT sequence, event_id FROM deliveries WHERE endpoint_id = ? AND company_id = ? "
                             "ORDER BY id", endpoint.id, target.company_id)
            newest = house.ask("SELECT seq FROM companies WHERE id = ?", target.company_id)[0][0]
            assert [row[0] for row in rows] == list(range(1, newest + 1))
            assert newest == 12 * 60
    assert marked(house) == 0


def test_without_initial_a_first_load_is_skipped(house: House) -> None:
    endpoint = house.endpoint(initial=False)
    target = house.company()
    house.put(target, [family(n) for n in range(30)], initial=True)
    house.put(target, [family(2, total="1")])
    house.relay()
    assert sequences(house, endpoint) == [31]
    assert marked(house) == 0


def test_filters(house: House) -> None:
    target, other = house.company(), house.company()
    asked = {
        "orders": house.endpoint(data_models=["ECOMMERCE_ORDERS"]),
        "deletes": house.endpoint(operations=["DELETE"]),
        "other": house.endpoint(company_ids=[other.company_id]),
        "platform": house.endpoint(integration_types=["ANOTHER_PLATFORM"]),
        "this platform": house.endpoint(integration_types=["ANOTHER_PLATFORM", KIND]),
        "connections": house.endpoint(types=["CONNECTION_CHANGED"]),
    }
    house.put(target, [family(1, payments=[1])])
    house.put(other, [customer("c")])
    house.drop(target, "order", ["order_1"])
    house.relay()
    told = {name: [(one.company_id == target.company_id, one.data_model) for one in house.made(endpoint)]
            for name, endpoint in asked.items()}
    orders, payments = "ECOMMERCE_ORDERS", "ECOMMERCE_TRANSACTIONS"
    assert told["orders"] == [(True, orders)] * 2
    assert sorted(told["deletes"]) == [(True, orders), (True, payments)]
    assert told["other"] == [(False, "ECOMMERCE_CUSTOMERS")]
    assert told["platform"] == told["connections"] == []
    assert len(told["this platform"]) == 5
    assert marked(house) == 0


def test_an_endpoint_hears_of_what_comes_after_it(house: House) -> None:
    target = house.company()
    house.put(target, [family(n) for n in range(5)])
    endpoint = house.endpoint()
    house.put(target, [family(0, total="5")])
    newborn = house.company()
    house.put(newborn, [customer("c")])
    house.relay()
    assert [(one.company_id, one.sequence) for one in house.made(endpoint)] == [
        (target.company_id, 6), (newborn.company_id, 1)]


@pytest.mark.parametrize("initial", [True, False])
def test_a_full_endpoint_waits_and_nothing_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch, initial: bool,
) -> None:
    monkeypatch.setattr(announce, "FULL", 20)
    monkeypatch.setattr(announce, "BATCH", 8)
    full, quick = house.endpoint(), house.endpoint(version="v3")
    target = house.company()
    house.put(target, [family(n) for n in range(50)], initial=initial)
    for turn in range(8):
        house.relay()
        assert len([one for one in house.made(full) if one.state == "PENDING"]) <= 28
        house.set("UPDATE deliveries SET state = 'DELIVERED' WHERE endpoint_id = ?", quick.id)
        if turn == 3:
            assert marked(house) == 1
            house.set("UPDATE deliveries SET state = 'DELIVERED' WHERE endpoint_id = ?", full.id)
    house.set("UPDATE deliveries SET state = 'DELIVERED' WHERE endpoint_id = ?", full.id)
    house.relay()
    assert sequences(house, full) == sequences(house, quick) == list(range(1, 51))
    assert marked(house) == 0


def test_companies_behind_a_full_endpoint_have_their_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "FULL", 1)
    monkeypatch.setattr(announce, "COMPANIES", 2)
    targets = [house.company() for _ in range(7)]
    full = house.endpoint(company_ids=[target.company_id for target in targets[:-1]])
    for target in targets:
        house.put(target, [customer("c")])
    house.relay()
    assert len(house.made(full)) == 1
    house.endpoint(name="blind")
    last = house.endpoint(company_ids=[targets[-1].company_id])
    house.put(targets[-1], [customer("d")])
    house.relay()
    assert len(house.made(last)) == 1


def test_what_a_disabled_endpoint_missed_is_told_when_it_is_enabled(house: House) -> None:
    endpoint = house.endpoint()
    target = house.company()
    house.put(target, [customer("a")])
    house.relay()
    with house.engine.store.write(house.scope) as session:
        webhooks.set_state(session, endpoint.public_id, "DISABLED")
    house.put(target, [customer("b"), customer("c")])
    house.relay()
    assert sequences(house, endpoint) == [1]
    with house.engine.store.write(house.scope) as session:
        webhooks.set_state(session, endpoint.public_id, "ENABLED")
    house.relay()
    assert sequences(house, endpoint) == [1, 2, 3]
    assert marked(house) == 0


def test_what_was_erased_in_between_is_passed_over(house: House) -> None:
    endpoint = house.endpoint()
    target = house.company()
    house.put(target, [family(n) for n in range(6)], initial=True)
    house.put(target, [customer("c")])
    house.set("DELETE FROM ecommerce_orders WHERE platform_unique_id IN ('order_4', 'order_5')")
    house.relay()
    assert sequences(house, endpoint) == [1, 2, 3, 4, 7]
    assert marked(house) == 0
