"""``entrepot demo``: everything at once on this machine, with an imaginary shop to play with."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.options import Home, settings_of
from entrepot.settings import Settings

if TYPE_CHECKING:
    import socket

    from entrepot.app import App
    from entrepot.cli.demo_company import DemoCompany
    from entrepot.cli.sight import Sight

LEASE_S = 5
"""Everything runs on this machine: after a kill -9 the next start goes on within so many seconds."""
OWN_MACHINE = "127.0.0.1,localhost"
"""So that a webhook can be tried with `entrepot listen`."""
LOG = "demo.log"


def demo(
    port: Annotated[int | None, typer.Option(
        min=0, max=65535, help="Port to listen on; 0 takes any that is free.", show_default="ENTREPOT_PORT or 8080",
    )] = None,
    home: Home = None,
    api_key: Annotated[str | None, typer.Option(
        help="The API key to use.", show_default="one that is made and kept in the home")] = None,
    orders: Annotated[int | None, typer.Option(
        min=0, help="How many orders the shop has, a million too. Counts when the home is new.", show_default="1000",
    )] = None,
) -> None:
    """Start Entrepot with one company connected to an imaginary shop, and read the shop.

    The API answers while it syncs. At the end it prints three curl lines to paste: a list of orders, a new customer, a
    new order. Ctrl-C stops it; started again in the same home it goes on where it was.
    """
    from entrepot.cli import in_use, listening
    from entrepot.cli.opened import opened
    from entrepot.cli.running import run

    settings = settings_of(home=home, port=port)
    listener = listening.listen(settings.host, settings.port)
    settings = replace(
        settings, port=listener.getsockname()[1], database_url=f"sqlite:///{settings.home / 'entrepot.sqlite'}",
        allow_private_hosts=settings.allow_private_hosts or OWN_MACHINE,
        lease_seconds=settings.lease_seconds if "ENTREPOT_LEASE_SECONDS" in os.environ else LEASE_S,
    )
    with in_use.held(settings.database_url), opened(settings, quiet=True) as app:
        run(lambda stop: _demo(app, settings, listener, stop, api_key=api_key or settings.api_key, orders=orders))


async def _demo(
    app: App, settings: Settings, listener: socket.socket, stop: asyncio.Event, *, api_key: str | None,
    orders: int | None,
) -> None:
    from entrepot.cli.child import keep_worker
    from entrepot.cli.serving import serve_api

    ready = asyncio.Event()
    tasks = [
        asyncio.create_task(serve_api(app, listener, stop, ready)),
        asyncio.create_task(keep_worker(settings, ready, stop, log_file=settings.home / LOG)),
    ]
    try:
        await _show(app, listener, stop, settings.home, api_key, orders)
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _show(
    app: App, listener: socket.socket, stop: asyncio.Event, home: Path, api_key: str | None, orders: int | None,
) -> None:
    from entrepot.cli.console import say
    from entrepot.cli.demo_company import find_or_connect
    from entrepot.cli.listening import url_of
    from entrepot.cli.watching import watch

    url = url_of(listener)
    company = await find_or_connect(app.engine, home, api_key, orders)
    say(f"{company.platform} is connected to company {company.company_id}; the API answers at {url} while it syncs")
    sync_id = await _sync_to_watch(app, company)
    sight = await watch(app.engine.store, company.scope, sync_id, stop)
    if sight.ended:
        await _ready(app, company, sight, url, home)
        await stop.wait()
    say("stopped; the same command goes on where it was")


async def _sync_to_watch(app: App, company: DemoCompany) -> str:
    """The sync that was interrupted, else a new one, which reads what changed since the last."""
    from entrepot.engine.sync import request_sync
    from entrepot.store import syncs

    streams = [stream.name for stream in app.engine.platform(company.integration_type).connector.streams]
    unfinished = await app.engine.store.reading(
        company.scope, lambda session: syncs.unfinished(session, company.connection_id, streams))
    return unfinished or await request_sync(app.engine, company.scope, company.company_id,
                                            connection_id=company.connection_id)


async def _ready(app: App, company: DemoCompany, sight: Sight, url: str, home: Path) -> None:
    from entrepot.cli.console import say, trouble
    from entrepot.cli.demo_curl import curl_lines
    from entrepot.cli.sight import notes

    for note in notes(sight):
        trouble(note)
    if sight.sync.status == "FAILED":
        trouble(f"The sync failed; {home / LOG} says more.")
    lines = await app.engine.store.reading(company.scope, lambda session: curl_lines(session, company, url))
    say(f"\nready {url}\nAPI key {company.key}, company {company.company_id}\n")
    for line in lines:
        say(f"{line}\n")
    say("Ctrl-C stops it.")
