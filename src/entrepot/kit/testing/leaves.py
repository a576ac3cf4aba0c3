"""The single values of a JSON document, each with its path and a way to change it in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrepot.kit.json import ENCODER

Tree = Any
"""A decoded JSON value of any shape; numbers with a fraction are Decimal."""

INSTANCES = 3
"""Of one path that repeats in a document (ten line items) so many are looked at: the others would say the same."""

_DECODER = msgspec.json.Decoder(float_hook=Decimal)


class _Gone:
    pass


GONE: Final = _Gone()
"""Put in a leaf's place: the key is not there."""


@dataclass(frozen=True)
class Leaf:
    """A value that is no container (or an empty one): where it lies and what it is."""

    path: str
    holder: Any
    """The dict or list that holds it."""
    key: Any
    value: Tree

    def put(self, value: Tree) -> None:
        """Change it in place; GONE removes a key (in a list: puts null)."""
        if value is GONE and isinstance(self.holder, dict):
            self.holder.pop(self.key, None)
        else:
            self.holder[self.key] = None if value is GONE else value

    def restore(self) -> None:
        """Undo any :meth:`put`; the order of keys may differ afterwards."""
        self.holder[self.key] = self.value


def decode_tree(raw: bytes) -> Tree:
    """A raw row, decoded without losing digits."""
    return _DECODER.decode(raw)


def encode_tree(tree: Tree) -> bytes:
    """A raw row again."""
    return ENCODER.encode(tree)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """The leaves of a document, at most :data:`INSTANCES` of each path; collected before the first is given out."""
    counts: Counter[str] = Counter()
    found = []
    for leaf in _walk(tree, ""):
        counts[leaf.path] += 1
        if counts[leaf.path] <= INSTANCES:
            found.append(leaf)
    yield from found


def _walk(node: Tree, path: str) -> Iterator[Leaf]:
    items = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        below = f"{path}[]" if isinstance(node, list) else f"{path}.{key}" if path else str(key)
        if isinstance(value, dict | list) and value:
            yield from _walk(value, below)
        else:
            yield Leaf(below, node, key, value)
