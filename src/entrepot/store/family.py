"""The families of a page, flattened: one item per record, hashed, ready to be looked up. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from entrepot.errors import RowUnmappable
from entrepot.kit.spec import Family, Mapped
from entrepot.model import registry
from entrepot.model.base import Record
from entrepot.store import document

UID_LIMIT = 500
"""Characters of a platform's own id; PostgreSQL refuses index entries above 2 704 bytes."""


WRITE_ORDER = tuple(noun.name for noun in sorted(registry.NOUNS, key=lambda noun: noun.parent is None))
"""Children first: a noun with a parent stands before the nouns without one."""
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


@dataclass(slots=True, eq=False)
class Item:
    """One record on its way into the database. What the mapping said comes first, what was found out later after."""

    noun: str
    uid: str
    record: Record
    raw: bytes | None
    own: bytes
    """Its JSON without embedded ids."""
    loose: bool = False
    parent: Item | None = None
    children: list[Item] = field(default_factory=list)
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

    def all(self) -> Iterator[Item]:
        """Every item."""
        for by_uid in self.items.values():
            yield from by_uid.values()


def prepare(families: Sequence[Family]) -> Prepared:
    """Flatten and hash; needs no session, so a caller may do it before it takes the write lock.

    A record that comes twice counts once: the last wins, and what belongs to a family wins over what came loose.
    Raises RowUnmappable for an own id that is empty or too long, and for numbers that are not finite.
    """
    prepared = Prepared({noun: {} for noun in WRITE_ORDER})
    for family in families:
        parent = _item(family.parent, None, loose=False)
        parent.children = [_item(child, parent, loose=False) for child in family.children]
        for item in (parent, *parent.children, *(_item(one, None, loose=True) for one in family.loose)):
            by_uid = prepared.items[item.noun]
            before = by_uid.get(item.uid)
            if before is None:
                by_uid[item.uid] = item
            elif before.loose or not item.loose:
                by_uid[item.uid] = item
                _forget_children(prepared, before)
    _hash(prepared)
    return prepared


def _item(mapped: Mapped, parent: Item | None, *, loose: bool) -> Item:
    record = mapped.record
    noun = registry.noun_of(record).name
    uid = record.platform_unique_id
    if not uid or len(uid) > UID_LIMIT:
        raise RowUnmappable(f"a {noun} with {'no own id' if not uid else 'an own id that is too long'}")
    own = document.encoded(record)
    if b'"rootfi_id":' in own:
        own = document.without_ids(noun, record)
    if b"\\ufffd" in own:
        # Written so by document.encoded only: what it replaced must be gone from the columns and bodies too.
        record = document.decoded(noun, own)
        uid, own = record.platform_unique_id, document.encoded(record)
    return Item(noun, uid, record, mapped.raw, own, loose, parent)


def _forget_children(prepared: Prepared, gone: Item) -> None:
    for child in gone.children:
        if prepared.items[child.noun].get(child.uid) is child:
            del prepared.items[child.noun][child.uid]


def _hash(prepared: Prepared) -> None:
    data_hash, raw_hash = document.data_hash, document.raw_hash
    for item in prepared.all():
        if item.children:
            current = prepared.items
            item.children = [child for child in item.children if current[child.noun].get(child.uid) is child]
        item.data_hash = data_hash(item.noun, item.own, [child.data_hash for child in item.children])
        if item.raw is not None:
            item.raw_hash = raw_hash(item.raw)
