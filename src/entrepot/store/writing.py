"""Writes the records of one page: ids and numbers, bodies, rows, the log, the counts. Under the company's counter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from entrepot.model.base import Embedded
from entrepot.store import change_log, counters, document, sequence
from entrepot.store.counter import Counter
from entrepot.store.embedded_ids import carry
from entrepot.store.family import WRITE_ORDER, Item
from entrepot.store.first_load import after_batch, do_not_wait
from entrepot.store.lookups import Members, find_before
from entrepot.store.outcome import Cause, Target
from entrepot.store.record_tables import KEY_COLUMNS, RecordTable, children_of, record_table
from entrepot.store.rendering import Base, Rendered
from entrepot.store.store import Session

_KEYS = len(KEY_COLUMNS)
Bodies = Mapping[str, Sequence[bytes]]


class Writing:
    """One page's changes to one connection. Make it once the counter is held, then :meth:`run` it."""

    def __init__(self, session: Session, target: Target, counter: Counter, cause: Cause, *, initial: bool) -> None:
        self._session = session
        self._target = target
        self._counter = counter
        self._cause: Cause = cause
        self._initial = initial
        self._renderers = session.renderers

    def run(self, items: Sequence[Item], members: Mapping[str, Members]) -> None:
        """Write every item, each of which has an operation. ``members`` are the stored children, by noun of the
        parent, of parents that are not new."""
        by_noun: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            by_noun[item.noun].append(item)
        for noun, some in by_noun.items():
            replacing = [item for item in some if item.known and not item.before]
            find_before(self._session, self._target.company_id, noun, replacing)
        if self._initial:
            do_not_wait(self._session)
        self._identify(by_noun)
        written = {item.rootfi_id for item in items}
        for noun in WRITE_ORDER:
            if some := by_noun.get(noun, []):
                self._number(noun, some)
                table = record_table(noun)
                self._write_noun(table, some, members.get(noun, {}), written)
                live, before = counters.move(self._session, self._target, noun, some)
                if self._initial:
                    after_batch(self._session, table, before, live)
        self._counter.keep()

    def _identify(self, by_noun: Mapping[str, Sequence[Item]]) -> None:
        """Ids for new records and for embedded rows that were not there before, all from one take."""
        waiting: list[Item | Embedded] = []
        for noun in WRITE_ORDER:
            for item in by_noun.get(noun, ()):
                if item.known is None:
                    waiting.append(item)
                if item.operation != "DELETE":
                    before = document.decoded(noun, item.before.document) if item.before else None
                    waiting += carry(noun, item.record, before)
        for one, ident in zip(waiting, sequence.take(self._session, len(waiting)), strict=True):
            one.rootfi_id = ident

    def _number(self, noun: str, items: Sequence[Item]) -> None:
        """Sequence numbers: first what is new, so that a first load's make one range."""
        target, counter = self._target, self._counter
        new = [item for item in items if item.known is None]
        logged = [item for item in items if item.known is not None]
        for item in (*new, *logged):
            item.seq = counter.next()
        if self._initial and new:
            change_log.add_range(self._session, target, self._cause, counter.at, noun, new)
        else:
            logged = new + logged
        change_log.add(self._session, target, self._cause, counter.at, logged)

    def _write_noun(self, table: RecordTable, items: Sequence[Item], members: Members, written: set[int]) -> None:
        company, session = self._target.company_id, self._session
        new = [item for item in items if item.known is None]
        if new:
            rows = self._rows(table, new, members, written)
            session.insert(table.name, table.columns, table.types, rows, company=company)
        changed = [item for item in items if item.known is not None]
        session.hot_many(table.update_sql, [
            (*row[_KEYS:], company, row[1]) for row in self._rows(table, changed, members, written)
        ], company=company)

    def _rows(
        self, table: RecordTable, items: Sequence[Item], members: Members, written: set[int],
    ) -> Iterator[tuple[object, ...]]:
        target, at, values = self._target, self._counter.at, table.values
        company, environment, connection = target.company_id, target.environment_id, target.connection_id
        ordinal, view_version = target.ordinal, self._renderers.view_version
        children = _Children(table.noun.name, members, written)
        newest_of, older_of = self._renderers.newest.render, self._renderers.older.render
        lists = document.embedded_fields(table.noun.name)
        for item in items:
            created = item.before.created_ms if item.before else at
            deleted = at if item.operation == "DELETE" else None
            record, rootfi_id = item.record, item.rootfi_id
            base = Base(rootfi_id, company, ordinal, item.uid, created, at, deleted, not item.odd)
            inner = children.of(item)
            newest: Rendered = newest_of(item.noun, record, base, inner[0])
            older: Rendered = older_of(item.noun, record, base, inner[1])
            item.bodies = (newest.body, older.body)
            own = item.own
            for name in lists:
                if getattr(record, name):
                    own = document.encoded(record) if item.odd else document.rough(record)
                    break
            fragment, fragment_older = newest.fragment, older.fragment
            yield (
                company, rootfi_id, environment, connection, ordinal, item.uid, created, item.stream, at, deleted,
                item.seq, item.data_hash, item.raw_hash, item.mapping_version, view_version, *values(record),
                newest.body.decode(), fragment and fragment.decode(), older.body.decode(),
                fragment_older and fragment_older.decode(), own.decode(),
                None if item.raw is None else document.packed(item.raw),
            )


class _Children:
    """The bodies of a parent's children, written in this page or before it."""

    def __init__(self, noun: str, members: Members, written: set[int]) -> None:
        self._nouns = [child.noun for child in children_of(noun)]
        self._members = members
        self._written = written
        self._none: tuple[Bodies, Bodies] = (dict.fromkeys(self._nouns, ()), dict.fromkeys(self._nouns, ()))

    def of(self, item: Item) -> tuple[Bodies, Bodies]:
        """For the newest and for the older renderer: by noun, in order of rootfi_id."""
        if not self._nouns or not (item.children or self._members):
            return self._none
        newest: dict[str, list[bytes]] = {}
        older: dict[str, list[bytes]] = {}
        for noun in self._nouns:
            bodies = [(one.rootfi_id, *one.bodies) for one in item.children if one.noun == noun and one.bodies]
            bodies += [
                (member.rootfi_id, member.body, member.body_older)
                for member in self._members.get(noun, {}).get(item.uid, ()) if member.rootfi_id not in self._written
            ]
            bodies.sort()
            newest[noun] = [body for _, body, _ in bodies]
            older[noun] = [body for _, _, body in bodies]
        return newest, older
