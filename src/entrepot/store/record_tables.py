"""One table per noun, computed from its declaration: a real column for every Query field, the rest in a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from entrepot import clock
from entrepot.model import registry
from entrepot.model.base import Record
from entrepot.model.registry import Field, Noun
from entrepot.store import scaling
from entrepot.store.metadata import metadata

BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that compares by bytes in both databases."""

_SQL_TYPES: dict[str, TypeEngine[Any]] = {
    "text": BYTEWISE, "enum": BYTEWISE, "boolean": Boolean(),
    "integer": BigInteger(), "money": BigInteger(), "time": BigInteger(),
}
_COPY_TYPES = {"text": "text", "enum": "text", "boolean": "bool", "integer": "int8", "money": "int8", "time": "int8"}
_SCALED: dict[str, Callable[[Any], object]] = {
    "integer": scaling.integer, "money": scaling.money, "time": clock.to_ms,
}

# Small columns first, then what lists serve, then what only the store itself reads: SQLite walks a row's overflow
# pages from the front, so a list of bodies never touches the documents and raw payloads behind them.
_KEYS: tuple[tuple[str, TypeEngine[Any], str, bool], ...] = (
    ("company_id", BigInteger(), "int8", False),
    ("rootfi_id", BigInteger(), "int8", False),
    ("environment_id", BigInteger(), "int8", False),
    ("connection_id", BigInteger(), "int8", False),
    ("ordinal", Integer(), "int4", False),
    ("platform_unique_id", BYTEWISE, "text", False),
    ("rootfi_created_at", BigInteger(), "int8", False),
)
_STATE: tuple[tuple[str, TypeEngine[Any], str, bool], ...] = (
    ("stream", Text(), "text", False),
    ("rootfi_updated_at", BigInteger(), "int8", False),
    ("rootfi_deleted_at", BigInteger(), "int8", True),
    ("seq", BigInteger(), "int8", False),
    ("data_hash", LargeBinary(), "bytea", False),
    ("raw_hash", LargeBinary(), "bytea", True),
    ("mapping_version", Integer(), "int4", False),
    ("view_version", Integer(), "int4", False),
)
_BODIES: tuple[tuple[str, TypeEngine[Any], str, bool], ...] = (
    ("body", Text(), "text", False),
    ("fragment", Text(), "text", True),
    ("body_older", Text(), "text", False),
    ("fragment_older", Text(), "text", True),
    ("document", Text(), "text", False),
    ("raw", LargeBinary(), "bytea", True),
)

KEY_COLUMNS = tuple(row[0] for row in _KEYS)
STATE_COLUMNS = tuple(row[0] for row in _STATE)
BODY_COLUMNS = tuple(row[0] for row in _BODIES)


@dataclass(frozen=True)
class RecordTable:
    """A noun's table and what writing to it needs.

    ``columns`` is the order of a whole row: keys (never change), state, one per Query field, bodies. ``types`` are
    PostgreSQL's names for them.
    """

    noun: Noun
    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    query_columns: tuple[str, ...]
    values: Callable[[Record], list[object]]
    """The Query columns of a record, scaled."""
    insert_sql: str
    update_sql: str
    """All columns after the keys; then ``company_id`` and ``rootfi_id``."""


def _define(noun: Noun) -> Table:
    fields = registry.query_fields(noun.type)
    columns = [Column(name, kind, nullable=nullable) for name, kind, _, nullable in (*_KEYS, *_STATE)]
    columns += [Column(field.name, _SQL_TYPES[field.kind]) for field in fields]
    columns += [Column(name, kind, nullable=nullable) for name, kind, _, nullable in _BODIES]
    # Named by hand: the convention's names would be longer than PostgreSQL allows.
    indexes = [
        Index(f"ix_{noun.table}_{field.name}", "company_id", field.name, "rootfi_id")
        for field in fields if field.query and field.query.indexed
    ]
    return Table(
        noun.table, metadata, *columns,
        PrimaryKeyConstraint("company_id", "rootfi_id"),
        UniqueConstraint("company_id", "connection_id", "platform_unique_id", name=f"uq_{noun.table}_own_id"),
        Index(f"ix_{noun.table}_environment", "environment_id", "rootfi_id"),
        Index(f"ix_{noun.table}_changed", "company_id", "rootfi_updated_at", "rootfi_id"),
        # For sweeps: the ids of a stream without a look at its rows, which are kilobytes each.
        Index(f"ix_{noun.table}_live", "company_id", "connection_id", "stream", "rootfi_deleted_at", "rootfi_id"),
        *indexes,
    )


def _scale(field: Field) -> Callable[[Any], object] | None:
    if field.kind == "text" and field.query is not None and field.query.indexed:
        return scaling.clipped
    return _SCALED.get(field.kind)


def _reader(fields: tuple[Field, ...]) -> Callable[[Record], list[object]]:
    get = attrgetter(*(field.name for field in fields))
    scales = tuple((place, scale) for place, field in enumerate(fields) if (scale := _scale(field)) is not None)

    def values(record: Record) -> list[object]:
        row = list(get(record))
        for place, scale in scales:
            if (value := row[place]) is not None:
                row[place] = scale(value)
        return row

    return values


@cache
def record_table(noun: str) -> RecordTable:
    """The table of a noun; KeyError when there is no such noun."""
    declared = registry.noun(noun)
    fields = registry.query_fields(declared.type)
    query_columns = tuple(field.name for field in fields)
    columns = (*KEY_COLUMNS, *STATE_COLUMNS, *query_columns, *BODY_COLUMNS)
    types = (
        *(row[2] for row in (*_KEYS, *_STATE)), *(_COPY_TYPES[field.kind] for field in fields),
        *(row[2] for row in _BODIES),
    )
    changing = columns[len(KEY_COLUMNS):]
    assert len(set(columns)) == len(columns), f"a field of {noun} is named like a column of the store"  # noqa: S101
    # Raw payloads that are not given again are kept, and so is their hash.
    kept = {"raw": "raw = COALESCE(?, raw)", "raw_hash": "raw_hash = COALESCE(?, raw_hash)"}
    assignments = ", ".join(kept.get(name, f"{name} = ?") for name in changing)
    return RecordTable(
        noun=declared, name=declared.table, columns=columns, types=types, query_columns=query_columns,
        values=_reader(fields),
        insert_sql=f"INSERT INTO {declared.table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        update_sql=f"UPDATE {declared.table} SET {assignments} WHERE company_id = ? AND rootfi_id = ?",
    )


@dataclass(frozen=True)
class ChildOf:
    """A noun that is yielded by re-reading another, and the field that names its parent."""

    noun: str
    field: str


@cache
def children_of(noun: str) -> tuple[ChildOf, ...]:
    """The nouns whose records belong to records of this one, by name (order: fulfillment, transaction)."""
    found = []
    for child in registry.NOUNS:
        if child.parent is None:
            continue
        ref = registry.field_map(child.type)[child.parent].ref
        if ref is not None and ref.noun == noun:
            found.append(ChildOf(child.name, child.parent))
    return tuple(sorted(found, key=lambda child: child.noun))


TABLES: dict[str, Table] = {noun.name: _define(noun) for noun in registry.NOUNS}
"""The SQLAlchemy tables by noun, for migrations and cold statements."""
