"""``entrepot keys``: make, list and revoke API keys."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from entrepot.cli.options import Database, Home, settings_of

DAY_MS = 86_400_000

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


class Environment(StrEnum):
    """Which of the organisation's environments a key opens."""

    LIVE = "live"
    TEST = "test"


@app.command()
def create(
    name: Annotated[str, typer.Option(help="For people: who uses it.")] = "made on the command line",
    scopes: Annotated[str, typer.Option(help="Comma list of read, write and admin.")] = "read,write,admin",
    environment: Annotated[Environment, typer.Option(help="Which companies it opens.")] = Environment.LIVE,
    expires_days: Annotated[int | None, typer.Option(min=1, help="Shuts by itself after so many days.",
                                                     show_default="never")] = None,
    home: Home = None, database: Database = None,
) -> None:
    """Make an API key. It is shown once and kept only as a hash, so put it where you will find it."""
    from entrepot import clock
    from entrepot.app import ALL_SCOPES
    from entrepot.cli.console import console, fail, say
    from entrepot.cli.opened import opened
    from entrepot.store import keys
    from entrepot.store.scope import SYSTEM
    from entrepot.vault import api_keys

    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    if not wanted or not set(wanted) <= set(ALL_SCOPES):
        fail(f"--scopes {scopes}: send a comma list of {', '.join(ALL_SCOPES)}.")
    made = api_keys.make(environment.value)
    expires_at = None if expires_days is None else clock.now_ms() + expires_days * DAY_MS
    settings = settings_of(home=home, database=database)
    with opened(settings, quiet=True) as app, app.engine.store.write(SYSTEM) as session:
        scope = keys.environment_scope(session, environment.value)
        ident = keys.create(session, scope, name, made.shown, made.digest, wanted, expires_at)
    say(made.text)
    if console().is_terminal:
        say(f"This is key {ident} ({', '.join(wanted)}; {environment.value}), shown this once. To shut it: "
            f"entrepot keys revoke {ident}")


@app.command("list")
def list_keys(home: Home = None, database: Database = None) -> None:
    """List the API keys: by their first characters, never whole."""
    from entrepot import clock
    from entrepot.cli.console import console, say, table
    from entrepot.cli.opened import opened
    from entrepot.store import keys
    from entrepot.store.scope import SYSTEM

    def at(ms: int | None) -> str:
        return "" if ms is None else clock.text_ms(ms)[:16].replace("T", " ")

    settings = settings_of(home=home, database=database)
    with opened(settings, quiet=True) as app, app.engine.store.read(SYSTEM) as session:
        found = keys.listed(session)
    if not found:
        say("There is no API key yet. Type: entrepot keys create")
        return
    shown = table("id", "begins with", "name", "scopes", "created", "last used", "expires", "revoked", wraps="name")
    for key in found:
        shown.add_row(str(key.id), key.shown, key.name, ",".join(sorted(key.scopes)), at(key.created_at),
                      at(key.last_used_at), at(key.expires_at), at(key.revoked_at))
    console().print(shown)


@app.command()
def revoke(
    key: Annotated[int, typer.Argument(help="Its number in `entrepot keys list`.")],
    home: Home = None, database: Database = None,
) -> None:
    """Shut an API key for good. A running API may let it in for some seconds more."""
    from entrepot.cli.console import fail, say
    from entrepot.cli.opened import opened
    from entrepot.store import keys
    from entrepot.store.scope import SYSTEM

    settings = settings_of(home=home, database=database)
    with opened(settings, quiet=True) as app, app.engine.store.write(SYSTEM) as session:
        known = keys.revoke(session, key)
    if not known:
        fail(f"There is no open key {key}. `entrepot keys list` shows them.")
    say(f"key {key} is shut")
