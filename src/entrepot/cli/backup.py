"""``entrepot backup``: a copy of the embedded database while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.options import Database, Home, settings_of


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the copy; must not exist yet.", dir_okay=False)],
    home: Home = None, database: Database = None,
) -> None:
    """Copy the embedded database, also while Entrepot runs. The copy is one consistent moment.

    The key that opens its credentials is not in the copy: keep secret.key (or ENTREPOT_SECRET_KEY) apart from it. For
    PostgreSQL this prints the pg_dump line to type.
    """
    from entrepot.cli.console import console, fail, say
    from entrepot.cli.in_use import sqlite_file
    from entrepot.store.copying import copy_sqlite

    settings = settings_of(home=home, database=database)
    source = sqlite_file(settings.database_url)
    if source is None:
        say('PostgreSQL has its own tool. Type:\npg_dump --format=custom --no-owner --file='
            f'{file} "$ENTREPOT_DATABASE_URL"')
        raise typer.Exit(1)
    if not source.exists():
        fail(f"There is no database {source}. Name its home with --home DIR.")
    if file.exists():
        fail(f"{file} exists already. Name another file, or remove it first.")
    if not file.absolute().parent.is_dir():
        fail(f"There is no folder {file.absolute().parent}.")
    partial = file.with_name(f"{file.name}.partial")
    try:
        with console().status(f"copying {source}"):
            copy_sqlite(source, partial)
        partial.chmod(0o600)
        partial.replace(file)  # a backup that has its name is whole
    finally:
        partial.unlink(missing_ok=True)
    say(f"{file}: {file.stat().st_size / 1e6:,.1f} MB. To put it back: entrepot restore {file}")
    if not settings.secret_key:
        say(f"The key is not in it: keep {settings.home / 'secret.key'} too, in another place.")
