"""Refusals, said the same way everywhere, before Medusa is called where that is possible."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from entrepot.errors import Rejected
from entrepot.kit.spec import Change


def denied(field: str, message: str, platform_error: str | None = None) -> Rejected:
    """Medusa cannot hold that."""
    return Rejected(message, code="operation-denied", field=field, platform_error=platform_error)


def invalid(field: str, message: str) -> Rejected:
    """That value cannot be taken."""
    return Rejected(message, code="invalid-params", field=field)


def missing(field: str, message: str) -> Rejected:
    """That is needed."""
    return Rejected(message, code="missing-params", field=field)


def only(change: Change, taken: Collection[str], why: str) -> None:
    """Refuse the first field that was given, is not empty, and cannot be set in Medusa."""
    for name in sorted(change.given):
        if name not in taken and not _empty(getattr(change.record, name, None)):
            raise denied(name, f"Medusa {why} {name}.")


def none_of(row: msgspec.Struct, names: Iterable[str], path: str, why: str) -> None:
    """The same for the fields of an embedded row."""
    for name in names:
        if not _empty(getattr(row, name)):
            raise denied(f"{path}.{name}", f"Medusa {why}.")


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {}) or (not isinstance(value, str) and value == 0)


def as_taken(refusal: Rejected, field: str) -> Rejected:
    """Medusa's 400 for what exists already (it has no 409 for that), and for the rest the same with our field."""
    said = f"{refusal.message} {refusal.platform_error or ''}"
    code = "record-already-exists" if "already exists" in said else refusal.code
    return Rejected(refusal.message, code=code, field=refusal.field or field, platform_error=refusal.platform_error)
