"""What monitoring asks: the right numbers on both databases, and by indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from entrepot.clock import now_ms
from entrepot.store import companies, connections, gauges, jobs, sequence, syncs
from entrepot.store.core_tables import jobs as jobs_table
from entrepot.store.hook_tables import deliveries
from entrepot.store.jobs import NewJob
from entrepot.store.migrate import migrate
from entrepot.store.organisations import create_organisation
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.sqlite import SqliteDriver
from entrepot.store.store import Session, Store
from tests.store.plain_renderer import PLAIN


@pytest.fixture
def fresh(database_url: str) -> Iterator[Store]:
    """A database of its own: these numbers are the installation's."""
    migrate(database_url)
    made = Store.open(database_url, PLAIN)
    yield made
    made.close()


def fill(session: Session) -> Scope:
    scope = create_organisation(session, "Acme")
    company = companies.create(session, scope, "Harbour Goods").id
    companies.create(session, scope, "Another")
    made = [connections.create(session, scope, company, "EXAMPLE", "ECOMMERCE", {}) for _ in range(3)]
    for status, one in zip(("EXPIRED", "HEALTHY", "HEALTHY"), made, strict=True):
        session.unscoped("UPDATE connections SET status = ? WHERE id = ?", (status, one.id))
    session.unscoped("UPDATE connections SET deleted_at = 1 WHERE id = ?", (made[2].id,))
    begun = [syncs.create(session, made[0], ["ECOMMERCE_ORDERS"], full=True, sync_type="MANUAL", config_mode="READ")
             for _ in range(3)]
    session.unscoped("UPDATE syncs SET ended_at = 1, status = 'SUCCESS' WHERE id = ?", (begun[0].id,))
    now = now_ms()
    for ahead in (-120_000, -10_000, -10_000, 3_600_000):
        jobs.add(session, NewJob("sync", "{}", run_at=now + ahead))
    jobs.add_held(session, NewJob("write", "{}"), "somebody", 20_000)
    session.execute(jobs_table.update().where(jobs_table.c.run_at > now + 3_000_000).values(priority=1))
    for number, state in enumerate(("PENDING", "PENDING", "FAILED", "DELIVERED")):
        session.execute(deliveries.insert().values(
            id=sequence.take(session, 1)[0], delivery_id=f"d{number}", organisation_id=scope.organisation_id,
            environment_id=scope.environment_id, endpoint_id=1, event_id=f"e{number}", type="SYNC_COMPLETED",
            body=b"", state=state, next_at=now, created_at=now, updated_at=now))
    return scope


def test_it_counts_what_there_is(fresh: Store) -> None:
    with fresh.read(SYSTEM) as session:
        empty = gauges.read(session)
    assert (empty.jobs, empty.deliveries) == ({"ready": 0, "overdue": 0, "running": 0}, {"pending": 0, "failed": 0})
    assert (empty.oldest_ready_ms, empty.syncs, empty.companies) == (0, 0, 0)
    with fresh.write(SYSTEM) as session:
        fill(session)
    with fresh.read(SYSTEM) as session:
        found = gauges.read(session)
    assert found.jobs == {"ready": 3, "overdue": 1, "running": 1}
    assert 120_000 <= found.oldest_ready_ms < 180_000
    assert found.deliveries == {"pending": 2, "failed": 1}
    assert found.connections == {"HEALTHY": 1, "PENDING": 0, "EXPIRED": 1, "DISCONNECTED": 0}
    assert (found.syncs, found.companies) == (2, 2)
    told = {(one.name, label): value for one in found.told() for label, value in one.values}
    assert told["jobs", "overdue"] == 1
    assert told["connections", "EXPIRED"] == 1
    assert told["companies", ""] == 2


def test_what_is_very_many_is_counted_up_to_a_limit(fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "MOST", 1)
    with fresh.write(SYSTEM) as session:
        fill(session)
        assert gauges.read(session).deliveries == {"pending": 1, "failed": 1}


def test_an_index_answers_what_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'entrepot.db'}"
    migrate(url)
    store = Store.open(url, PLAIN)
    seen: list[tuple[str, Sequence[object]]] = []
    fetch = SqliteDriver.fetch

    def spy(self: SqliteDriver, connection: Any, sql: str, params: Sequence[object]) -> Any:
        seen.append((sql, params))
        return fetch(self, connection, sql, params)

    with store.write(SYSTEM) as session:
        fill(session)
        monkeypatch.setattr(SqliteDriver, "fetch", spy)
        gauges.read(session)
        plans = [(sql, [row[3] for row in session.raw.execute(f"EXPLAIN QUERY PLAN {sql}", params)])
                 for sql, params in seen]
    store.close()
    assert len(plans) == 9
    # A company's row is small and most are counted; everything else lies in tables that grow.
    assert [line for sql, lines in plans if "FROM companies" not in sql for line in lines
            if line.startswith(("SCAN", "SEARCH")) and "INDEX" not in line and "found" not in line] == []
