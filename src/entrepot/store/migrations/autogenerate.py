"""Write the tables of revision 0001 anew, as they are declared. For as long as nothing has been released:

    python -m entrepot.store.migrations.autogenerate
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from alembic.autogenerate import render_python_code
from alembic.operations.ops import CreateTableOp, UpgradeOps
from sqlalchemy import Index, Table

from entrepot.store.all_tables import core_tables, log_tables, record_tables

_LINE = 120
_TARGET = Path(__file__).parent / "r0001"
_HEAD = '''"""{title}, as of revision 0001. Written by entrepot.store.migrations.autogenerate; frozen with it."""

from __future__ import annotations

import sqlalchemy as sa

frozen = sa.MetaData()
'''


def main() -> None:
    """Render each group of tables as a MetaData of its own that imports nothing of today's declarations."""
    for name, title, tables in _groups():
        text = _HEAD.format(title=title) + "".join(f"\n{_table(table)}\n" for table in tables)
        if max(map(len, text.splitlines())) > _LINE:
            text = text.replace("from __future__", "# ruff: noqa: E501\nfrom __future__", 1)
        (_TARGET / f"{name}.py").write_text(text, encoding="utf-8")


def _groups() -> Iterable[tuple[str, str, list[Table]]]:
    yield "core", "The tables of the core", _tables_of(core_tables)
    yield "log", "The tables around the records", _tables_of(log_tables)
    yield "records", "The tables of the nouns", list(record_tables.TABLES.values())


def _tables_of(module: object) -> list[Table]:
    return sorted({table for table in vars(module).values() if isinstance(table, Table)}, key=lambda table: table.name)


def _table(table: Table) -> str:
    code = render_python_code(UpgradeOps(ops=[CreateTableOp.from_table(table)]))
    lines = [line.strip() for line in code.splitlines() if line.strip() and not line.strip().startswith("#")]
    inner = [line if line.endswith(",") else f"{line}," for line in lines[1:-1]]
    inner += [_index(index) for index in sorted(table.indexes, key=lambda index: str(index.name))]
    text = "\n".join(f"    {line}" for line in inner)
    return re.sub(r"op\.f\(('[^']*')\)", r"\1", f"sa.Table(\n    '{table.name}', frozen,\n{text}\n)")


def _index(index: Index) -> str:
    names = ", ".join(f"'{column.name}'" for column in index.columns)
    extra = ", unique=True" if index.unique else ""
    for dialect in ("sqlite", "postgresql"):
        where = index.dialect_options[dialect]["where"]
        if where is not None:
            extra += f", {dialect}_where=sa.text({where.text!r})"
    return f"sa.Index('{index.name}', {names}{extra}),"


if __name__ == "__main__":
    main()
