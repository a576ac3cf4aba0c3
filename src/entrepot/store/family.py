"""The families of a page, flattened: one item per record, hashed, ready to be looked up. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import msgspec

from entrepot.errors import RowUnmappable
from entrepot.kit.spec import Family, Mapped
from entrepot.model import registry
from entrepot.model.base import Record
from entrepot.store import document

UID_LIMIT = 500
"""Characters of a platform's own id; PostgreSQL refuses index entries above 2 704 bytes."""


WRITE_ORDER = tuple(noun.name for noun in sorted(registry.NOUNS, key=lambda noun: noun.parent is None))
"""Children first: a noun with a parent stands before the nouns without one."""
_NOUN_NAMES = {noun.type: noun.name for noun in registry.NOUNS}
Operation = Literal["CREATE", "UPDATE", "DELETE"]


class Known(NamedTuple):
    """What the database has of a record."""

    rootfi_id: int
    data_hash: bytes
    raw_hash: bytes | None
    deleted: bool
    mapping_version: int
    stream: str


class Before(NamedTuple):
    """The stored row that is about to be replaced."""

    document: str
    created_ms: int


class Item(msgspec.Struct, eq=False):
    """One record on its way into the database. What the mapping said comes first, what was found out later after."""

    noun: str
    uid: str
    record: Record
    raw: bytes | None
    own: bytes
    """Its JSON without embedded ids."""
    loose: bool = False
    odd: bool = False
    """Holds something that the encoder alone would write wrongly."""
    children: Sequence[Item] = ()
    data_hash: bytes = b""
    raw_hash: bytes | None = None
    known: Known | None = None
    before: Before | None = None
    operation: Operation | None = None
    """None: nothing to tell anybody."""
    stream: str = ""
    """Of the stored row from now on; a record that only ever came loose belongs to none."""
    mapping_version: int = 0
    rootfi_id: int = 0
    seq: int = 0
    bodies: tuple[bytes, bytes] | None = None
    """Newest and older, once rendered."""


@dataclass(frozen=True)
class Prepared:
    """A page's items by noun and own id; children before the nouns that they belong to, so that their bodies are
    there when the parents' are made."""

    items: dict[str, dict[str, Item]]
    refused: dict[int, str]
    """Position among the families to the reason why one was left out."""

    def all(self) -> Iterator[Item]:
        """Every item."""
        for by_uid in self.items.values():
            yield from by_uid.values()


def prepare(families: Sequence[Family]) -> Prepared:
    """Flatten and hash; needs no session, so do it before the write lock is taken, best on another thread.

    A record that comes twice counts once: the last wins, and what belongs to a family wins over what came loose.
    Families that cannot be stored (an own id that is empty or too long, a number that is not finite, a text that is
    not Unicode) are left out and named in ``refused``.
    """
    refused: dict[int, str] = {}
    groups: dict[int, list[Item]] = {}
    for index, family in enumerate(families):
        try:
            groups[index] = _items(family)
        except RowUnmappable as problem:
            refused[index] = problem.message
    _clean(groups, refused)
    prepared = Prepared({noun: {} for noun in WRITE_ORDER}, refused)
    if _collect(prepared, [item for group in groups.values() for item in group]):
        for parent, *_ in groups.values():
            items = prepared.items
            parent.children = [child for child in parent.children if items[child.noun].get(child.uid) is child]
    _hash(prepared)
    return prepared


def _items(family: Family) -> list[Item]:
    """The parent, its children, then what is loose."""
    parent = _item(family.parent)
    children = [_item(child) for child in family.children]
    parent.children = children
    items = [parent, *children]
    for one in family.loose:
        item = _item(one)
        item.loose = True
        items.append(item)
    return items


def _item(mapped: Mapped) -> Item:
    record = mapped.record
    noun, uid = _NOUN_NAMES[type(record)], record.platform_unique_id
    if not 0 < len(uid) <= UID_LIMIT:
        raise RowUnmappable(f"a {noun} with {'an own id that is too long' if uid else 'no own id'}")
    return Item(noun, uid, record, mapped.raw, document.rough(record))


def _clean(groups: dict[int, list[Item]], refused: dict[int, str]) -> None:
    """See to what documents cannot hold. One look at a whole page: nearly none has anything."""
    text = b"".join([item.own for group in groups.values() for item in group])
    if document.suspicious(text):
        for index, group in list(groups.items()):
            try:
                for item in group:
                    _clean_item(item)
            except RowUnmappable as problem:
                refused[index] = problem.message
                del groups[index]
    if b'"rootfi_id":' in text:
        for group in groups.values():
            for item in group:
                item.own = document.without_ids(item.noun, item.record)


def _clean_item(item: Item) -> None:
    if document.suspicious(item.own):
        item.own = document.cleaned(item.own)
        item.odd = True
        # What was replaced must be gone from the columns and bodies too.
        item.record = document.decoded(item.noun, item.own)
        item.uid = item.record.platform_unique_id
        item.own = document.encoded(item.record)


def _collect(prepared: Prepared, items: Sequence[Item]) -> bool:
    """Put the items by noun and own id; True when some came twice."""
    twice = False
    for item in items:
        by_uid = prepared.items[item.noun]
        before = by_uid.get(item.uid)
        if before is None:
            by_uid[item.uid] = item
            continue
        twice = True
        if before.loose or not item.loose:
            by_uid[item.uid] = item
            for child in before.children:
                if prepared.items[child.noun].get(child.uid) is child:
                    del prepared.items[child.noun][child.uid]
    return twice


def _hash(prepared: Prepared) -> None:
    data_hash, raw_hash = document.data_hash, document.raw_hash
    for item in prepared.all():
        item.data_hash = data_hash(item.noun, item.own, [child.data_hash for child in item.children])
        if item.raw is not None:
            item.raw_hash = raw_hash(item.raw)
