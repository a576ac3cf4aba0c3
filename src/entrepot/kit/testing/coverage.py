"""Which payload path moves which unified field: found out by trying, never claimed.

Each value of the recorded rows is changed in turn, the row is mapped again, and the fields that came out different are
written down. The answer lies beside the manifest as ``coverage.json``, ``{noun: {field: [payload paths]}}``, and a test
holds it to what the mapping does today. Paths are joined by dots, ``[]`` is any item of a list, ``settings.`` leads the
connection's settings, and the field ``*`` is the question whether there is such a record at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import msgspec

from entrepot.errors import RowUnmappable
from entrepot.kit.installed import Installed
from entrepot.kit.spec import Family, Stream
from entrepot.kit.testing.fixtures import Row, rows_of, settings_of
from entrepot.kit.testing.leaves import Leaf, Tree, decode_tree, encode_tree, leaves
from entrepot.kit.testing.otherwise import otherwise
from entrepot.model.base import Record
from entrepot.model.registry import noun_of

Coverage = Mapping[str, Mapping[str, Sequence[str]]]
FILE = "coverage.json"
EXISTS = "*"

_DECODER = msgspec.json.Decoder(dict[str, dict[str, list[str]]])
Moved = set[tuple[str, str]]
"""Pairs of noun and field."""


def stored(installed: Installed) -> Coverage:
    """What was written down for a connector; empty when nothing was."""
    file = resources.files(installed.package) / FILE
    return _DECODER.decode(file.read_bytes()) if file.is_file() else {}


def text(coverage: Coverage) -> str:
    """The content of ``coverage.json``."""
    return msgspec.json.format(msgspec.json.encode(coverage, order="sorted"), indent=2).decode() + "\n"


def measure(installed: Installed) -> Coverage:
    """Try every value of the connector's recorded rows. Takes a second or so for a hundred rows."""
    settings = settings_of(installed)
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    by_stream: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(installed):
        by_stream[row.stream].append(row)
    for name, rows in by_stream.items():
        for path, moved in _tried(installed.connector.stream(name), rows, settings):
            for noun, field in moved:
                found[noun][field].add(path)
    return {noun: {field: sorted(paths) for field, paths in sorted(fields.items())}
            for noun, fields in sorted(found.items())}


def _tried(stream: Stream, rows: Sequence[Row], settings: Mapping[str, str]) -> Iterator[tuple[str, Moved]]:
    trees = [decode_tree(row.raw) for row in rows]
    seen: dict[str, list[Tree]] = defaultdict(list)
    for tree in trees:
        for leaf in leaves(tree):
            if leaf.value not in seen[leaf.path]:
                seen[leaf.path].append(leaf.value)
    for row, tree in zip(rows, trees, strict=True):
        before = _mapped(stream, row.raw, settings)
        if before is None:
            continue
        for leaf in leaves(tree):
            yield leaf.path, _moves(stream, tree, leaf, otherwise(leaf.value, seen[leaf.path]), before, settings)
        yield from _settings_moves(stream, row.raw, before, settings)


def _moves(
    stream: Stream, tree: Tree, leaf: Leaf, values: Sequence[Tree], before: Family, settings: Mapping[str, str],
) -> Moved:
    moved: Moved = set()
    for value in values:
        leaf.put(value)
        try:
            after = _mapped(stream, encode_tree(tree), settings)
        finally:
            leaf.restore()
        if after is not None:
            _compare_families(before, after, moved)
    return moved


def _settings_moves(
    stream: Stream, raw: bytes, before: Family, settings: Mapping[str, str],
) -> Iterator[tuple[str, Moved]]:
    for name, value in settings.items():
        moved: Moved = set()
        for other in otherwise(value, ()):
            changed = {**settings, name: other} if isinstance(other, str) else {
                key: kept for key, kept in settings.items() if key != name}
            after = _mapped(stream, raw, changed)
            if after is not None:
                _compare_families(before, after, moved)
        yield f"settings.{name}", moved


def _mapped(stream: Stream, raw: bytes, settings: Mapping[str, str]) -> Family | None:
    try:
        return stream.map(raw, settings)
    except (RowUnmappable, msgspec.DecodeError, ArithmeticError, ValueError, LookupError, TypeError):
        return None  # such a row would be set aside: it says nothing about fields


def _compare_families(before: Family, after: Family, moved: Moved) -> None:
    old, new = _by_noun(before), _by_noun(after)
    for noun in old.keys() | new.keys():
        _compare_records(noun, old.get(noun, []), new.get(noun, []), moved)


def _by_noun(family: Family) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for one in (family.parent, *family.children, *family.loose):
        found[noun_of(one.record).name].append(one.record)
    return found


def _compare_records(noun: str, old: Sequence[Record], new: Sequence[Record], moved: Moved) -> None:
    if len(old) == len(new):
        pairs = list(zip(old, new, strict=True))
    else:
        moved.add((noun, EXISTS))
        known = {record.platform_unique_id: record for record in new}
        pairs = [(record, known[record.platform_unique_id]) for record in old if record.platform_unique_id in known]
    for one, other in pairs:
        for field in _differences(one, other, ""):
            moved.add((noun, field))


def _differences(one: Any, other: Any, path: str) -> Iterator[str]:
    """Fields that differ between two values of a model: structs field by field, lists item by item."""
    if isinstance(one, msgspec.Struct) and type(one) is type(other):
        for name in one.__struct_fields__:
            yield from _differences(getattr(one, name), getattr(other, name), f"{path}.{name}" if path else name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other) and _rows(one):
        for left, right in zip(one, other, strict=True):
            yield from _differences(left, right, f"{path}[]")
    elif one != other:
        yield path


def _rows(items: Sequence[object]) -> bool:
    return all(isinstance(item, msgspec.Struct) for item in items)
