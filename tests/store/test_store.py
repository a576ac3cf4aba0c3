"""Sessions: one transaction each, confined, and off the event loop."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading

import psycopg
import pytest
from sqlalchemy import select

from entrepot.errors import SetupError
from entrepot.store import sequence
from entrepot.store.core_tables import companies
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session, Store
from tests.store.conftest import SCOPE
from tests.store.plain_renderer import PLAIN

seen: contextvars.ContextVar[str] = contextvars.ContextVar("seen")


def company(session: Session) -> int:
    (ident,) = sequence.take(session, 1)
    session.execute(companies.insert().values(id=ident, organisation_id=1, environment_id=2, name="A", created_at=1,
                                              updated_at=1))
    return ident


def names(session: Session) -> list[str]:
    return [row[0] for row in session.execute(select(companies.c.name))]


def test_a_session_commits_at_its_end_and_rolls_back_when_it_fails(store: Store) -> None:
    with store.write(SYSTEM) as session:
        company(session)
    with pytest.raises(ZeroDivisionError), store.write(SYSTEM) as session:
        company(session) / 0
    with store.read(SYSTEM) as session:
        assert names(session) == ["A"]


def test_a_reading_session_cannot_write(store: Store) -> None:
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)), store.read(
            SYSTEM) as session:
        company(session)


def test_ids_are_never_given_twice(store: Store) -> None:
    with store.write(SYSTEM) as session:
        assert list(sequence.take(session, 0)) == []
        found = [*sequence.take(session, 3), *sequence.take(session, 1), *sequence.take(session, 5000)]
    with store.write(SYSTEM) as session:
        found += sequence.take(session, 2)
    assert found == sorted(set(found))
    assert len(found) == 5006


def test_the_event_loop_is_never_held(store: Store) -> None:
    async def run() -> tuple[list[str], str]:
        seen.set("here")
        here = threading.get_ident()
        await store.writing(SCOPE, company)

        def look(session: Session) -> tuple[list[str], str]:
            assert threading.get_ident() != here
            return names(session), seen.get()

        return (await asyncio.gather(*(store.reading(SCOPE, look) for _ in range(20))))[-1]

    assert asyncio.run(run()) == (["A"], "here")


def test_writers_wait_for_each_other(store: Store) -> None:
    async def run() -> None:
        await asyncio.gather(*(store.writing(SYSTEM, company) for _ in range(20)))

    asyncio.run(run())
    with store.read(SYSTEM) as session:
        assert len(names(session)) == 20


@pytest.mark.postgres
def test_a_server_that_went_away_is_found_again(migrated_postgres: str) -> None:
    store = Store.open(migrated_postgres, PLAIN)
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    for opened in (store.read, store.write):
        with store.read(SYSTEM) as one, store.read(SYSTEM) as two, store.write(SYSTEM) as three:
            assert [session.unscoped("SELECT 1") for session in (one, two, three)] == [[(1,)]] * 3
        with psycopg.connect(migrated_postgres, autocommit=True) as admin:
            admin.execute(f"{kill} AND pid <> pg_backend_pid()")
        with pytest.raises(Exception, match=r"terminat|closed|lost"), opened(SYSTEM) as session:
            session.unscoped("SELECT 1")
        with opened(SYSTEM) as session:
            assert session.unscoped("SELECT 1") == [(1,)]
    store.close()


def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(SetupError, match="mysql"):
        Store.open("mysql://x", PLAIN)
