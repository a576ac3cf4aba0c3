"""``entrepot keys``: make, list, rotate and revoke API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.options import Database, Home, settings_of
from entrepot.cli.organisations import Environment, Wanted

if TYPE_CHECKING:
    from entrepot.engine.issue import Issued

DAY_MS = 86_400_000
MOST_PER_MINUTE = 10_000_000

app = typer.Typer(help="Make, list, rotate and revoke API keys.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="Its number in `entrepot keys list`.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="For people: who uses it.")] = "made on the command line",
    scopes: Annotated[str, typer.Option(help="Comma list of read, write, passthrough, admin and credentials.",
                                        show_default="all")] = "",
    organisation: Wanted = None,
    environment: Annotated[Environment, typer.Option(help="Which companies it opens.")] = Environment.LIVE,
    expires_days: Annotated[int | None, typer.Option(min=1, max=36500, help="Shuts by itself after so many days.",
                                                     show_default="never")] = None,
    per_minute: Annotated[int | None, typer.Option(
        min=1, max=MOST_PER_MINUTE, help="Requests a minute that it may make.",
        show_default="ENTREPOT_RATE_LIMIT")] = None,
    burst: Annotated[int | None, typer.Option(
        min=1, max=MOST_PER_MINUTE, help="How many of them at once; needs --per-minute.",
        show_default="a minute's worth")] = None,
    home: Home = None, database: Database = None,
) -> None:
    """Make an API key. It is shown once and kept only as a hash, so put it where you will find it."""
    from entrepot import clock
    from entrepot.cli.console import fail
    from entrepot.cli.opened import opened
    from entrepot.cli.organisations import scope_of
    from entrepot.engine.issue import Wish, issue
    from entrepot.store.keys import ALL_SCOPES
    from entrepot.store.scope import SYSTEM

    wanted = list(dict.fromkeys(scope.strip() for scope in scopes.split(",") if scope.strip())) or list(ALL_SCOPES)
    if not set(wanted) <= set(ALL_SCOPES):
        fail(f"--scopes {scopes}: send a comma list of {', '.join(ALL_SCOPES)}.")
    if burst is not None and per_minute is None:
        fail("--burst needs --per-minute.")
    expires_at = None if expires_days is None else clock.now_ms() + expires_days * DAY_MS
    wish = Wish(name, wanted, expires_at, per_minute, burst)
    with opened(settings_of(home=home, database=database), quiet=True) as app, \
            app.engine.store.write(SYSTEM) as session:
        made = issue(session, scope_of(session, organisation, environment), wish)
    _tell(made, f"{', '.join(wanted)}; {environment.value}")


def _tell(made: Issued, about: str) -> None:
    from entrepot.cli.console import console, say

    say(made.text)
    if console().is_terminal:
        say(f"This is key {made.key.id} ({about}), shown this once. To shut it: entrepot keys revoke {made.key.id}")


@app.command("list")
def list_keys(
    organisation: Wanted = None,
    environment: Annotated[Environment | None, typer.Option(help="Only keys of this environment.",
                                                            show_default="both")] = None,
    home: Home = None, database: Database = None,
) -> None:
    """List the API keys: by their first characters, never whole."""
    from entrepot import clock
    from entrepot.cli.console import console, fail, say, table
    from entrepot.cli.opened import opened
    from entrepot.store import keys, organisations
    from entrepot.store.scope import SYSTEM

    def at(ms: int | None) -> str:
        return "" if ms is None else clock.text_ms(ms)[:16].replace("T", " ")

    with opened(settings_of(home=home, database=database), quiet=True) as app, app.engine.store.read(SYSTEM) as session:
        owners = {one.id: one.name for one in organisations.listed(session)}
        places = organisations.environment_names(session)
        only = None if organisation is None else organisations.find(session, organisation)
        found = keys.listed(session)
    if organisation is not None and only is None:
        fail(f"There is no organisation {organisation}. `entrepot organisations list` shows them.")
    found = [key for key in found if (only is None or key.scope.organisation_id == only.id)
             and (environment is None or places[key.scope.environment_id] == environment.value)]
    if not found:
        say("There is no API key yet. Type: entrepot keys create")
        return
    shown = table("id", "begins with", "name", "organisation", "opens", "scopes", "limit", "created", "last used",
                  "expires", "revoked", wraps="name")
    for key in found:
        limit = "" if key.per_minute is None else f"{key.per_minute}/{key.burst or key.per_minute}"
        shown.add_row(str(key.id), key.shown, key.name, owners[key.scope.organisation_id],
                      places[key.scope.environment_id], ",".join(sorted(key.scopes)), limit, at(key.created_at),
                      at(key.last_used_at), at(key.expires_at), at(key.revoked_at))
    console().print(shown)


@app.command()
def rotate(
    key: Number,
    overlap_hours: Annotated[int, typer.Option(min=0, max=8760, help="How long the old one still opens.")] = 24,
    home: Home = None, database: Database = None,
) -> None:
    """Make a key like another one in its place: same name, scopes, limit and expiry. The old one shuts after the
    overlap."""
    from entrepot.cli.console import fail
    from entrepot.cli.opened import opened
    from entrepot.engine import issue
    from entrepot.errors import ApiError
    from entrepot.store import keys
    from entrepot.store.scope import SYSTEM

    with opened(settings_of(home=home, database=database), quiet=True) as app, \
            app.engine.store.write(SYSTEM) as session:
        old = keys.get(session, key)
        if old is None:
            fail(f"There is no key {key}. `entrepot keys list` shows them.")
        try:
            made = issue.rotate(session, old, overlap_hours)
        except ApiError as refused:
            fail(refused.message)
    _tell(made, f"in the place of key {key}, which shuts in {overlap_hours} hours")


@app.command()
def revoke(key: Number, home: Home = None, database: Database = None) -> None:
    """Shut an API key for good. A running API may let it in for some seconds more."""
    from entrepot.cli.console import fail, say
    from entrepot.cli.opened import opened
    from entrepot.store import keys
    from entrepot.store.scope import SYSTEM

    with opened(settings_of(home=home, database=database), quiet=True) as app, \
            app.engine.store.write(SYSTEM) as session:
        known = keys.revoke(session, key)
    if not known:
        fail(f"There is no open key {key}. `entrepot keys list` shows them.")
    say(f"key {key} is shut")
