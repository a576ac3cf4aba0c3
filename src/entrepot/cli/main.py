"""The ``entrepot`` command: all commands, and how their errors are shown."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from entrepot import __version__
from entrepot.cli import (
    backup,
    connectors,
    demo,
    doctor,
    explain,
    keys,
    listen,
    organisations,
    remap,
    restore,
    serve,
    sync,
    worker,
)
from entrepot.errors import EntrepotError

app = typer.Typer(
    name="entrepot", no_args_is_help=True, pretty_exceptions_enable=False,
    help="Your customers' shops behind one API, on your own machine. New here? Try `entrepot demo`.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(sync.sync)
app.add_typer(organisations.app, name="organisations")
app.add_typer(keys.app, name="keys")
app.command()(explain.explain)
app.command()(remap.remap)
app.command()(backup.backup)
app.command()(restore.restore)
app.command()(doctor.doctor)
app.command()(listen.listen)
app.add_typer(connectors.app, name="connectors")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"entrepot {__version__}")
        raise typer.Exit


@app.callback()
def entrepot(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version,
                                          is_eager=True)] = False,
) -> None:
    """Your customers' shops behind one API, on your own machine. New here? Try `entrepot demo`."""


def main() -> None:
    """Run a command. What goes wrong on purpose is one red sentence and exit code 1, never a traceback."""
    try:
        app()
    except EntrepotError as problem:
        from entrepot.cli.console import trouble

        trouble(str(problem))
        sys.exit(1)
