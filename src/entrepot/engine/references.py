"""References that a caller sent, to the platform's own ids: platform_id, own id or rootfi_id, in that order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from entrepot.errors import ApiError, invalid_params
from entrepot.model.base import Embedded, Record, Ref
from entrepot.model.registry import Field, fields
from entrepot.store import records_read
from entrepot.store.connections import Connection
from entrepot.store.store import Session

StructT = TypeVar("StructT", bound=msgspec.Struct)
Owners = Mapping[str, str]
"""Noun to the own id of the record whose rows are meant: the order of a parcel, the product of a line."""

_NAMED = 5
"""Rows that an error lists."""


def resolve(
    session: Session, connection: Connection, record: Record, path: str, current: Record | None = None,
) -> Record:
    """The record with every reference resolved, embedded rows' too; ApiError naming the one that is unknown.

    A reference to a row (an order's line, a product's variant) is looked for in the record that is named beside it,
    or by ``current``, the stored record that an update changes.
    """
    return _resolve(session, connection, record, path, {} if current is None else _owners(current))


def _owners(struct: msgspec.Struct) -> Owners:
    return {field.ref.noun: value for field in fields(type(struct))
            if field.ref is not None and field.ref.part is None and (value := getattr(struct, field.name))}


def _resolve(session: Session, connection: Connection, struct: StructT, path: str, owners: Owners) -> StructT:
    changed: dict[str, object] = {}
    refs = [(field, field.ref, value) for field in fields(type(struct))
            if field.ref is not None and isinstance(value := getattr(struct, field.name), str) and value]
    for field, ref, value in refs:
        if ref.part is None:
            changed[field.name] = _own_id(session, connection, ref, value, f"{path}{field.name}")
    owners = {**owners, **_owners(msgspec.structs.replace(struct, **changed))}
    for field, ref, value in refs:
        if ref.part is not None:
            changed[field.name] = _row_id(session, connection, ref, owners.get(ref.noun), value, f"{path}{field.name}")
    for field in fields(type(struct)):
        if rows := _rows(struct, field):
            changed[field.name] = [_resolve(session, connection, row, f"{path}{field.name}[{position}].", owners)
                                   for position, row in enumerate(rows)]
    return msgspec.structs.replace(struct, **changed) if changed else struct


def _rows(struct: msgspec.Struct, field: Field) -> list[msgspec.Struct]:
    rows: list[msgspec.Struct] = getattr(struct, field.name) if field.kind == "list" and field.item else []
    return rows


def _own_id(session: Session, connection: Connection, ref: Ref, value: str, path: str) -> str:
    found = records_read.resolve(session, connection.company_id, connection.id, ref.noun, value)
    if found is None:
        raise invalid_params(path, f"No {ref.noun} {value} is known for this connection: send its platform_id, "
                             "platform_unique_id or rootfi_id, or sync first.")
    return found


def _row_id(
    session: Session, connection: Connection, ref: Ref, owner: str | None, value: str, path: str,
) -> str:
    part = ref.part or ""
    if owner is None:
        found = records_read.resolve(session, connection.company_id, connection.id, ref.noun, value, part)
        if found is None:
            raise invalid_params(path, f"None of the {part} of any {ref.noun} is {value}.")
        return found
    rows = _rows_of(session, connection, ref, owner)
    suffix = f"_{connection.ordinal}"
    for wanted in ([value.removesuffix(suffix)] if value.endswith(suffix) else []) + [value]:
        if any(row.platform_unique_id == wanted for row in rows):
            return wanted
    for row in rows:
        if row.platform_unique_id is not None and str(row.rootfi_id) == value:
            return row.platform_unique_id
    raise _no_such_row(ref, f"{owner}{suffix}", [f"{row.platform_unique_id}{suffix}" for row in rows], value, path)


def _rows_of(session: Session, connection: Connection, ref: Ref, owner: str) -> list[Embedded]:
    found = records_read.owned(session, ref.noun, connection.company_id, connection.id, owner)
    if found is None:
        return []
    record = records_read.document_of(session, ref.noun, connection.company_id, found.rootfi_id)
    rows: list[Embedded] = getattr(record, ref.part or "")
    return rows


def _no_such_row(ref: Ref, owner: str, known: list[str], value: str, path: str) -> ApiError:
    has = ", ".join(known[:_NAMED]) + (", ..." if len(known) > _NAMED else "") if known else "none"
    return invalid_params(path, f"The {ref.noun} {owner} has no {value} among its {ref.part}; it has: {has}.")
