"""``entrepot restore``: put a backup in the place of the embedded database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.options import Database, Home, settings_of


def restore(
    file: Annotated[Path, typer.Argument(help="A copy made by `entrepot backup`.", exists=True, dir_okay=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: Home = None, database: Database = None,
) -> None:
    """Put a backup in the place of the embedded database. Stop Entrepot first.

    The database that was there is kept beside it. The next sync brings in what changed since the backup; what was
    deleted on a platform since then is found by the next full sync. For PostgreSQL this prints the pg_restore line.
    """
    from entrepot.cli import in_use
    from entrepot.cli.console import fail, say

    settings = settings_of(home=home, database=database)
    target = in_use.sqlite_file(settings.database_url)
    if target is None:
        say('PostgreSQL has its own tool. Type:\npg_restore --clean --if-exists --no-owner '
            f'--dbname="$ENTREPOT_DATABASE_URL" {file}')
        raise typer.Exit(1)
    if target.exists() and target.samefile(file):
        fail(f"{file} is the database itself.")
    _refuse_foreign(file)
    with in_use.alone(settings.database_url):
        if target.exists() and not yes:
            typer.confirm(f"Replace {target}?", abort=True)
        kept = _replace(file, target)
    say(f"{target} is what {file} holds." + (f" What was there before: {kept}" if kept else ""))
    say("Start `entrepot serve`; a full sync finds what was deleted on the platforms since the backup.")


def _refuse_foreign(file: Path) -> None:
    from entrepot.cli.console import fail
    from entrepot.store.copying import version_of

    if version_of(file) is None:
        fail(f"{file} is no backup of Entrepot.")


def _replace(file: Path, target: Path) -> Path | None:
    from entrepot import clock
    from entrepot.cli.console import console
    from entrepot.store.copying import copy_sqlite

    fresh = target.with_name(f"{target.name}.restoring")
    kept = target.with_name(f"{target.name}.before-{clock.text(clock.now())[:19].replace(':', '')}")
    try:
        with console().status(f"copying {file}"):
            copy_sqlite(file, fresh)
        fresh.chmod(0o600)
        had = target.exists()
        # The write-ahead log goes with its database: what was there stays whole, and the new one gets none of it.
        for end in ("", "-wal", "-shm"):
            part = target.with_name(target.name + end)
            if part.exists():
                part.replace(kept.with_name(kept.name + end))
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return kept if had else None
