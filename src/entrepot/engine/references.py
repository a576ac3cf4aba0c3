"""References that a caller sent, to the platform's own ids: platform_id, own id or rootfi_id, in that order."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from entrepot.errors import invalid_params
from entrepot.model.base import Record
from entrepot.model.registry import Field, fields
from entrepot.store import records_read
from entrepot.store.connections import Connection
from entrepot.store.store import Session

StructT = TypeVar("StructT", bound=msgspec.Struct)


def resolve(session: Session, connection: Connection, record: Record, path: str) -> Record:
    """The record with every reference resolved, embedded rows' too; ApiError naming the one that is unknown."""
    return _resolve(session, connection, record, path)


def _resolve(session: Session, connection: Connection, struct: StructT, path: str) -> StructT:
    changed: dict[str, object] = {}
    for field in fields(type(struct)):
        value = getattr(struct, field.name)
        if field.ref is not None and isinstance(value, str) and value:
            changed[field.name] = _own_id(session, connection, field, value, path)
        elif field.kind == "list" and field.item is not None and value:
            changed[field.name] = [
                _resolve(session, connection, row, f"{path}{field.name}[{position}].")
                for position, row in enumerate(value)
            ]
    return msgspec.structs.replace(struct, **changed) if changed else struct


def _own_id(session: Session, connection: Connection, field: Field, value: str, path: str) -> str:
    ref = field.ref
    if ref is None:
        return value
    found = records_read.resolve(session, connection.company_id, connection.id, ref.noun, value, ref.part)
    if found is None:
        what = f"{ref.noun} {ref.part}" if ref.part else ref.noun
        raise invalid_params(f"{path}{field.name}", f"No {what} {value} is known for this connection: send its "
                             "platform_id, platform_unique_id or rootfi_id, or sync first.")
    return found
