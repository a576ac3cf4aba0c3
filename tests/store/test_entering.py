"""Whose company it is, is asked once, and what was found never opens it to anybody else."""

from __future__ import annotations

import pytest

from entrepot.store import sequence
from entrepot.store.core_tables import companies
from entrepot.store.records_read import PageQuery, page
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import OutOfScope, Session, Store

OURS, THEIRS = Scope(1, 2), Scope(1, 3)


def company(session: Session) -> int:
    (ident,) = sequence.take(session, 1)
    session.execute(companies.insert().values(id=ident, organisation_id=1, environment_id=OURS.environment_id, name="A",
                                              created_at=1, updated_at=1))
    return ident


def test_only_the_own_environment_opens_it_before_and_after_it_was_opened(store: Store) -> None:
    with store.write(SYSTEM) as session:
        ident = company(session)
    for _ in range(2):
        with store.read(THEIRS) as session, pytest.raises(OutOfScope):
            page(session, PageQuery("order", ident))
        with store.write(THEIRS) as session, pytest.raises(OutOfScope):
            session.enter(ident)
        with store.read(OURS) as session:
            assert page(session, PageQuery("order", ident)).rows == []


def test_a_company_that_was_rolled_back_is_nobodys(store: Store) -> None:
    made: list[int] = []

    def fail(session: Session) -> None:
        made.append(company(session))
        session.enter(made[0])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.write(OURS) as session:
        fail(session)
    for session_of in (store.read, store.write):
        with session_of(OURS) as session, pytest.raises(OutOfScope):
            session.enter(made[0])
