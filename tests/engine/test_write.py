"""Writing to a shop: once, whatever happens in between."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, update

from entrepot.engine.references import resolve
from entrepot.engine.write import Draft, Submitted, WriteRequest
from entrepot.errors import ApiError
from entrepot.model.base import Record
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment, FulfillmentLine
from entrepot.model.ecommerce.order import LineItem, Order
from entrepot.model.ecommerce.product import Product
from entrepot.model.ecommerce.transaction import Transaction
from entrepot.store import jobs, records_read
from entrepot.store.core_tables import jobs as job_table
from entrepot.store.core_tables import operations, syncs
from entrepot.store.jobs import NewJob
from entrepot.store.records_read import PageQuery
from entrepot.store.scope import SYSTEM
from tests.engine.conftest import House


def draft(record: Record, *names: str) -> Draft:
    return Draft(record, frozenset(names))


def customer(name: str) -> Draft:
    return draft(Customer(platform_unique_id="", name=name, email=f"{name.lower()}@example.com"), "name", "email")


def ask(house: House, noun: str, *items: Draft, **given: Any) -> WriteRequest:
    return WriteRequest(noun, given.pop("action", "create"), house.company, items, **given)


def write(house: House, noun: str, *items: Draft, **given: Any) -> Submitted:
    return house.run(lambda: house.submit(ask(house, noun, *items, **given)))


def refused(house: House, noun: str, *items: Draft, **given: Any) -> ApiError:
    with pytest.raises(ApiError) as told:
        write(house, noun, *items, **given)
    return told.value


def record(house: House, noun: str, rootfi_id: int) -> Record:
    with house.engine.store.read(house.scope) as session:
        found = records_read.document_of(session, noun, house.company, rootfi_id)
    assert found is not None
    return found


def in_shop(house: House, path: str, uid: str) -> dict[str, Any]:
    found: dict[str, Any] = house.shop("GET", f"{path}/{uid}")
    return found


def copies(house: House, path: str) -> int:
    """How many objects the shop has for the last operation's marker."""
    with house.engine.store.read(SYSTEM) as session:
        marker = session.execute(select(operations.c.marker).order_by(operations.c.id.desc()).limit(1)).scalar_one()
    found = house.shop("GET", path, params={"client_reference": marker})
    return len(next(value for value in found.values() if isinstance(value, list)))


def left(house: House) -> int:
    """Operations and syncs kept."""
    with house.engine.store.read(SYSTEM) as session:
        return sum(int(session.execute(select(func.count()).select_from(table)).scalar_one())
                   for table in (operations, syncs))


def some(house: House, noun: str, number: int = 0) -> Any:
    with house.engine.store.read(house.scope) as session:
        return records_read.page(session, PageQuery(noun, house.company, None, limit=number + 1)).rows[number]


def test_a_customer_is_in_the_shop_and_in_the_store(house: House) -> None:
    done = write(house, "customer", customer("Ada"))
    assert done.rootfi_ids is not None
    kept = record(house, "customer", done.rootfi_ids[0])
    assert isinstance(kept, Customer)
    assert kept.name == "Ada"
    assert in_shop(house, "/buyers", kept.platform_unique_id)["full_name"] == "Ada"
    sync, job = house.ended(done.sync_id)
    assert (sync.status, sync.config_mode, job["customer"].job_type) == ("SUCCESS", "CREATE", "PUSH")


def test_an_order_takes_references_in_all_three_forms(house: House) -> None:
    house.sync()
    buyer, article = some(house, "customer"), some(house, "product", 3)
    product = record(house, "product", article.rootfi_id)
    assert isinstance(product, Product)
    variant = product.variants[0]
    for reference in (f"{buyer.uid}_1", buyer.uid, str(buyer.rootfi_id)):
        line = LineItem(item_id=f"{article.uid}_1", variant_id=str(variant.rootfi_id), description="One of these",
                        quantity=Decimal(2), unit_amount=Decimal("10.50"))
        order = Order(platform_unique_id="", customer_id=reference, currency_id="EUR", line_items=[line])
        done = write(house, "order", draft(order, "customer_id", "currency_id", "line_items"))
        assert done.rootfi_ids is not None
        kept = record(house, "order", done.rootfi_ids[0])
        assert isinstance(kept, Order)
        assert kept.customer_id == buyer.uid
        assert kept.line_items[0].variant_id == variant.platform_unique_id
        assert kept.line_items[0].quantity == 2
        assert kept.order_number


def test_an_unknown_reference_is_named_and_nothing_is_left(house: House) -> None:
    house.sync(data_models=["ECOMMERCE_CUSTOMERS"])
    before = left(house)
    line = LineItem(item_id="no-such-thing", quantity=Decimal(1), unit_amount=Decimal(1))
    order = Order(platform_unique_id="", customer_id=some(house, "customer").uid, currency_id="EUR",
                  line_items=[line])
    told = refused(house, "order", draft(order, "customer_id", "currency_id", "line_items"))
    assert (told.code, told.field) == ("invalid-params", "data[0].line_items[0].item_id")
    assert left(house) == before


def test_what_the_shop_cannot_hold_is_denied_before_it_is_called(house: House) -> None:
    house.sync()
    before = left(house)
    order = Order(platform_unique_id="", customer_id=some(house, "customer").uid, currency_id="XAU",
                  line_items=[LineItem(item_id=some(house, "product").uid, quantity=Decimal(1),
                                       unit_amount=Decimal(1))])
    told = refused(house, "order", draft(order, "customer_id", "currency_id", "line_items"))
    assert told.code == "operation-denied"
    assert str(told.field).endswith("currency_id")
    assert left(house) == before


def test_an_action_that_the_platform_lacks_is_denied(house: House) -> None:
    told = refused(house, "transaction", draft(Transaction(platform_unique_id="", type="payment"), "type"))
    assert told.code == "operation-denied"


def test_an_update_changes_what_was_given_and_nothing_else(house: House) -> None:
    done = write(house, "customer", customer("Grace"))
    assert done.rootfi_ids is not None
    target = str(done.rootfi_ids[0])
    again = write(house, "customer", draft(Customer(platform_unique_id="", phone="555"), "phone"), action="update",
                  target=target)
    assert again.rootfi_ids == done.rootfi_ids
    kept = record(house, "customer", done.rootfi_ids[0])
    assert isinstance(kept, Customer)
    assert (kept.name, kept.phone, kept.email) == ("Grace", "555", "grace@example.com")


def test_an_update_of_nothing_known_is_not_found(house: House) -> None:
    told = refused(house, "customer", customer("Nobody"), action="update", target="999999")
    assert told.status == 404


@pytest.mark.parametrize("fault", ["lost=504", "reset", "lost=500"])
def test_a_create_whose_answer_is_lost_happens_exactly_once(house: House, fault: str) -> None:
    house.faults(f"{fault}@POST /v1/buyers*1")

    async def both() -> Submitted:


        stop = asyncio.Event()
        working = asyncio.create_task(house.engine.worker.run(stop))
        try:
            return await house.submit(ask(house, "customer", customer("Once")))
        finally:
            stop.set()
            await working

    done = house.run(both)
    assert done.rootfi_ids is not None
    assert copies(house, "/buyers") == 1
    kept = record(house, "customer", done.rootfi_ids[0])
    assert isinstance(kept, Customer)
    assert kept.name == "Once"


def test_a_write_that_died_after_sending_is_found_again(house: House) -> None:
    """The shop has it, the process died before it could say so: another worker looks before it sends."""
    done = write(house, "customer", customer("Twice"))
    with house.engine.store.write(SYSTEM) as session:
        session.execute(update(operations).values(state="sent", rootfi_id=None, ended_at=None))
        session.execute(update(job_table).values(state="ready", ended_at=None, run_at=0))
    house.drain()
    assert copies(house, "/buyers") == 1
    with house.engine.store.read(SYSTEM) as session:
        assert session.execute(select(operations.c.rootfi_id)).scalar_one() == (done.rootfi_ids or [0])[0]


def test_a_refusal_of_the_shop_reaches_the_caller_in_its_words(house: House) -> None:
    house.faults("error=422@POST /v1/buyers*1")
    told = refused(house, "customer", customer("Unwanted"))
    assert told.status == 400
    assert "headache" in str(told.platform_error)


def test_a_batch_is_asynchronous_and_one_bad_item_does_not_stop_the_rest(house: House) -> None:
    told = refused(house, "customer", customer("A"), customer("B"))
    assert told.field == "run_async"
    house.faults("error=422@POST /v1/buyers*1")
    done = write(house, "customer", customer("Bad"), customer("Good"), customer("Fine"), run_async=True)
    assert done.rootfi_ids is None
    house.drain()
    with house.engine.store.read(SYSTEM) as session:
        states = session.execute(select(operations.c.state).order_by(operations.c.position)).scalars().all()
    assert list(states) == ["failed", "done", "done"]
    sync, _ = house.ended(done.sync_id)
    assert sync.status == "FAILED"


def test_a_parcel_changes_its_order_too(house: House) -> None:
    house.sync()
    buyer, article = some(house, "customer"), some(house, "product", 3)
    order = Order(platform_unique_id="", customer_id=buyer.uid, currency_id="EUR", line_items=[
        LineItem(item_id=article.uid, quantity=Decimal(1), unit_amount=Decimal(5))])
    made = write(house, "order", draft(order, "customer_id", "currency_id", "line_items"))
    assert made.rootfi_ids is not None
    kept = record(house, "order", made.rootfi_ids[0])
    assert isinstance(kept, Order)
    line = FulfillmentLine(line_item_id=kept.line_items[0].platform_unique_id, quantity=Decimal(1))
    parcel = Fulfillment(platform_unique_id="", order_id=kept.platform_unique_id, tracking_number="TRACK-1",
                         line_items=[line])
    done = write(house, "fulfillment", draft(parcel, "order_id", "tracking_number", "line_items"))
    assert done.rootfi_ids is not None
    sent = record(house, "fulfillment", done.rootfi_ids[0])
    assert isinstance(sent, Fulfillment)
    assert (sent.order_id, sent.tracking_number) == (kept.platform_unique_id, "TRACK-1")
    with house.engine.store.read(house.scope) as session:
        row = records_read.owned(session, "order", house.company, house.connection_id, kept.platform_unique_id)
        assert row is not None
        body = msgspec.json.decode(row.body)
    assert [one["rootfi_id"] for one in body["fulfillments"]] == done.rootfi_ids
    assert body["fulfillment_status"] == "in_progress"


def test_a_parcels_lines_are_those_of_its_order(house: House) -> None:
    house.sync()
    orders = [record(house, "order", some(house, "order", number).rootfi_id) for number in (0, 1)]
    mine, other = (one for one in orders if isinstance(one, Order))
    line = mine.line_items[0]
    own = str(line.platform_unique_id)

    def parcel(reference: str, order_id: str | None = None) -> Draft:
        return draft(Fulfillment(platform_unique_id="", order_id=order_id, line_items=[
            FulfillmentLine(line_item_id=reference, quantity=Decimal(1))]), "order_id", "line_items")

    for reference in (f"{own}_1", own, str(line.rootfi_id)):
        with house.engine.store.read(house.scope) as session:
            resolved = resolve(session, house.connection(), parcel(reference, order_id=f"{mine.platform_unique_id}_1")
                               .record, "data[0].")
        assert isinstance(resolved, Fulfillment)
        assert (resolved.order_id, resolved.line_items[0].line_item_id) == (mine.platform_unique_id, own)
    told = refused(house, "fulfillment", parcel(own, order_id=other.platform_unique_id))
    assert told.field == "data[0].line_items[0].line_item_id"
    assert f"it has: {other.line_items[0].platform_unique_id}_1" in told.message
    # An update needs not say the order again: the stored parcel knows it.
    stored = some(house, "fulfillment")
    packed = record(house, "fulfillment", stored.rootfi_id)
    assert isinstance(packed, Fulfillment)
    told = refused(house, "fulfillment", parcel("no-such-line"), action="update", target=str(stored.rootfi_id))
    assert f"The order {packed.order_id}_1 has no no-such-line" in told.message


def test_a_variant_is_one_of_its_item(house: House) -> None:
    house.sync(data_models=["ECOMMERCE_PRODUCTS", "ECOMMERCE_CUSTOMERS"])
    first, second = (record(house, "product", some(house, "product", number).rootfi_id) for number in (0, 1))
    assert isinstance(second, Product)
    line = LineItem(item_id=first.platform_unique_id, variant_id=second.variants[0].platform_unique_id,
                    quantity=Decimal(1), unit_amount=Decimal(1))
    order = Order(platform_unique_id="", customer_id=some(house, "customer").uid, currency_id="EUR", line_items=[line])
    told = refused(house, "order", draft(order, "customer_id", "currency_id", "line_items"))
    assert (told.code, told.field) == ("invalid-params", "data[0].line_items[0].variant_id")


def test_a_write_never_waits_behind_a_running_sync(house: House) -> None:
    with house.engine.store.write(SYSTEM) as session:
        jobs.add(session, NewJob("sync", "{}", lane=f"connection:{house.connection_id}", run_at=0))
        held = jobs.claim(session, "elsewhere", 60_000)
    assert held is not None
    assert write(house, "customer", customer("Quick")).rootfi_ids is not None


def test_a_process_that_closes_lets_the_caller_go_and_another_one_finishes(house: House) -> None:
    house.faults("latency=5@POST /v1/buyers*1")

    async def closing() -> Submitted:
        waiting = asyncio.create_task(house.submit(ask(house, "customer", customer("Late"))))
        await asyncio.sleep(0.5)
        await house.engine.worker.close()
        return await asyncio.wait_for(waiting, 2)

    told = house.run(closing)
    assert told.rootfi_ids is None
    house.drain()
    sync, jobs = house.ended(told.sync_id)
    assert (sync.status, jobs["customer"].status) == ("SUCCESS", "SUCCESS")
