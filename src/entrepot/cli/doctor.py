"""``entrepot doctor``: what is in order, what is not, and what to type."""

from __future__ import annotations

import typer

from entrepot.cli.options import Database, Home, Host, Port, settings_of

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(home: Home = None, database: Database = None, host: Host = None, port: Port = None) -> None:
    """Check the home, disk, database, clock, keys, port and connectors, and say what to type where something is wrong.

    Changes nothing. Exit code 1 when a check failed; warnings do not count.
    """
    from rich.text import Text

    from entrepot.cli.checks import every_check
    from entrepot.cli.console import console

    settings = settings_of(home=home, database=database, host=host, port=port)
    failed = False
    for found in every_check(settings):
        line = Text.assemble((f"{found.level:<6}", COLOURS[found.level]), f"{found.subject:<12}", found.text)
        console().print(line, soft_wrap=True)
        if found.advice:
            console().print(f"{'':<18}{found.advice}", soft_wrap=True)
        failed = failed or found.level == "fail"
    raise typer.Exit(1 if failed else 0)
