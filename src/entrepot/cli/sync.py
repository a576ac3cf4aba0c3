"""``entrepot sync``: read a company's shop now, and watch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.options import Database, Home, settings_of

if TYPE_CHECKING:
    from entrepot.app import App
    from entrepot.cli.sight import Sight
    from entrepot.store.scope import Scope


def sync(
    company: Annotated[int, typer.Argument(help="Number of the company; `GET /v3/core/companies` lists them.")],
    model: Annotated[list[str] | None, typer.Option(
        help="Only this data model (orders, customers, products, ...); may be given several times.",
        show_default="all that the platform offers")] = None,
    connection: Annotated[int | None, typer.Option(
        help="Which of the company's connections, when it has several.", show_default="the only one")] = None,
    full: Annotated[bool, typer.Option(
        "--full", help="Read everything again; what is gone on the platform is then found.")] = False,
    accept_shrink: Annotated[bool, typer.Option(
        "--accept-shrink", help="With --full: believe a shop that shrank by more than half, and delete.")] = False,
    home: Home = None, database: Database = None,
) -> None:
    """Read a company's shop now: what changed since the last time, or everything with --full.

    Shows fetched of announced, the rate and the time left. When no worker runs, this command does the work itself.
    Ctrl-C stops the watching; what was read is kept, and the rest goes on with the next worker.
    """
    from entrepot.cli import in_use
    from entrepot.cli.opened import opened
    from entrepot.cli.running import run

    settings = settings_of(home=home, database=database)
    wanted = _data_models(model or [])
    with in_use.held(settings.database_url), opened(settings, quiet=True) as app:
        code = run(lambda stop: _sync(app, company, connection, wanted, stop, full=full, accept_shrink=accept_shrink))
    raise typer.Exit(code)


def _data_models(names: list[str]) -> list[str]:
    from entrepot.cli.counting import plural
    from entrepot.errors import SetupError
    from entrepot.model.registry import NOUNS

    known = {word: noun.data_model for noun in NOUNS for word in (noun.name, plural(noun.name), noun.data_model)}
    for name in names:
        if name not in known and name.upper() not in known:
            raise SetupError(f"{name} is no data model. Known are {', '.join(plural(noun.name) for noun in NOUNS)}.")
    return [known.get(name) or known[name.upper()] for name in names]


async def _sync(
    app: App, company_id: int, connection_id: int | None, wanted: list[str], stop: asyncio.Event, *, full: bool,
    accept_shrink: bool,
) -> int:
    from entrepot.cli.console import say
    from entrepot.cli.watching import watch
    from entrepot.engine.sync import request_sync
    from entrepot.store.scope import SYSTEM

    engine, working = app.engine, set[asyncio.Task[None]]()
    sync_id = await _under_way(app, company_id, connection_id, wanted) if not full else None
    if sync_id is not None:
        say(f"sync {sync_id} of company {company_id} is under way already")
    else:
        scope = await _scope(app, company_id)
        sync_id = await request_sync(engine, scope, company_id, connection_id=connection_id, data_models=wanted,
                                     full=full, accept_shrink=accept_shrink)
        say(f"sync {sync_id} of company {company_id}")
    done = asyncio.Event()

    def untaken() -> None:
        say("no worker runs (or all are busy), so this command does the work itself")
        working.add(asyncio.create_task(engine.worker.run(done)))

    try:
        sight = await watch(engine.store, SYSTEM, sync_id, stop, lease_s=app.settings.lease_seconds, untaken=untaken)
    finally:
        done.set()
        await asyncio.gather(*working)
        await engine.kit.close()
    return _conclusion(sight, company_id)


async def _scope(app: App, company_id: int) -> Scope:
    from entrepot.errors import SetupError
    from entrepot.store import companies
    from entrepot.store.scope import SYSTEM

    found = await app.engine.store.reading(SYSTEM, lambda session: companies.get(session, company_id))
    if found is None:
        raise SetupError(f"There is no company {company_id}; GET /v3/core/companies lists those that there are.")
    return found.scope


async def _under_way(app: App, company_id: int, connection_id: int | None, wanted: list[str]) -> str | None:
    """The company's unfinished sync when it covers what is wanted."""
    from entrepot.engine.choose import choose
    from entrepot.store import syncs
    from entrepot.store.store import Session

    scope = await _scope(app, company_id)

    def look(session: Session) -> str | None:
        connection = choose(session, company_id, connection_id)
        connector = app.engine.platform(connection.integration_type).connector
        sync_id = syncs.unfinished(session, connection.id, [stream.name for stream in connector.streams])
        found = syncs.get(session, sync_id) if sync_id else None
        if found is None:
            return None
        from entrepot.model.registry import noun

        everything = {noun(name).data_model for stream in connector.streams for name in stream.nouns}
        return sync_id if set(wanted or everything) <= set(found.data_models) else None

    return await app.engine.store.reading(scope, look)


def _conclusion(sight: Sight, company_id: int) -> int:
    from entrepot.cli.console import say, trouble
    from entrepot.cli.sight import notes

    for note in notes(sight):
        trouble(note)
    if not sight.ended:
        say(f"stopped watching; it goes on where it is with `entrepot serve`, `entrepot worker` or "
            f"`entrepot sync {company_id}`")
        return 130
    if sight.sync.status == "FAILED":
        trouble("the sync failed; the reasons are above")
        return 1
    if sight.sync.status == "CANCELED":
        trouble("the sync was canceled; what was read is kept")
        return 1
    changed, gone = sum(job.changed for job in sight.jobs), sum(job.deleted for job in sight.jobs)
    say(f"done: {changed:,} records changed, {gone:,} deleted")
    return 0
