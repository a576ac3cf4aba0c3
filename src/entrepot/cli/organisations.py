"""``entrepot organisations``: make and list those who share an installation."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.options import Database, Home, settings_of

if TYPE_CHECKING:
    from entrepot.store.scope import Scope
    from entrepot.store.store import Session

app = typer.Typer(help="Make and list organisations, each with a live and a test environment.", no_args_is_help=True)
LONGEST_NAME = 200


class Environment(StrEnum):
    """One of an organisation's environments."""

    LIVE = "live"
    TEST = "test"


Wanted = Annotated[str | None, typer.Option(
    "--organisation", metavar="NAME_OR_ID", help="Whose, where the installation has several.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")], home: Home = None, database: Database = None,
) -> None:
    """Make an organisation. Its companies, connections, records, webhooks and keys are its own; so are those of each
    of its two environments, live and test."""
    from entrepot.cli.console import fail, say
    from entrepot.cli.opened import opened
    from entrepot.store import organisations
    from entrepot.store.scope import SYSTEM

    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.isdigit():
        fail(f"An organisation's name has 1 to {LONGEST_NAME} characters and is no number.")
    with opened(settings_of(home=home, database=database), quiet=True) as opening, \
            opening.engine.store.write(SYSTEM) as session:
        if organisations.find(session, name) is not None:
            fail(f"There is an organisation {name} already. `entrepot organisations list` shows them.")
        scope = organisations.create_organisation(session, name)
    say(f"organisation {scope.organisation_id}. A key for it: entrepot keys create --organisation "
        f"{scope.organisation_id}")


@app.command("list")
def list_organisations(home: Home = None, database: Database = None) -> None:
    """List the organisations, and how many companies each has."""
    from entrepot import clock
    from entrepot.cli.console import console, say, table
    from entrepot.cli.opened import opened
    from entrepot.store import organisations
    from entrepot.store.scope import SYSTEM

    with opened(settings_of(home=home, database=database), quiet=True) as opening, \
            opening.engine.store.read(SYSTEM) as session:
        found = organisations.listed(session)
    if not found:
        say("There is no organisation yet; the first start makes one. Type: entrepot serve")
        return
    shown = table("id", "name", "live companies", "test companies", "created", wraps="name")
    for one in found:
        shown.add_row(str(one.id), one.name, *(str(one.companies.get(name, 0)) for name in organisations.NAMES),
                      clock.text_ms(one.created_at)[:10])
    console().print(shown)


def scope_of(session: Session, wanted: str | None, environment: Environment) -> Scope:
    """The environment of the organisation that was named, else of the first. Ends the command when there is none."""
    from entrepot.cli.console import fail
    from entrepot.store import keys, organisations

    if wanted is None:
        ident = keys.default_scope(session).organisation_id
    else:
        found = organisations.find(session, wanted)
        if found is None:
            fail(f"There is no organisation {wanted}. `entrepot organisations list` shows them.")
        ident = found.id
    return organisations.environment_scope(session, ident, environment.value)
