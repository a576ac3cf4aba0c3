"""A connection's life: made by a link, synced at once, expired, disconnected, re-authorised, probed."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
import pytest

from entrepot.clock import now_ms
from entrepot.engine import connect as connecting
from entrepot.engine import reauthorise, reprobe
from entrepot.engine.connect import Wish
from entrepot.engine.disconnect import disconnect
from entrepot.engine.sync import request_sync
from entrepot.errors import ApiError
from entrepot.store import activity, call_counts, connections, frequencies, invites, syncs
from entrepot.store.store import Session
from tests.engine.conftest import ORDERS, House

GOOD = {"token": "demo-token", "shop": "second", "orders": "5"}


def kind(house: House) -> str:
    return house.connection().integration_type


def write(house: House, work: Any) -> Any:
    with house.engine.store.write(house.scope) as session:
        return work(session)


def made(house: House, **wish: Any) -> int:
    """Connect by a wish, as the API does."""
    asked = Wish(**{"integration_type": kind(house), "credentials": GOOD, **wish})

    async def whole() -> int:
        tried = await connecting.try_wish(house.engine, house.scope, asked)
        return await house.engine.store.writing(
            house.scope, lambda session: connecting.keep(house.engine, session, asked, tried).id)

    return house.run(whole)


def link(house: House, session: Session, **given: Any) -> str:
    values = {"integrations": [], "categories": ["ECOMMERCE"], **given}
    return invites.add(session, house.scope, house.company, **values).invite_link_id


def test_the_first_sync_comes_with_it_and_is_not_done_twice(house: House) -> None:
    ident = made(house, company_id=house.company, sync=True)
    again, whole = (house.run(partial(request_sync, house.engine, house.scope, house.company, connection_id=ident,
                                      full=full)) for full in (False, True))
    assert again == whole  # what was never read is read whole, whatever is asked for
    house.drain()
    with house.engine.store.read(house.scope) as session:
        mine = syncs.listed(session, syncs.Wanted(connection_id=ident), after=None, before=None, limit=10)
        assert [(one.sync_id, one.status) for one in mine] == [(again, "SUCCESS")]
        counted = call_counts.of_connections(session, [ident])[ident]
        jobs = syncs.jobs_of(session, mine[0].id)
        # One call for the probe.
        assert counted.day == counted.hour == sum(job.calls for job in jobs) + 1
    assert house.live("order") == 0  # of the house's own connection, which nobody synced


def test_an_invite_link_allows_and_sets(house: House) -> None:
    config = msgspec.json.encode([
        {"data_model": "ECOMMERCE_ORDERS", "frequency": "WEEKLY", "interval": 2, "category": "ECOMMERCE"},
        {"data_model": "ACCOUNTS", "frequency": "DAILY"}]).decode()
    token = write(house, lambda session: link(house, session, sync_config=config))
    ident = made(house, invite_link_id=token)
    with house.engine.store.read(house.scope) as session:
        rhythms = {one.noun: (one.frequency, one.interval) for one in frequencies.of_connection(session, ident)}
    assert (rhythms["order"], rhythms["customer"]) == (("WEEKLY", 2), ("DAILY", 1))
    # The newest link counts where only the company is named.
    ident = made(house, company_id=house.company, credentials={**GOOD, "shop": "third"})
    with house.engine.store.read(house.scope) as session:
        assert {one.noun: one.frequency for one in frequencies.of_connection(session, ident)}["order"] == "WEEKLY"


@pytest.mark.parametrize(("given", "field"), [
    ({"expires_at": 1}, "invite_link_id"), ({"integrations": ["OTHER"]}, "integration_type"),
    ({"categories": ["ACCOUNTING"]}, "integration_type"),
])
def test_an_invite_link_refuses(house: House, given: dict[str, Any], field: str) -> None:
    token = write(house, lambda session: link(house, session, **given))
    with pytest.raises(ApiError) as refused:
        made(house, invite_link_id=token)
    assert (refused.value.status, refused.value.field) == (400, field)
    token = write(house, lambda session: link(house, session, expires_at=now_ms() + 60_000))
    with pytest.raises(ApiError) as refused:
        made(house, invite_link_id=token, company_id=house.company + 100_000)
    assert refused.value.field == "company_id"
    assert made(house, invite_link_id=token, company_id=house.company)


def test_disconnected_it_keeps_its_data_and_does_nothing(house: House) -> None:
    house.sync()
    waiting = house.run(lambda: request_sync(house.engine, house.scope, house.company))
    write(house, lambda session: disconnect(session, house.connection_id))
    found = house.connection()
    assert (found.status, found.sealed, found.sync_status) == ("DISCONNECTED", None, "IDLE")
    assert found.status_reason
    assert house.live("order") == ORDERS
    house.drain()
    assert house.ended(waiting)[0].status == "CANCELED"
    with pytest.raises(ApiError) as refused:
        house.sync()
    assert (refused.value.status, refused.value.code) == (400, "operation-denied")
    with pytest.raises(ApiError) as refused:
        write(house, lambda session: disconnect(session, house.connection_id))
    assert (refused.value.status, refused.value.code) == (400, "operation-denied")
    with pytest.raises(ApiError, match="re-authorise"):
        house.run(lambda: reprobe.look(house.engine, house.scope, house.connection_id))


def again(house: House, **credentials: str) -> None:
    """Re-authorise."""

    async def whole() -> None:
        tried = await reauthorise.try_again(house.engine, house.scope, house.connection_id, credentials)
        await house.engine.store.writing(
            house.scope, lambda session: reauthorise.keep(house.engine, session, house.connection_id, tried))

    house.run(whole)


@pytest.mark.parametrize("state", ["EXPIRED", "DISCONNECTED"])
def test_re_authorised_nothing_is_lost(house: House, state: str) -> None:
    house.sync()
    before = house.connection()
    if state == "EXPIRED":
        write(house, lambda session: connections.set_status(session, house.connection_id, "EXPIRED", "for a test"))
    else:
        write(house, lambda session: disconnect(session, house.connection_id))
    with pytest.raises(ApiError) as refused:
        again(house, token="wrong-token")
    assert refused.value.field == "credentials"
    assert house.connection().status == state
    again(house, token="demo-token")  # the shop's size need not be sent again
    after = house.connection()
    assert (after.status, after.status_reason, after.id, after.ordinal) == ("HEALTHY", None, before.id, before.ordinal)
    assert after.settings == before.settings
    # Its marks are as they were: what did not change is not read again.
    sync, jobs = house.sync()
    assert (sync.status, jobs["order"].changed) == ("SUCCESS", 0)
    assert jobs["order"].fetched < ORDERS
    with house.engine.store.read(house.scope) as session:
        log = [line.activity_type for line in activity.of_companies(session, [house.company])[house.company]]
    assert "CONNECTION_REAUTHORISED" in log


def test_another_shop_is_refused(house: House) -> None:
    house.sync()
    with pytest.raises(ApiError, match="another shop") as refused:
        again(house, token="demo-token", shop="somebody-elses")
    assert (refused.value.status, refused.value.code) == (400, "operation-denied")
    assert house.connection().settings["shop_id"] != ""


def test_a_probe_tells_and_sets_the_state(house: House) -> None:
    def probe() -> reprobe.Found:
        async def whole() -> reprobe.Found:
            found = await reprobe.look(house.engine, house.scope, house.connection_id)
            await house.engine.store.writing(
                house.scope, lambda session: reprobe.keep(session, house.connection_id, found))
            return found

        return house.run(whole)

    found = probe()
    assert found.problem is None
    assert found.learned["currency"]
    house.faults("error=401@GET /v1/shop*1")
    found = probe()
    assert found.needs_reauth
    assert (house.connection().status, bool(house.connection().status_reason)) == ("EXPIRED", True)
    house.faults("error=503@GET /v1/shop*1")
    assert probe().problem is not None
    assert house.connection().status == "EXPIRED"  # what passes changes nothing
    assert probe().problem is None
    assert house.connection().status == "HEALTHY"
