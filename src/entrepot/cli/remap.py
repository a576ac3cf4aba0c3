"""``entrepot remap``: map stored records again, after a mapping or a view has learned something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.options import Database, Home, settings_of

if TYPE_CHECKING:
    from entrepot.app import App
    from entrepot.store.connections import Connection

COMPANIES = 200


def remap(
    company: Annotated[int | None, typer.Option(help="Only this company.", show_default="all companies")] = None,
    everything: Annotated[bool, typer.Option(
        "--all", help="Also records that the present mapping made already.")] = False,
    home: Home = None, database: Database = None,
) -> None:
    """Map stored records again from their raw payloads, without calling any platform.

    Needed when the changelog says that a mapping or a view changed. It may run beside `entrepot serve`, and goes on
    where it was when interrupted.
    """
    from entrepot.cli import in_use
    from entrepot.cli.console import say
    from entrepot.cli.opened import opened

    settings = settings_of(home=home, database=database)
    total = 0
    with in_use.held(settings.database_url), opened(settings, quiet=True) as app:
        for connection in _connections(app, company):
            total += _one(app, connection, everything=everything)
    say(f"done: {total:,} records changed" if total else "done: nothing changed")


def _connections(app: App, company: int | None) -> Iterator[Connection]:
    from entrepot.errors import SetupError
    from entrepot.store import companies, connections
    from entrepot.store.scope import SYSTEM

    after = 0 if company is None else company - 1
    while True:
        with app.engine.store.read(SYSTEM) as session:
            page = companies.listed(session, after, COMPANIES if company is None else 1)
            page = [one for one in page if company in (None, one.id)]
            found = connections.of_companies(session, [one.id for one in page])
        if company is not None and not page:
            raise SetupError(f"There is no company {company}.")
        for ident in sorted(found):
            yield from found[ident]
        if company is not None or not page:
            return
        after = page[-1].id


def _one(app: App, connection: Connection, *, everything: bool) -> int:
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from entrepot.cli.console import console, say
    from entrepot.engine.remap import Remapped
    from entrepot.engine.remap import remap as remapping

    label = f"company {connection.company_id}, {connection.integration_type}"
    if connection.integration_type not in app.engine.installed:
        say(f"{label}: passed over, its connector is not installed")
        return 0
    done = Remapped()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,} records"))
    with Progress(*columns, console=console(), transient=True, disable=not console().is_terminal) as progress:
        task = progress.add_task(label, total=None)
        for done in remapping(app.engine, connection, everything=everything):
            progress.update(task, completed=done.rows)
    aside = f", {done.unmappable:,} no longer map and were left as they are" if done.unmappable else ""
    say(f"{label}: {done.rows:,} mapped again, {done.changed:,} changed{aside}")
    return done.changed
