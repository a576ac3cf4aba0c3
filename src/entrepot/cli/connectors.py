"""``entrepot connectors``: which platforms there are, and which payload paths fill which fields."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from entrepot.kit.installed import Installed

app = typer.Typer(help="The platforms that can be connected.", no_args_is_help=True)


@app.command("list")
def list_connectors() -> None:
    """List the installed connectors: what each reads and writes."""
    from entrepot.cli.console import console, say, table
    from entrepot.cli.counting import plural
    from entrepot.kit.installed import find_installed

    found = find_installed()
    if not found:
        say("No connector is installed.")
        return
    shown = table("id", "integration type", "platform", "API", "writes", "reads", wraps="reads")
    for one in found.values():
        reads = dict.fromkeys(plural(noun) for stream in one.connector.streams for noun in stream.nouns)
        writes = dict.fromkeys(plural(action.noun) for action in one.connector.actions)
        shown.add_row(one.manifest.id, one.manifest.integration_type, one.manifest.name, one.manifest.api_version,
                      ", ".join(writes) or "nothing", ", ".join(reads))
    console().print(shown)


@app.command()
def coverage(
    name: Annotated[str, typer.Argument(help="The connector's id in `entrepot connectors list`.")],
    write: Annotated[bool, typer.Option("--write", help="Write coverage.json beside the manifest.")] = False,
) -> None:
    """Find out which payload path moves which field, by changing the connector's recorded rows one value at a time.

    Without --write it only says whether coverage.json is current (exit code 1 when it is not).
    """
    from entrepot.cli.console import fail, say
    from entrepot.kit.testing import coverage as covering

    installed = _named(name)
    measured = covering.measure(installed)
    if not measured:
        fail(f"{name} has no recorded rows: put some into its fixtures folder, named after their streams.")
    fields = sum(len(one) for one in measured.values())
    if write:
        path = Path(str(resources.files(installed.package) / covering.FILE))
        path.write_text(covering.text(measured), encoding="utf-8")
        say(f"{path}: {fields} fields of {len(measured)} data models")
        return
    if covering.text(measured) != covering.text(covering.stored(installed)):
        fail(f"coverage.json of {name} is not current. Type: entrepot connectors coverage {name} --write")
    say(f"coverage.json of {name} is current: {fields} fields of {len(measured)} data models")


def _named(name: str) -> Installed:
    from entrepot.errors import SetupError
    from entrepot.kit.installed import find_installed

    found = find_installed().values()
    for one in found:
        if name.lower() in (one.manifest.id, one.manifest.integration_type.lower()):
            return one
    raise SetupError(f"No connector {name} is installed. There are: {', '.join(one.manifest.id for one in found)}.")
