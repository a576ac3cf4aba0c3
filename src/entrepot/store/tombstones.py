"""Deletes softly: a record that is gone from its platform keeps its row, with ``rootfi_deleted_at`` set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from entrepot.model import registry
from entrepot.store import counter, document
from entrepot.store.family import Item
from entrepot.store.lookups import Members, find_live, find_members
from entrepot.store.outcome import Cause, Outcome, Target
from entrepot.store.record_tables import children_of
from entrepot.store.records_upsert import outcome_of
from entrepot.store.store import Session
from entrepot.store.writing import Writing


def tombstone(session: Session, target: Target, noun: str, uids: Sequence[str], *, cause: Cause) -> Outcome:
    """Mark records as deleted, by their own ids; those that are not there or already deleted are passed over.

    Children of gone parents go with them; a parent that loses a child is written anew without it.
    """
    counter.seen(session, target.company_id, target.environment_id)
    held = counter.Counter(session, target.company_id, target.connection_id)
    gone = find_live(session, target, noun, uids, "DELETE")
    if not gone:
        return Outcome()
    children = _children(session, target, gone)
    parents, members = _bereft(session, target, noun, gone)
    items = [*children, *gone, *parents]
    Writing(session, target, held, cause, initial=False).run(items, members)
    return outcome_of(items)


def _children(session: Session, target: Target, gone: Sequence[Item]) -> list[Item]:
    noun, by_uid = gone[0].noun, {item.uid: item for item in gone}
    found: list[Item] = []
    for child in children_of(noun):
        members = find_members(session, target, noun, list(by_uid))[child.noun]
        uids = [member.uid for some in members.values() for member in some]
        for item in find_live(session, target, child.noun, uids, "DELETE"):
            parent = by_uid[getattr(item.record, child.field)]
            parent.children = [*parent.children, item]
            found.append(item)
    return found


def _bereft(
    session: Session, target: Target, noun: str, gone: Sequence[Item],
) -> tuple[list[Item], Mapping[str, Members]]:
    """The live parents of gone children, with the hashes that they have from now on."""
    declared = registry.noun(noun)
    ref = registry.field_map(declared.type)[declared.parent].ref if declared.parent else None
    if declared.parent is None or ref is None:
        return [], {}
    uids = {uid for item in gone if (uid := getattr(item.record, declared.parent)) is not None}
    parents = find_live(session, target, ref.noun, sorted(uids), "UPDATE")
    members = find_members(session, target, ref.noun, sorted(uids))
    lost = {item.rootfi_id for item in gone}
    for parent in parents:
        left = [
            member.data_hash for by_parent in members.values() for member in by_parent.get(parent.uid, ())
            if member.rootfi_id not in lost
        ]
        parent.data_hash = document.data_hash(ref.noun, document.without_ids(ref.noun, parent.record), left)
    return parents, {ref.noun: members}
