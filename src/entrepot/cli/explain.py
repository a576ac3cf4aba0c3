"""``entrepot explain``: what a field is, where it lies, what it is called outside, and what fills it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.options import AsJson

if TYPE_CHECKING:
    from entrepot.cli.explained import Explained, Filled
    from entrepot.cli.public_names import PublicName

LONGEST = 12
"""Payload paths of one connector that a page shows; --json has them all."""


def explain(
    field: Annotated[str, typer.Argument(
        metavar="NOUN[.FIELD]", help="order.total_amount, order.line_items.unit_amount, or order for all its fields.")],
    as_json: AsJson = False,
) -> None:
    """Say what a field is, where it lies, what v3 and v4 call it, and which payload paths fill it on each platform.

    Public names are understood too (order.contact_id). The paths are measured, not claimed: each value of the
    connector's recorded payloads was changed in turn, and these are the ones that moved the field.
    """
    import msgspec

    from entrepot.cli.console import say
    from entrepot.cli.explained import explain_field, explain_noun, find_noun

    word, _, path = field.partition(".")
    noun = find_noun(word)
    found = [explain_field(noun, path)] if path else list(explain_noun(noun))
    if as_json:
        say(msgspec.json.format(msgspec.json.encode(found[0] if path else found), indent=2).decode())
    elif path:
        _page(found[0])
    else:
        _overview(found)


def _page(one: Explained) -> None:
    from entrepot.cli.console import console, say, table

    say(one.field)
    if one.about:
        say(f"  {one.about}")
    shown = table("name", "text", wraps="text")
    shown.show_header = False
    for name, text in _lines(one):
        shown.add_row(f"  {name}", text)
    console().print(shown)


def _lines(one: Explained) -> list[tuple[str, str]]:
    marks = [mark for mark, there in (("may be unknown", one.optional), ("computed by the shop", one.read_only),
                                      ("personal", one.personal)) if there]
    lines = [("type", "; ".join([one.type, *marks]))]
    if one.refers_to:
        lines.append(("refers to", one.refers_to))
    if one.column is None:
        lines.append(("column", f"none: in the document of {one.table}"))
    else:
        marks = [mark for mark in (one.unit, "indexed" if one.indexed else None) if mark]
        lines.append(("column", ", ".join([one.column, *marks])))
    lines += [(name.version, _public(name)) for name in one.public] or [("public", "not shown in v3 or v4")]
    return lines + [(one.connector, _filled(one)) for one in one.filled]


def _public(name: PublicName) -> str:
    parts = [f"{name.path}: {name.name}"]
    if name.filters:
        parts.append(f"filters {' '.join(name.filters)}")
    if name.sorts:
        parts.append("sorts")
    if name.expands:
        parts.append("expands")
    if name.sent:
        parts.append(f"sent on {' and '.join(name.sent)}")
    return "; ".join(parts)


def _filled(one: Filled) -> str:
    if not one.paths:
        return f"not filled: {one.reason}"
    more = len(one.paths) - LONGEST
    return ", ".join(one.paths[:LONGEST]) + (f", and {more} more (--json shows them)" if more > 0 else "")


def _overview(found: list[Explained]) -> None:
    from entrepot.cli.console import console, table

    shown = table("field", "type", "column", "v3", "v4", "filled by", wraps="filled by")
    for one in found:
        names = {version: ", ".join(name.name for name in one.public if name.version == version)
                 for version in ("v3", "v4")}
        filled = ", ".join(filled.connector for filled in one.filled if filled.paths)
        kind = "one of ..." if one.type.startswith("one of") else one.type
        shown.add_row(one.field.partition(".")[2], kind, "yes" if one.column else "", names["v3"], names["v4"], filled)
    console().print(shown)
