"""Puts a page's records into the database and tells inserted, changed and same apart by their hashes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from entrepot.errors import RowUnmappable
from entrepot.kit.spec import Family
from entrepot.store import counter, document
from entrepot.store.family import Item, Prepared, prepare
from entrepot.store.lookups import Members, find_known, find_live, find_members
from entrepot.store.outcome import Cause, Counts, Outcome, Target
from entrepot.store.record_tables import children_of, record_table
from entrepot.store.store import Session
from entrepot.store.writing import Writing


def upsert(
    session: Session, target: Target, families: Sequence[Family] | Prepared, *, cause: Cause, initial: bool = False,
) -> Outcome:
    """Store the families of one page.

    Same hash: nothing is written (a moved raw payload, mapping version or stream apart) and nobody is told. Children
    that a re-read parent no longer yields are tombstoned; a tombstoned record that comes again is live again.
    ``initial`` logs what is new as ranges instead of one row each. Everything is read and hashed before the company's
    counter row is locked; when somebody else changed the company in between, the look-ups are done again.

    Embedded rows get their ids in place. Raises OutOfScope, and RowUnmappable for a family that cannot be stored;
    whoever hands in what :func:`~.family.prepare` made has seen to those already.
    """
    prepared = families if isinstance(families, Prepared) else _all_of(families)
    before = counter.seen(session, target.company_id, target.environment_id)
    find_known(session, target, prepared)
    if _judge(prepared, target) or _moved(prepared, target):
        held = counter.Counter(session, target.company_id, target.connection_id)
        if held.before != before:
            find_known(session, target, prepared)
            _judge(prepared, target)
        dirty = [item for item in prepared.all() if item.operation]
        members = _members(session, target, dirty)
        gone = [
            item for noun, uids in _missing(prepared, members).items()
            for item in find_live(session, target, noun, uids, "DELETE")
        ]
        if dirty or gone:
            Writing(session, target, held, cause, initial=initial).run([*dirty, *gone], members)
        _touch(session, target, _moved(prepared, target))
        return outcome_of([*prepared.all(), *gone])
    return outcome_of(prepared.all())


def _all_of(families: Sequence[Family]) -> Prepared:
    prepared = prepare(families)
    for reason in prepared.refused.values():
        raise RowUnmappable(reason)
    return prepared


def _judge(prepared: Prepared, target: Target) -> bool:
    """Set what is to be done with each item; True when there is something to write."""
    dirty = False
    version, stream = target.mapping_version, target.stream
    for item in prepared.all():
        known = item.known
        item.mapping_version = version
        item.stream = stream if not item.loose else known.stream if known else ""
        if known is None:
            item.operation = "CREATE"
            dirty = True
            continue
        item.rootfi_id = known.rootfi_id
        if known.deleted:
            item.operation = "CREATE"
        elif known.data_hash != item.data_hash:
            item.operation = "UPDATE"
        else:
            # Children come first, so their verdicts stand: one that changed alone still changes its parent's body.
            item.operation = None
            for child in item.children:
                if child.operation is not None:
                    item.operation = "UPDATE"
        dirty = dirty or item.operation is not None
    return dirty


def _moved(prepared: Prepared, target: Target) -> list[Item]:
    """Unchanged records whose raw payload, mapping version or stream is another than the stored."""
    version = target.mapping_version
    return [
        item for item in prepared.all()
        if item.operation is None and (known := item.known) is not None and (
            known.mapping_version != version or known.stream != item.stream
            or (item.raw_hash is not None and item.raw_hash != known.raw_hash)
        )
    ]


def _touch(session: Session, target: Target, items: Iterable[Item]) -> None:
    by_noun: dict[str, list[tuple[object, ...]]] = {}
    company, fresh = target.company_id, set()
    for item in items:
        raw = item.raw if item.known is None or item.raw_hash != item.known.raw_hash else None
        if raw is not None:
            fresh.add(item.noun)
        by_noun.setdefault(item.noun, []).append((
            None if raw is None else document.packed(raw), item.raw_hash, item.mapping_version, item.stream,
            company, item.rootfi_id,
        ))
    for noun, rows in by_noun.items():
        session.hot_many(
            f"UPDATE {record_table(noun).name} SET raw = COALESCE(?, raw), raw_hash = COALESCE(?, raw_hash), "
            "mapping_version = ?, stream = ? WHERE company_id = ? AND rootfi_id = ?", rows, company=company,
        )
    for noun in sorted(fresh):
        # Old records have payloads again, which retention has to come back for.
        session.hot("UPDATE noun_counts SET raw_before = 0 WHERE company_id = ? AND connection_id = ? AND noun = ?",
                    (company, target.connection_id, noun), company=company)


def _members(session: Session, target: Target, dirty: Iterable[Item]) -> dict[str, Members]:
    parents: dict[str, list[str]] = {}
    for item in dirty:
        if item.known is not None and not item.loose and children_of(item.noun):
            parents.setdefault(item.noun, []).append(item.uid)
    return {noun: find_members(session, target, noun, uids) for noun, uids in parents.items()}


def _missing(prepared: Prepared, members: dict[str, Members]) -> dict[str, list[str]]:
    """The own ids, by noun, of stored children that their re-read parents did not yield."""
    missing: dict[str, list[str]] = {}
    for by_child in members.values():
        for noun, by_parent in by_child.items():
            yielded = prepared.items[noun]
            gone = [one.uid for some in by_parent.values() for one in some if one.uid not in yielded]
            if gone:
                missing.setdefault(noun, []).extend(gone)
    return missing


def outcome_of(items: Iterable[Item]) -> Outcome:
    """Count what was done with the items."""
    outcome = Outcome()
    noun, counts, seen = "", Counts(), []  # type: str, Counts, list[int]
    for item in items:
        if item.noun != noun:
            noun = item.noun
            counts, seen = outcome.of(noun), outcome.seen.setdefault(noun, [])
        operation = item.operation
        if operation is None:
            counts.same += 1
        elif operation == "CREATE":
            counts.inserted += 1
        elif operation == "UPDATE":
            counts.changed += 1
        else:
            counts.deleted += 1
            continue
        outcome.ids[noun, item.uid] = item.rootfi_id
        if not item.loose:
            seen.append(item.rootfi_id)
    return outcome
