"""``entrepot worker``: reads and writes shops, answers nobody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.options import Database, Home, settings_of
from entrepot.settings import Settings

if TYPE_CHECKING:
    from entrepot.app import App


def worker(
    home: Home = None, database: Database = None,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run one worker until it is stopped.

    As many as you like may share one PostgreSQL, on any machine, with the same ENTREPOT_SECRET_KEY. One that dies is
    taken over by the others within ENTREPOT_LEASE_SECONDS.
    """
    be_worker(settings_of(home=home, database=database), parent)


def be_worker(settings: Settings, parent: int | None = None) -> None:
    """Work until the process is asked to stop, or until ``parent`` is gone."""
    from entrepot.cli import in_use
    from entrepot.cli.opened import opened
    from entrepot.cli.running import run

    with in_use.held(settings.database_url), opened(settings) as app:
        run(lambda stop: _work(app, parent, stop))


async def _work(app: App, parent: int | None, stop: asyncio.Event) -> None:
    import structlog

    from entrepot.cli.child import watch_parent

    if parent is not None:
        watch_parent(parent, asyncio.get_running_loop(), stop)
    structlog.get_logger().info("worker.started", owner=app.engine.worker.owner, slots=app.engine.worker.slots)
    await app.work(stop)
