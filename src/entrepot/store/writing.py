"""Writes the records of one page: ids and numbers, bodies, rows, the log, the counts. Under the company's counter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from entrepot.model.base import Embedded
from entrepot.store import change_log, counters, document, sequence
from entrepot.store.counter import Counter
from entrepot.store.embedded_ids import carry
from entrepot.store.family import WRITE_ORDER, Item
from entrepot.store.first_load import after_batch
from entrepot.store.lookups import Members, find_before
from entrepot.store.outcome import Cause, Target
from entrepot.store.record_tables import KEY_COLUMNS, RecordTable, children_of, record_table
from entrepot.store.rendering import Base, Rendered
from entrepot.store.store import Session

_KEYS = len(KEY_COLUMNS)


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
        for item in new:
            item.seq = counter.next()
        logged = [item for item in items if item.known is not None]
        for item in logged:
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
            rows = (self._row(table, item, members, written) for item in new)
            session.insert(table.name, table.columns, table.types, rows, company=company)
        changed = [item for item in items if item.known is not None]
        session.hot_many(table.update_sql, [
            (*self._row(table, item, members, written)[_KEYS:], company, item.rootfi_id) for item in changed
        ], company=company)

    def _row(self, table: RecordTable, item: Item, members: Members, written: set[int]) -> tuple[object, ...]:
        target, at = self._target, self._counter.at
        created = item.before.created_ms if item.before else at
        deleted = at if item.operation == "DELETE" else None
        newest, older = self._rendered(item, Base(
            item.rootfi_id, target.company_id, target.ordinal, item.uid, created, at, deleted,
        ), members, written)
        has_ids = document.embedded_fields(item.noun)
        kept = document.encoded(item.record) if has_ids else item.own
        return (
            target.company_id, item.rootfi_id, target.environment_id, target.connection_id, target.ordinal, item.uid,
            created, item.stream, at, deleted, item.seq, item.data_hash, item.raw_hash, item.mapping_version,
            self._renderers.view_version, *table.values(item.record),
            newest.body.decode(), _text(newest.fragment), older.body.decode(), _text(older.fragment), kept.decode(),
            None if item.raw is None else document.packed(item.raw),
        )

    def _rendered(self, item: Item, base: Base, members: Members, written: set[int]) -> tuple[Rendered, Rendered]:
        newest_children: dict[str, list[bytes]] = {}
        older_children: dict[str, list[bytes]] = {}
        for child in children_of(item.noun):
            bodies = sorted(_bodies(item, child.noun, members, written))
            newest_children[child.noun] = [newest for _, newest, _ in bodies]
            older_children[child.noun] = [older for _, _, older in bodies]
        newest = self._renderers.newest.render(item.noun, item.record, base, newest_children)
        older = self._renderers.older.render(item.noun, item.record, base, older_children)
        item.bodies = (newest.body, older.body)
        return newest, older


def _bodies(item: Item, child: str, members: Members, written: set[int]) -> Iterator[tuple[int, bytes, bytes]]:
    for one in item.children:
        if one.noun == child and one.bodies is not None:
            yield one.rootfi_id, *one.bodies
    for member in members.get(child, {}).get(item.uid, ()):
        if member.rootfi_id not in written:
            yield member.rootfi_id, member.body, member.body_older


def _text(fragment: bytes | None) -> str | None:
    return None if fragment is None else fragment.decode()
