"""``entrepot serve``: the API and a worker, or one of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.options import Database, Home, Host, Port, settings_of

if TYPE_CHECKING:
    import socket

    from entrepot.app import App


class Role(StrEnum):
    """What this process is to be."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


def serve(
    port: Port = None, host: Host = None, home: Home = None, database: Database = None,
    role: Annotated[Role, typer.Option(
        help="all: the API here and a worker beside it. api or worker: that one alone, for several machines on one "
        "PostgreSQL.")] = Role.ALL,
) -> None:
    """Run Entrepot until it is stopped (Ctrl-C or SIGTERM).

    The database is made or upgraded first. Set ENTREPOT_API_KEY to have a key from the start, or make one with
    `entrepot keys create`. Running jobs are given back when it stops and go on where they were.
    """
    from entrepot.cli import in_use, listening
    from entrepot.cli.opened import opened
    from entrepot.cli.running import run
    from entrepot.cli.working import be_worker

    settings = settings_of(home=home, database=database, host=host, port=port)
    if role is Role.WORKER:
        be_worker(settings)
        return
    listener = listening.listen(settings.host, settings.port)
    settings = replace(settings, port=listener.getsockname()[1])
    with in_use.held(settings.database_url), opened(settings) as app:
        run(lambda stop: _serve(app, listener, stop, worker=role is Role.ALL))


async def _serve(app: App, listener: socket.socket, stop: asyncio.Event, *, worker: bool) -> None:
    import structlog

    from entrepot.cli.child import keep_worker
    from entrepot.cli.listening import url_of
    from entrepot.cli.serving import serve_api

    structlog.get_logger().info("serve.listening", url=url_of(listener), worker=worker)
    ready = asyncio.Event()
    tasks = [asyncio.create_task(serve_api(app, listener, stop, ready))]
    if worker:
        tasks.append(asyncio.create_task(keep_worker(app.settings, ready, stop)))
    await asyncio.gather(*tasks)
