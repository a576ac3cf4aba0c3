"""What an upsert reads before it writes: hashes by own id, replaced rows, and the other members of families."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import NamedTuple, TypeVar

from entrepot.store.document import decoded
from entrepot.store.family import Before, Item, Known, Operation, Prepared
from entrepot.store.outcome import Target
from entrepot.store.record_tables import ChildOf, children_of, record_table
from entrepot.store.store import Session

T = TypeVar("T")
CHUNK = 1000
"""Ids in one statement."""


def find_known(session: Session, target: Target, prepared: Prepared) -> None:
    """Set ``known`` on every item: one statement per noun and thousand items."""
    for noun, by_uid in prepared.items.items():
        sql = (
            "SELECT platform_unique_id, rootfi_id, data_hash, raw_hash, rootfi_deleted_at IS NOT NULL, "
            f"mapping_version, stream FROM {record_table(noun).name} WHERE company_id = ? AND connection_id = ? "
            f"AND {session.driver.one_of('platform_unique_id', 'text')}"
        )
        found: dict[str, Known] = {}
        for uids in chunks(by_uid):
            rows = session.hot(sql, (target.company_id, target.connection_id, session.driver.listed(uids)),
                               company=target.company_id)
            found.update((row[0], Known._make(row[1:])) for row in rows)
        for uid, item in by_uid.items():
            item.known = found.get(uid)


def find_before(session: Session, company_id: int, noun: str, items: Sequence[Item]) -> None:
    """Set ``before`` on items that are known: the document and first time of the row that they replace."""
    by_id = {item.rootfi_id: item for item in items}
    sql = (
        f"SELECT rootfi_id, document, rootfi_created_at FROM {record_table(noun).name} "
        f"WHERE company_id = ? AND {session.driver.one_of('rootfi_id', 'bigint')}"
    )
    for ids in chunks(by_id):
        for row in session.hot(sql, (company_id, session.driver.listed(ids)), company=company_id):
            by_id[row[0]].before = Before(row[1], row[2])


class Member(NamedTuple):
    """A live child of a parent, as stored."""

    parent_uid: str
    rootfi_id: int
    uid: str
    data_hash: bytes
    body: bytes
    body_older: bytes


Members = dict[str, dict[str, list[Member]]]
"""By child noun and the parent's own id, in order of rootfi_id."""


def find_members(session: Session, target: Target, noun: str, uids: Sequence[str]) -> Members:
    """The live children, of the same stream, of the records of a noun with these own ids."""
    return {child.noun: _members(session, target, child, uids) for child in children_of(noun)}


def _members(session: Session, target: Target, child: ChildOf, parents: Sequence[str]) -> dict[str, list[Member]]:
    driver = session.driver
    sql = (
        f"SELECT {child.field}, rootfi_id, platform_unique_id, data_hash, {driver.as_bytes('body')}, "
        f"{driver.as_bytes('body_older')} FROM {record_table(child.noun).name} WHERE company_id = ? "
        # The sum keeps planners to the index of the field; an ORDER BY would lead them through the whole company.
        f"AND connection_id + 0 = ? AND stream || '' = ? AND {driver.one_of(child.field, 'text')} "
        "AND rootfi_deleted_at IS NULL"
    )
    found: dict[str, list[Member]] = {}
    for uids in chunks(parents):
        rows = session.hot(sql, (target.company_id, target.connection_id, target.stream, driver.listed(uids)),
                           company=target.company_id)
        for row in sorted(rows, key=itemgetter(1)):
            found.setdefault(row[0], []).append(Member._make(row))
    return found


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most ``size``."""
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part


def find_live(session: Session, target: Target, noun: str, uids: Sequence[str], operation: Operation) -> list[Item]:
    """The live records of a noun with these own ids, as items made of what is stored."""
    sql = (
        "SELECT platform_unique_id, rootfi_id, data_hash, raw_hash, false, mapping_version, stream, document, "
        f"rootfi_created_at FROM {record_table(noun).name} WHERE company_id = ? AND connection_id = ? "
        f"AND {session.driver.one_of('platform_unique_id', 'text')} AND rootfi_deleted_at IS NULL"
    )
    found = []
    for some in chunks(uids):
        rows = session.hot(sql, (target.company_id, target.connection_id, session.driver.listed(some)),
                           company=target.company_id)
        for row in sorted(rows, key=itemgetter(1)):
            known = Known._make(row[1:7])
            found.append(Item(
                noun=noun, uid=row[0], record=decoded(noun, row[7]), raw=None, own=row[7].encode(), odd=True,
                known=known, data_hash=known.data_hash, before=Before(row[7], row[8]), operation=operation,
                stream=known.stream, mapping_version=known.mapping_version, rootfi_id=known.rootfi_id,
            ))
    return found
