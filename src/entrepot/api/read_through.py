"""Lists and single records: from the store, and live until a connection's first read of the data model is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.api.dialect import envelope
from entrepot.api.freshness import Fresh, Freshness
from entrepot.api.live import Gathering, Segment, Wanted, fetch, place_of
from entrepot.api.query import Listing, Single
from entrepot.api.reading import find_row, get_record, list_records, shown
from entrepot.api.trace import Trace
from entrepot.api.view import View
from entrepot.engine.context import Engine
from entrepot.engine.live import Reach, reach
from entrepot.engine.live_place import Place, write_place
from entrepot.errors import ApiError, PlatformFault, not_found
from entrepot.model.registry import noun
from entrepot.store import connections, freshness, records_read
from entrepot.store.connections import Connection
from entrepot.store.query import Row
from entrepot.store.scope import Scope
from entrepot.store.store import Session

NOTHING = b'{"data":[],'
"""How a list without records begins."""
Readings = Sequence[Sequence[Wanted]]


@dataclass(frozen=True)
class _Plan:
    """A list that is to be answered live."""

    fresh: Fresh
    segments: Sequence[Segment]
    place: Place | None

    @property
    def complete(self) -> bool:
        return all(one.way is not None or one.connection_id not in self.fresh.unread for one in self.segments)


@dataclass(frozen=True)
class _One:
    """A record that is to be read live. ``kept`` is whether the store's is as good where the platform has none by that
    id: it came with another record (the guest of an order)."""

    readings: Readings
    kept: bool
    problem: ApiError


class ReadThrough:
    """One for each version; remembers what is complete."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._fresh = Freshness(engine)

    async def listed(self, scope: Scope, trace: Trace, view: View, listing: Listing) -> bytes:
        """The answer of a list."""
        store = self._engine.store
        fresh = None if listing.live else self._fresh.known(
            scope, listing.company_id, view.noun, listing.connection_id)
        if fresh is not None:
            fresh.tell(trace)
            return await store.reading(scope, lambda session: list_records(session, view, listing))
        found = await store.reading(scope, lambda session: self._list_or_plan(session, trace, view, listing))
        if isinstance(found, bytes):
            return found
        try:
            return await self._live(scope, trace, view, listing, found)
        except PlatformFault:
            if listing.live:
                raise
            body = await store.reading(scope, lambda session: list_records(session, view, listing))
            if body.startswith(NOTHING):
                raise
            _incomplete(found.fresh, trace)
            return body

    def _list_or_plan(self, session: Session, trace: Trace, view: View, listing: Listing) -> bytes | _Plan:
        fresh = self._fresh.look(session, listing.company_id, view.noun, listing.connection_id)
        company = listing.company_id
        if company is not None and listing.is_plain and (fresh.unread or listing.live):
            place = place_of(self._engine, view, company, listing.live) if listing.live else None
            segments = self._segments(session, view, listing, fresh, place)
            if place is not None or any(one.way is not None for one in segments):
                return _Plan(fresh, segments, place)
        fresh.tell(trace)
        return list_records(session, view, listing)

    def _segments(
        self, session: Session, view: View, listing: Listing, fresh: Fresh, place: Place | None,
    ) -> list[Segment]:
        """The company's connections in turn. The one that a cursor is in goes on as it began, though its sync may have
        ended meanwhile."""
        found: list[Segment] = []
        for one in connections.of_company(session, listing.company_id or 0):
            if listing.connection_id not in (None, one.id):
                continue
            live = one.id in fresh.unread and one.status == "HEALTHY"
            if place is not None and place.connection_id == one.id and (place.begins or place.after or place.stored):
                live = place.stored is None
            found.append(Segment(one.id, reach(self._engine, session, one, view.noun) if live else None))
        return found

    async def _live(self, scope: Scope, trace: Trace, view: View, listing: Listing, plan: _Plan) -> bytes:
        found = await Gathering(self._engine, scope, view, listing, plan.segments).run(plan.place)
        trace.via = "live" if found.live else "store"
        trace.complete = plan.complete
        trace.as_of = min((plan.fresh.ages[one] for one in found.stored if one in plan.fresh.ages), default=None)
        onward = None if found.onward is None else write_place(self._engine, listing.company_id or 0, found.onward)
        return envelope(b",".join(found.bodies), None, onward, found.total if listing.return_count else None)

    async def single(self, scope: Scope, trace: Trace, view: View, ident: str, single: Single) -> bytes:
        """The body of one record."""
        store = self._engine.store
        found = await store.reading(scope, lambda session: self._one_or_plan(session, trace, view, ident, single))
        if isinstance(found, bytes):
            return found
        there, fault = await fetch(self._engine, found.readings)
        if there:
            trace.via, trace.as_of, trace.complete = "live", None, True
        elif fault is None and not found.kept:
            raise found.problem
        try:
            return await store.reading(scope, lambda session: get_record(session, view, ident, single))
        except ApiError as error:
            if fault is not None and error.status == 404:
                raise fault from error
            raise

    def _one_or_plan(
        self, session: Session, trace: Trace, view: View, ident: str, single: Single,
    ) -> bytes | _One:
        try:
            row = find_row(session, view, ident, single)
        except ApiError as problem:
            if problem.status != 404:
                raise
            return self._unknown(session, view, ident, single, problem)
        fresh = self._fresh.look(session, row.company_id, view.noun, row.connection_id)
        fresh.tell(trace)
        wanted = None if fresh.complete else self._known(session, view, row)
        if wanted is None:
            return shown(session, view, row, single)
        loose = records_read.came_loose(session, view.noun, row.company_id, row.rootfi_id)
        return _One([[wanted]], loose or single.include_deleted, not_found(view.name, ident[:100]))

    def _known(self, session: Session, view: View, row: Row) -> Wanted | None:
        """How a stored record is read again."""
        connection = connections.get(session, row.connection_id)
        way = self._way(session, view, connection)
        if way is None or way.is_parent:
            return None if way is None else (way, row.uid)
        record = records_read.document_of(session, view.noun, row.company_id, row.rootfi_id)
        owner = getattr(record, noun(view.noun).parent or "", None)
        return (way, owner) if isinstance(owner, str) and owner else None

    def _way(self, session: Session, view: View, connection: Connection | None) -> Reach | None:
        if connection is None or connection.status != "HEALTHY":
            return None
        way = reach(self._engine, session, connection, view.noun)
        return way if way is not None and way.stream.fetch is not None else None

    def _unknown(self, session: Session, view: View, ident: str, single: Single, problem: ApiError) -> _One:
        """A record that the store does not have, which a shop that was not read yet may have."""
        readings: list[list[Wanted]] = []
        for uid, ordinal in readings_of(ident):
            wanted = []
            for one in self._unread(session, view, single, ordinal):
                way = self._way(session, view, one)
                own = uid if way is None or way.is_parent else uid.rpartition("/")[0]
                if way is not None and own:
                    wanted.append((way, own))
            if len(wanted) > 1 and single.company_id is None:
                raise ApiError(404, problem.code, f"{problem.message} Several shops are still being read for the "
                               "first time; send company_id to have its shop asked.")
            readings.append(wanted)
        if not any(readings):
            raise problem
        return _One(readings, single.include_deleted, problem)

    def _unread(self, session: Session, view: View, single: Single, ordinal: int | None) -> list[Connection]:
        """The connections that an id may belong to and that were never read whole."""
        if single.company_id is not None or single.connection_id is not None:
            company = single.company_id
            if company is None:
                of_one = connections.get(session, single.connection_id or 0)
                company = of_one.company_id if of_one else 0
            unread = self._fresh.look(session, company, view.noun, single.connection_id).unread if company else ()
            return [one for one in connections.of_company(session, company)
                    if one.id in unread and ordinal in (None, one.ordinal)]
        found: list[Connection] = []
        for kind in self._engine.installed:
            name = self._fresh.stream(kind, view.noun)
            idents = freshness.unread(session, kind, name, ordinal, 2) if name else []
            found += [one for ident in idents if (one := connections.get(session, ident)) is not None]
        return found


def readings_of(ident: str) -> list[tuple[str, int | None]]:
    """What an id in a path may mean where the store does not know it: own id and ordinal of a platform_id, or an own
    id. Digits alone are a rootfi_id, which is nowhere but in the store."""
    if ident.isascii() and ident.isdigit():
        return []
    found: list[tuple[str, int | None]] = []
    uid, _, ordinal = ident.rpartition("_")
    if uid and ordinal.isascii() and ordinal.isdigit() and len(ordinal) < 10:
        found.append((uid, int(ordinal)))
    return [*found, (ident, None)]


def _incomplete(fresh: Fresh, trace: Trace) -> None:
    trace.via, trace.as_of, trace.complete = "store", fresh.as_of, False
