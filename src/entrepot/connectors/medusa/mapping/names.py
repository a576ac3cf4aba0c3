"""People's names: the model has one field and the parts of it, Medusa only the parts."""

from __future__ import annotations

from entrepot.kit.convert import blank_to_none


def first_and_last(name: str | None, first: str | None, last: str | None) -> tuple[str | None, str | None]:
    """First and last name; cut out of the whole name at its last space where neither was given."""
    first, last, name = blank_to_none(first), blank_to_none(last), blank_to_none(name)
    if first or last or name is None:
        return first, last
    before, _, after = name.rpartition(" ")
    return (before.strip(), after) if before else (after, None)
