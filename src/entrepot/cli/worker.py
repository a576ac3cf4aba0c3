"""``entrepot worker``: reads and writes shops, answers nobody."""

from __future__ import annotations

from entrepot.cli.options import Database, Home, settings_of


def worker(home: Home = None, database: Database = None) -> None:
    """Run one worker until it is stopped.

    As many as you like may share one PostgreSQL, on any machine, with the same ENTREPOT_SECRET_KEY. One that dies is
    taken over by the others within ENTREPOT_LEASE_SECONDS.
    """
    from entrepot.cli.working import be_worker

    be_worker(settings_of(home=home, database=database))
