"""A worker in this process. ``python -m entrepot.cli.working PID`` is the child that ``serve`` and ``demo`` start.

The child comes in by this door and not by the command line's, whose libraries would cost it ten megabytes.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from entrepot.errors import EntrepotError
from entrepot.settings import Settings, load

if TYPE_CHECKING:
    from entrepot.app import App


def be_worker(settings: Settings, parent: int | None = None) -> None:
    """Work until the process is asked to stop, or until ``parent`` is gone."""
    from entrepot.cli import in_use
    from entrepot.cli.opened import opened
    from entrepot.cli.running import run

    with in_use.held(settings.database_url), opened(settings) as app:
        run(lambda stop: _work(app, parent, stop))


async def _work(app: App, parent: int | None, stop: asyncio.Event) -> None:
    import structlog

    from entrepot.cli.parent import watch_parent

    if parent is not None:
        watch_parent(parent, asyncio.get_running_loop(), stop)
    structlog.get_logger().info("worker.started", owner=app.engine.worker.owner, slots=app.engine.worker.slots)
    await app.work(stop)


def main(parent: int) -> None:
    """Be the worker of another process, with the settings that it gave in the environment."""
    try:
        be_worker(load(), parent)
    except EntrepotError as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
