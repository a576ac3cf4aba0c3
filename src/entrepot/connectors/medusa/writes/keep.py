"""What is kept in Medusa's metadata, written: the other side of ``mapping/kept.py``.

Medusa merges metadata by its top keys and replaces what lies below, so our part is always sent whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from entrepot.connectors.medusa.mapping.kept import NAME, NOTED_AT, OPERATION, Kept
from entrepot.connectors.medusa.reads.clock import moment, shop_time
from entrepot.kit.spec import Answer, Change


def own_fields(struct: msgspec.Struct, names: Iterable[str]) -> dict[str, object]:
    """Those fields of a struct as metadata can hold them: times as text, blanks and empty lists left out."""
    values = ((name, getattr(struct, name)) for name in names)
    return {name: moment(value) if isinstance(value, datetime) else value
            for name, value in values if value not in (None, "", [])}


def new(change: Change, names: Iterable[str], more: Mapping[str, object] | None = None) -> dict[str, object]:
    """The metadata of something that is made: our marker, and what was given and has no other place."""
    given = [name for name in names if name in change.given]
    return {NAME: {OPERATION: change.marker, **own_fields(change.record, given), **(more or {})}}


def again(
    change: Change, names: Iterable[str], current: Kept, read: Answer, more: Mapping[str, object] | None = None,
    *, without: Iterable[str] = (),
) -> dict[str, object] | None:
    """The metadata of something that is changed; None when nothing of ours changes in it.

    ``read`` is the answer that ``current`` came from: its time tells until when a sent ``updated_at`` holds. What was
    given takes the place of what is kept so far, as does ``more``; ``without`` names what no longer holds.
    """
    given = [name for name in names if name in change.given]
    sent = own_fields(change.record, given)
    stale = {*given, *without}
    if "updated_at" in sent:
        sent[NOTED_AT] = shop_time(read)
    changed = {**{name: value for name, value in current.items() if name not in stale}, **sent, **(more or {})}
    return None if changed == dict(current) else {NAME: changed or ""}
