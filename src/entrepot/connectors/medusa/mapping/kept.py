"""What Medusa has no field for, kept in its metadata under ``entrepot``.

``{"operation": "<our marker>", "<field of the model>": <value as sent>, ...}``. ``noted_at`` is the shop's time when
``updated_at`` was kept: that one holds only until the record is changed by somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from entrepot.connectors.medusa.payload import Metadata
from entrepot.errors import RowUnmappable
from entrepot.kit.convert import decimal, time

NAME = "entrepot"
OPERATION = "operation"
NOTED_AT = "noted_at"
FRESH = timedelta(seconds=30)
"""A write of ours takes several calls; an ``updated_at`` of Medusa this near to it is still our own doing."""

Kept = Mapping[str, object]
NOTHING: Kept = {}


def kept(metadata: Metadata | None) -> Kept:
    """Our part of a record's metadata; empty when there is none, or when somebody else uses the name."""
    ours = None if metadata is None else metadata.entrepot
    return cast("Kept", ours) if isinstance(ours, dict) else NOTHING


def text(ours: Kept, name: str) -> str | None:
    """A kept text; None when it is not there."""
    value = ours.get(name)
    return value if isinstance(value, str) and value else None


def flag(ours: Kept, name: str) -> bool | None:
    """A kept yes or no."""
    value = ours.get(name)
    return value if isinstance(value, bool) else None


def whole(ours: Kept, name: str) -> int | None:
    """A kept integer."""
    value = ours.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def amount(ours: Kept, name: str) -> Decimal | None:
    """A kept number."""
    value = ours.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        return decimal(value)
    except RowUnmappable:
        return None


def texts(ours: Kept, name: str) -> list[str]:
    """A kept list of texts."""
    value = ours.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def moment(ours: Kept, name: str) -> datetime | None:
    """A kept time; None when somebody has made it unreadable."""
    try:
        return time(text(ours, name))
    except RowUnmappable:
        return None


def part(ours: Kept, name: str) -> Kept:
    """A kept object, such as what is kept for one parcel of an order."""
    value = ours.get(name)
    return cast("Kept", value) if isinstance(value, dict) else NOTHING


def made(ours: Kept, created: str | None) -> datetime | None:
    """When the record was made: as it was sent, else as Medusa says."""
    return moment(ours, "created_at") or time(created)


def changed(ours: Kept, created: str | None, updated: str | None) -> datetime | None:
    """When the record was last changed: as it was sent while nobody changed it since, else as Medusa says."""
    theirs, sent = time(updated), moment(ours, "updated_at")
    noted = moment(ours, NOTED_AT) or time(created)
    if sent is None or theirs is None or noted is None:
        return sent or theirs
    return sent if theirs - noted <= FRESH else theirs
