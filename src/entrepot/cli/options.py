"""Options that several commands share, each with the one text that explains it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.settings import Settings, load

Home = Annotated[Path | None, typer.Option(
    "--home", help="Folder of the embedded database and the key file.", show_default="ENTREPOT_HOME or ~/.entrepot",
    file_okay=False)]
Database = Annotated[str | None, typer.Option(
    "--database", metavar="URL", help="sqlite:////path/file or postgresql://user@host/database.",
    show_default="ENTREPOT_DATABASE_URL or a file in the home")]
Port = Annotated[int | None, typer.Option(
    "--port", min=0, max=65535, help="Port to listen on; 0 takes any that is free.",
    show_default="ENTREPOT_PORT or 8080")]
Host = Annotated[str | None, typer.Option(
    "--host", help="Address to listen on; 0.0.0.0 lets other machines in.", show_default="ENTREPOT_HOST or 127.0.0.1")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text for people.")]


def settings_of(
    *, home: Path | None = None, database: str | None = None, host: str | None = None, port: int | None = None,
) -> Settings:
    """The environment's settings with what was given on the command line in front."""
    return load(home=home, database_url=database, host=host, port=port)
