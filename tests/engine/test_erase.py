"""Deleting removes for good: all of it, nothing else, whenever it is interrupted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from entrepot.clock import now_ms
from entrepot.engine import erase, webhooks
from entrepot.engine.connect import connect
from entrepot.engine.erase import delete_company, delete_connection
from entrepot.engine.webhook_filters import TYPES
from entrepot.engine.write import Draft, WriteRequest
from entrepot.errors import ApiError
from entrepot.model.ecommerce.customer import Customer
from entrepot.store import call_counts, companies, erasing, erasures, idempotency, invites, jobs
from entrepot.store.all_tables import metadata
from entrepot.store.counters import total
from entrepot.store.erasures import Erasure
from entrepot.store.idempotency import Once
from entrepot.store.record_tables import record_table
from entrepot.store.records_read import PageQuery, page
from entrepot.store.scope import SYSTEM
from entrepot.store.store import OutOfScope, Session
from tests.engine.conftest import ORDERS, House
from tests.engine.remains import left, told


def deleted(house: House, work: Any, *, drain: bool = True) -> Erasure:
    """Delete by ``work`` and let the worker do what there is to do."""
    with house.engine.store.write(house.scope) as session:
        ident = work(session)
    if drain:
        house.drain()
    return receipt(house, ident)


def receipt(house: House, ident: int) -> Erasure:
    with house.engine.store.read(house.scope) as session:
        found = erasures.get(session, ident)
    assert found is not None
    return found


def busy(house: House) -> None:
    """Give the house's company something in as many tables as the engine fills."""
    house.sync()
    house.sync(full=True)
    wanted = WriteRequest(noun="customer", action="create", company_id=house.company, items=[
        Draft(Customer(platform_unique_id="", name="Ann Example", email="ann@example.com"),
              frozenset({"name", "email"}))], connection_id=house.connection_id)
    house.run(lambda: house.submit(wanted))
    once = Once("a-key", b"x" * 32, 0)
    with house.engine.store.write(house.scope) as session:
        idempotency.claim(session, once)
        idempotency.keep(session, once, 200, b'{"email":"ann@example.com"}', house.company)


def emails(session: Session, company: int) -> list[str]:
    table = record_table("customer").name
    rows = session.hot(f"SELECT email FROM {table} WHERE company_id = ? AND email IS NOT NULL", (company,))
    return [str(row[0]) for row in rows]


def records(session: Session, noun: str, column: str, ident: int) -> int:
    return int(session.hot(f"SELECT COUNT(*) FROM {record_table(noun).name} WHERE {column} = ?", (ident,))[0][0])


def neighbour(house: House) -> int:
    """Another company on a shop of its own, synced."""
    with house.engine.store.write(SYSTEM) as session:
        other = invites.create(session, house.scope, "Neighbour", [], ["ECOMMERCE"]).company_id
    given = {"token": "demo-token", "shop": "neighbour", "orders": "7", "seed": "99"}
    kind = house.connection().integration_type
    house.run(lambda: connect(house.engine, house.scope, other, kind, given))
    mine, house.company = house.company, other
    house.sync()
    house.company = mine
    return other


def test_nothing_of_a_company_is_left(house: House) -> None:
    other = neighbour(house)
    busy(house)
    with house.engine.store.read(SYSTEM) as session:
        addresses = emails(session, house.company)
        theirs = set(emails(session, other))
        before = {table.name: session.execute(select(table.c.company_id).where(table.c.company_id == other)).all()
                  for table in metadata.tables.values() if "company_id" in table.c}
        assert len(addresses) > 5
        assert told(session, addresses[0])
        assert "idempotency_keys.body" in told(session, "ann@example.com")
        there = sum(total(session, noun, house.company, None, include_deleted=True)
                      for noun in ("order", "customer", "product", "inventory", "fulfillment", "transaction",
                                   "balance", "company_info"))
    done = deleted(house, lambda session: delete_company(session, house.company))
    assert (done.state, done.total, done.connection_id) == ("SUCCESS", there, None)
    assert done.removed["ECOMMERCE_ORDERS"] == ORDERS
    assert (done.removed["companies"], done.removed["connections"], done.removed["idempotency_keys"]) == (1, 1, 1)
    with house.engine.store.read(SYSTEM) as session:
        assert left(session, house.company, [house.connection_id]) == {}
        for address in [one for one in addresses if one not in theirs]:
            assert told(session, address) == []
        after = {table.name: session.execute(select(table.c.company_id).where(table.c.company_id == other)).all()
                 for table in metadata.tables.values() if "company_id" in table.c}
        assert after == before


def test_it_is_gone_before_it_is_removed(house: House) -> None:
    busy(house)
    with house.engine.store.write(house.scope) as session:
        webhooks.create(house.engine, session, webhooks.Wanted(
            name="All", url="https://hooks.example.com/x", types=TYPES), "v4")
    made = deleted(house, lambda session: delete_company(session, house.company), drain=False)
    assert made.state == "CREATED"
    with house.engine.store.read(house.scope) as session:
        assert companies.get(session, house.company) is None
        with pytest.raises(OutOfScope):
            page(session, PageQuery("order", house.company))
        assert page(session, PageQuery("order")).rows == []
    with pytest.raises(ApiError) as refused:
        house.sync()
    assert refused.value.status == 404
    house.drain()
    # That it was deleted is still told, in words that hold nothing but its ids.
    with house.engine.store.read(SYSTEM) as session:
        assert left(session, house.company, [house.connection_id]) == {
            "deliveries.company_id": 1, "deliveries.connection_id": 1}
    with pytest.raises(ApiError) as refused:
        deleted(house, lambda session: delete_company(session, house.company))
    assert refused.value.status == 404


def test_a_connection_goes_alone(house: House) -> None:
    given = {"token": "demo-token", "shop": "second", "orders": "9", "seed": "5"}
    kind = house.connection().integration_type
    second = house.run(lambda: connect(house.engine, house.scope, house.company, kind, given))
    house.sync(connection_id=house.connection_id)
    house.sync(connection_id=second)
    with house.engine.store.read(SYSTEM) as session:
        mine = session.hot("SELECT MAX(seq) FROM changes WHERE connection_id = ?", (second,))[0][0]
        held = len(session.hot("SELECT 1 FROM change_ranges WHERE connection_id = ?", (second,)))
        assert mine or held
    done = deleted(house, lambda session: delete_connection(session, house.connection_id))
    assert (done.state, done.connection_id, done.removed["ECOMMERCE_ORDERS"]) == (
        "SUCCESS", house.connection_id, ORDERS)
    assert "companies" not in done.removed
    with house.engine.store.read(SYSTEM) as session:
        assert left(session, -1, [house.connection_id]) == {}
        assert len(session.hot("SELECT 1 FROM change_ranges WHERE connection_id = ?", (second,))) == held
        assert records(session, "order", "connection_id", second) == 9
    with house.engine.store.read(house.scope) as session:
        assert total(session, "order", house.company, None, include_deleted=True) == 9
    sync, jobs_ = house.sync()  # only one is left, so that it need not be named
    assert (sync.connection_id, sync.status, jobs_["order"].changed) == (second, "SUCCESS", 0)


def test_interrupted_anywhere_it_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies after each single transaction: what it had removed stays counted once."""
    busy(house)
    monkeypatch.setattr(erasing, "BATCH", 50)
    made = deleted(house, lambda session: delete_company(session, house.company), drain=False)
    with house.engine.store.read(SYSTEM) as session:
        held = {model: records(session, noun, "company_id", house.company)
                for model, noun in (("ECOMMERCE_ORDERS", "order"), ("ECOMMERCE_CUSTOMERS", "customer"))}
    whole, lives = erase._batch, 0

    class Died(BaseException):
        """A kill between two commits."""

    def once(session: Session, **given: Any) -> Any:
        nonlocal left_to_do
        if not left_to_do:
            raise Died
        left_to_do -= 1
        return whole(session, **given)

    monkeypatch.setattr(erase, "_batch", once)
    while receipt(house, made.id).state != "SUCCESS":
        left_to_do, lives = 1, lives + 1
        with house.engine.store.write(SYSTEM) as session:
            session.hot("UPDATE jobs SET state = 'ready', lease_until = NULL WHERE kind = 'erase' "
                        "AND state = 'running'")
            held_job = jobs.claim(session, "a worker", 60_000)
        assert held_job is not None
        assert held_job.kind == "erase"
        try:
            asyncio.run(erase.erase(house.engine, held_job))
        except (Died, erase.Settled):
            continue
    assert lives > 25
    done = receipt(house, made.id)
    assert {noun: done.removed[noun] for noun in held} == held
    with house.engine.store.read(SYSTEM) as session:
        assert left(session, house.company, [house.connection_id]) == {}


def test_a_second_look_takes_what_came_late(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    done = deleted(house, lambda session: delete_company(session, house.company))
    with house.engine.store.write(SYSTEM) as session:
        # A call that was on its way when all was removed says what it used.
        call_counts.add(session, house.connection_id, 1)
        waiting = session.hot("SELECT run_at FROM jobs WHERE kind = 'erase' AND state = 'ready'")
        assert [row[0] > now_ms() + erase.SECOND_LOOK_MS / 2 for row in waiting] == [True]
        session.hot("UPDATE jobs SET run_at = 0 WHERE kind = 'erase' AND state = 'ready'")
    house.drain()
    with house.engine.store.read(SYSTEM) as session:
        assert left(session, house.company, [house.connection_id]) == {}
        assert session.hot("SELECT COUNT(*) FROM jobs WHERE kind = 'erase' AND state = 'done'")[0][0] == 2
    assert receipt(house, done.id).state == "SUCCESS"
