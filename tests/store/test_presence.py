"""What is deleted is nobody's any more: at once where it was deleted, soon in other processes, for every question."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from entrepot.store import connections, departing, presence, sequence, syncs
from entrepot.store.core_tables import environments
from entrepot.store.core_tables import syncs as syncs_table
from entrepot.store.records import Target, upsert
from entrepot.store.records_find import find
from entrepot.store.records_joined import joined
from entrepot.store.records_read import PageQuery, count, page
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.scoped import scoped
from entrepot.store.store import OutOfScope, Session, Store
from tests.store.plain_renderer import PLAIN
from tests.store.shops import Shop, family, shop_in


@pytest.fixture
def scope(store: Store) -> Scope:
    """An environment that is in its table, since that is where departures are counted."""
    with store.write(SYSTEM) as session:
        organisation, environment = sequence.take(session, 2)
        session.execute(environments.insert().values(
            id=environment, organisation_id=organisation, name="live", created_at=1))
    return Scope(organisation, environment)


def filled(store: Store, scope: Scope, *, company_id: int | None = None, ordinal: int = 1) -> Shop:
    shop = shop_in(store, scope, company_id=company_id, ordinal=ordinal)
    with store.write(SYSTEM) as session:
        upsert(session, shop.target, [family(number) for number in range(3)], cause="sync")
    return shop


def delete(store: Store, scope: Scope, target: Target, *, whole: bool) -> None:
    with store.write(scope) as session:
        who = (departing.company_of(session, target.company_id) if whole
               else departing.Leaving(target.company_id, (target.connection_id,), whole=False))
        departing.stop(session, who, "{}")
        departing.part(session, who)


def orders(session: Session, company_id: int | None = None) -> int:
    """How many are listed, told by each way of asking."""
    query = PageQuery("order", company_id)
    rows = page(session, query).rows
    plain = joined(session, query)
    assert len(rows) == count(session, query) == (plain.count if plain else 0)
    return len(rows)


def test_a_deleted_company_is_gone_for_every_question(store: Store, scope: Scope) -> None:
    gone, stays = filled(store, scope), filled(store, scope)
    with store.read(scope) as session:
        assert (orders(session), orders(session, gone.target.company_id)) == (6, 3)
        ident = str(page(session, PageQuery("order", gone.target.company_id)).rows[0].rootfi_id)
    with store.write(scope) as session:
        connection = connections.get(session, gone.target.connection_id)
        assert connection is not None
        syncs.create(session, connection, [], full=False, sync_type="MANUAL")
    delete(store, scope, gone.target, whole=True)
    for open_session in (store.read, store.write):
        with open_session(scope) as session, pytest.raises(OutOfScope):
            page(session, PageQuery("order", gone.target.company_id))
        with open_session(scope) as session:
            assert orders(session) == orders(session, stays.target.company_id) == 3
            assert find(session, "order", ident) == []
            assert [row.company_id for row in find(session, "order", "order_1_1")] == [stays.target.company_id]
            assert session.execute(select(syncs_table.c.id).where(scoped(session, syncs_table))).all() == []
            assert connections.get(session, gone.target.connection_id) is None
    with store.read(SYSTEM) as session:
        assert orders(session) == 6  # the eraser sees it


def test_other_processes_notice_soon(store: Store, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "LOOK_S", 0.3)
    gone = filled(store, scope)
    other = Store.open(store.url, PLAIN)
    try:
        with other.read(scope) as session:
            assert orders(session, gone.target.company_id) == 3
        delete(store, scope, gone.target, whole=True)
        # Erased to the last row between two looks: there is nothing left that would say so, but the number.
        with store.write(SYSTEM) as session:
            session.hot("DELETE FROM companies WHERE id = ?", (gone.target.company_id,))
            departing.moved(session, scope.environment_id)
        time.sleep(0.35)
        with other.read(scope) as session, pytest.raises(OutOfScope):
            page(session, PageQuery("order", gone.target.company_id))
    finally:
        other.close()


def test_a_deleted_connection_takes_its_records_along(store: Store, scope: Scope) -> None:
    gone = filled(store, scope)
    stays = filled(store, scope, company_id=gone.target.company_id, ordinal=2)
    company = gone.target.company_id
    with store.read(scope) as session:
        assert orders(session, company) == 6
    delete(store, scope, gone.target, whole=False)
    with store.read(scope) as session:
        assert orders(session, company) == orders(session) == 3
        assert find(session, "order", "order_1_1", company) == []
        assert [row.connection_id for row in find(session, "order", "order_1_2", company)] == [
            stays.target.connection_id]


@pytest.mark.parametrize("whole", [True, False])
def test_nothing_is_written_behind_a_deletion(store: Store, scope: Scope, whole: bool) -> None:
    gone = filled(store, scope)
    delete(store, scope, gone.target, whole=whole)
    for who in (SYSTEM, scope):
        with pytest.raises(OutOfScope), store.write(who) as session:
            upsert(session, gone.target, [family(number) for number in range(3, 6)], cause="live")


def test_a_deletion_that_is_rolled_back_changes_nothing(store: Store, scope: Scope) -> None:
    stays = filled(store, scope)

    def fail(session: Session) -> None:
        departing.part(session, departing.company_of(session, stays.target.company_id))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.write(scope) as session:
        fail(session)
    with store.read(scope) as session:
        assert orders(session, stays.target.company_id) == 3
