"""A read that a write has overtaken: what was read before the write is not stored after it.

A sync fetches a page, a caller changes one of its records, the write is read back and stored, and then the page is
stored: without care the record would go back to what it was, until it is read the next time. The write's own reading
is the newer one, so the page's is left out. Whatever the platform changed since is part of the next incremental
read, which begins where this one began.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from entrepot.kit.spec import Family, Mapped
from entrepot.model.registry import noun_of
from entrepot.store.counter import Counter, seen
from entrepot.store.outcome import Cause, Outcome, Target
from entrepot.store.records import upsert
from entrepot.store.store import Session
from entrepot.store.sweep import remember_seen
from entrepot.store.written import Changed, written

Key = tuple[str, str]
"""Noun and own id."""


class Overtaken(Exception):
    """Some records were written since they were read; nothing of this transaction may be kept."""

    def __init__(self, late: frozenset[Key], outcome: Outcome) -> None:
        super().__init__(f"{len(late)} records were written since they were read")
        self.late = late
        self.outcome = outcome

    def and_also(self, other: Overtaken | None) -> Overtaken:
        """Both together."""
        if other is None:
            return self
        self.outcome.ids = {**other.outcome.ids, **self.outcome.ids}
        return Overtaken(self.late | other.late, self.outcome)


class Watch:
    """What has been written since a read began. Looks only at what is new since it looked before."""

    def __init__(self, target: Target, began: int) -> None:
        self._target = target
        self._upto = began
        self._known: Changed = frozenset()
        self._next: tuple[int, Changed] = began, frozenset()

    def look(self, session: Session, outcome: Outcome) -> None:
        """After an upsert or a sync's tombstones. Raises :class:`Overtaken`."""
        if not any(one.inserted or one.changed or one.deleted for one in outcome.counts.values()):
            return
        target = self._target
        found = self._known | written(session, target.company_id, target.connection_id, self._upto, but_mine=True)
        late = frozenset(key for key, ident in outcome.ids.items() if (key[0], ident) in found)
        if late:
            raise Overtaken(late, outcome)
        self._next = seen(session, target.company_id, target.environment_id), found

    def committed(self) -> None:
        """The transaction of the last look was kept, so its numbers are final."""
        self._upto, self._known = self._next

    def spare(self, session: Session, nouns: Sequence[str], generation: int) -> None:
        """Let a sweep pass over what was written while the scan ran, which it may have missed. Takes the company's
        lock: nothing is written any more before the sweep has ended."""
        target = self._target
        Counter(session, target.company_id)
        found = self._known | written(session, target.company_id, target.connection_id, self._upto, but_mine=False)
        for noun in nouns:
            idents = [ident for name, ident in found if name == noun]
            remember_seen(session, target, noun, generation, 0, idents)  # pages count from 1


def upsert_again(
    session: Session, target: Target, families: Sequence[Family], overtaken: Overtaken, cause: Cause = "sync",
) -> Outcome:
    """The same page without what was written since it was read; that counts as seen and the same."""
    late, before = overtaken.late, overtaken.outcome
    kept: list[Family] = []
    outcome = Outcome()
    for family in families:
        own = (family.parent, *family.children)
        if any(_key(one) in late for one in own):
            for one in own:
                noun, uid = _key(one)
                outcome.of(noun).same += 1
                outcome.seen.setdefault(noun, []).append(before.ids[noun, uid])
        else:
            kept.append(Family(family.parent, family.children, _not_late(family.loose, late)))
    outcome.add(upsert(session, target, kept, cause=cause))
    return outcome


def _not_late(loose: Sequence[Mapped], late: Collection[Key]) -> Sequence[Mapped]:
    return [one for one in loose if _key(one) not in late]


def _key(one: Mapped) -> Key:
    return noun_of(one.record).name, one.record.platform_unique_id
