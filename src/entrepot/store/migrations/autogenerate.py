"""Write the newest revision's steps anew: what leads from the revision before it to today's declarations. For as long
as that revision has not been released:

    python -m entrepot.store.migrations.autogenerate
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from alembic import command
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from entrepot.store.all_tables import metadata
from entrepot.store.store import driver_of

BEFORE = "0001"
"""The last released revision."""
NEWEST = "0002"

_HERE = Path(__file__).parent
_HEAD = '''"""The steps of revision {newest}. Written by entrepot.store.migrations.autogenerate; frozen with it."""

# ruff: noqa: E501
from __future__ import annotations

import sqlalchemy as sa
from alembic import op
'''
_TAIL = '''

STEPS = ({names},)
"""From revision {before} to {newest}."""
'''


def main() -> None:
    """Bring an empty database to the revision before, compare, and write down the difference."""
    with tempfile.TemporaryDirectory() as folder:
        reader, writer = driver_of("sqlite:").engines(f"sqlite:///{folder}/empty.sqlite")
        try:
            with writer.connect() as connection, connection.begin():
                steps = _steps(connection)
        finally:
            reader.dispose()
            writer.dispose()
    target = _HERE / f"r{NEWEST}" / "steps.py"
    target.parent.mkdir(exist_ok=True)
    names = [f"_step_{number}" for number in range(1, len(steps) + 1)]
    text = _HEAD.format(newest=NEWEST)
    for name, lines in zip(names, steps, strict=True):
        text += f"\n\ndef {name}() -> None:\n" + "\n".join(lines) + "\n"
    text += _TAIL.format(names=", ".join(names), before=BEFORE, newest=NEWEST)
    target.write_text(text, encoding="utf-8")


def _steps(connection: Connection) -> list[list[str]]:
    """One function a statement: the rules of the house keep functions short."""
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, BEFORE)
    found = produce_migrations(MigrationContext.configure(connection), metadata).upgrade_ops or UpgradeOps()
    steps: list[list[str]] = []
    for line in render_python_code(found).splitlines():
        plain = line.removeprefix("    ").rstrip()
        if not plain or plain.startswith("# "):
            continue
        if plain.startswith("op."):
            steps.append([])
        steps[-1].append(f"    {_any_dialect(plain)}")
    return steps


def _any_dialect(line: str) -> str:
    """The comparison ran on SQLite, whose booleans are numbers."""
    if "sa.Boolean()" not in line:
        return line
    return line.replace("sa.text('1')", "sa.true()").replace("sa.text('0')", "sa.false()")


if __name__ == "__main__":
    main()
