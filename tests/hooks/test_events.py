"""What is told beside changes: connections and syncs, in the transaction of what they tell."""

from __future__ import annotations

import pytest

from entrepot.engine import events
from entrepot.store import connections, syncs
from entrepot.store.connections import Connection
from entrepot.store.store import Session
from tests.hooks.house import KIND, House
from tests.store.shops import customer

TYPES = ["CONNECTION_CHANGED", "SYNC_STARTED", "SYNC_COMPLETED"]
TYPES_V3 = ["CONNECTION_CHANGED", "SYNC_COMPLETED"]


def connection_of(session: Session, ident: int) -> Connection:
    found = connections.get(session, ident)
    assert found is not None
    return found


def test_a_connections_state_is_told_with_its_commit_or_not_at_all(house: House) -> None:
    told = house.endpoint(types=TYPES), house.endpoint(version="v3", types=TYPES_V3)
    house.endpoint(types=["SYNC_COMPLETED"])
    target = house.company()
    house.put(target, [customer("a")])

    def change() -> None:
        with house.engine.store.write(house.scope) as session:
            connection = connection_of(session, target.connection_id)
            events.connection_changed(session, connection, "EXPIRED")
            if not session.hot("SELECT seq FROM companies WHERE id = ?", (target.company_id,),
                               company=target.company_id)[0][0] > 1:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert house.ask("SELECT COUNT(*) FROM deliveries") == [(0,)]
    house.put(target, [customer("b")])
    change()
    newer, older = (house.bodies(one)[0] for one in told)
    assert newer["type"] == older["type"] == "CONNECTION_CHANGED"
    assert newer["sequence"] == older["sequence"] == 2
    assert newer["data"] == older["data"] == {
        "connection_id": target.connection_id, "company_id": target.company_id, "integration_type": KIND,
        "category": "ECOMMERCE", "connection_status": "EXPIRED"}
    assert newer["id"] == older["id"]
    assert "timestamp" in newer
    assert "created_at" in older
    assert house.ask("SELECT COUNT(*) FROM deliveries") == [(2,)]


def test_a_sync_is_told_at_its_beginning_and_end(house: House) -> None:
    newer, older = house.endpoint(types=TYPES), house.endpoint(version="v3", types=TYPES_V3)
    target = house.company()
    with house.engine.store.write(house.scope) as session:
        connection = connection_of(session, target.connection_id)
        sync = syncs.create(session, connection, ["ECOMMERCE_ORDERS"], full=True, sync_type="MANUAL")
        syncs.add_job(session, sync, 1, "order", "orders", "PULL")
        events.sync_started(session, sync.id)
        syncs.started(session, sync.id, 1)
        syncs.end_jobs(session, sync.id, 1, "FAILED", '{"code":"needs-reauth","message":"no"}')
        events.sync_completed(session, sync.id)
        events.sync_completed(session, sync.id)
    assert [body["type"] for body in house.bodies(newer)] == ["SYNC_STARTED", "SYNC_COMPLETED"]
    told = house.bodies(older)
    assert [body["type"] for body in told] == ["SYNC_COMPLETED"], "v3 knows no SYNC_STARTED; nothing is told twice"
    data = told[0]["data"]
    assert (data["status"], data["sync_id"]) == ("FAILED", sync.sync_id)
    assert data["jobs"][0]["data_model"] == "ECOMMERCE_ORDERS"
    assert data["jobs"][0]["error"] == {"code": "needs-reauth", "message": "no"}
    assert set(house.ask("SELECT record FROM deliveries")) == {
        (f"{endpoint.id}/sync:{sync.id}",) for endpoint in (newer, older)}


def test_who_is_paused_is_told_later_and_who_is_disabled_never(house: House) -> None:
    paused, disabled = house.endpoint(types=TYPES), house.endpoint(types=TYPES)
    house.set("UPDATE webhook_endpoints SET state = 'PAUSED' WHERE id = ?", paused.id)
    house.set("UPDATE webhook_endpoints SET state = 'DISABLED' WHERE id = ?", disabled.id)
    target = house.company()
    with house.engine.store.write(house.scope) as session:
        events.connection_changed(session, connection_of(session, target.connection_id), "HEALTHY")
    assert len(house.made(paused)) == 1
    assert house.made(disabled) == []


def test_a_test_event_passes_every_filter(house: House) -> None:
    endpoint = house.endpoint(types=["SYNC_COMPLETED"], company_ids=[house.company().company_id])
    with house.engine.store.write(house.scope) as session:
        public = events.make_test(session, endpoint)
    made = house.made(endpoint)
    assert [(one.delivery_id, one.type, one.company_id) for one in made] == [(public, "TEST", None)]
    assert house.bodies(endpoint)[0]["data"]["message"]
