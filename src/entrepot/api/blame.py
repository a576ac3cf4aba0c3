"""Who is to blame, in the caller's own words: an error's field under the name that was sent in this version.

The engine and the connectors know the model's names (``data[0].addresses[0].city``); a caller of v3 sent ``address``,
one of v4's orders ``shipping_address``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from entrepot.api.view import View
from entrepot.errors import ApiError

_PATH = re.compile(r"^data\[(\d+)\]\.([a-z_]+)(?:\[(\d+)\])?(.*)$")


def blame(view: View, error: ApiError, data: Sequence[object]) -> None:
    """Put the caller's name of the field into the error, and into its sentence. ``data`` is what was sent."""
    if error.field is None:
        return
    public = public_field(view, error.field, data)
    error.message = error.message.replace(f": {error.field}. ", f": {public}. ", 1)
    error.field = public


def public_field(view: View, field: str, data: Sequence[object]) -> str:
    """A path in the model's names as the caller knows it; a path that is none of a record's stays as it is."""
    match = _PATH.match(field)
    if match is None:
        return field
    position, name, row, rest = int(match[1]), match[2], match[3], match[4]
    sent = data[position] if position < len(data) else None
    names = _names(view, name, sent if isinstance(sent, dict) else {})
    if name in names or not names:
        return field
    place = int(row) if row is not None else 0
    chosen = names[place] if place < len(names) else names[0]
    single = isinstance(sent, dict) and isinstance(sent.get(chosen), dict)
    return f"data[{position}].{chosen}{'' if row is None or single else f'[{row}]'}{rest}"


def _names(view: View, source: str, sent: dict[str, object]) -> list[str]:
    """Public names of a field of the model: those that were sent, else those that could have been."""
    shown = [name for name, one in view.inputs.items() if one.field is not None and one.field.name == source]
    known = [*shown, *(one.name for one in view.given if source in one.fills)]
    return [name for name in sent if name in known] or known
