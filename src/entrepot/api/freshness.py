"""Whether what the store has of a data model is all that the shops have, and how old it is.

Lists are asked thousands of times a second, so what is complete is remembered for a moment. What is not is looked at
each time: it is about to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from entrepot.api.trace import Trace
from entrepot.engine.context import Engine
from entrepot.store import connections, freshness
from entrepot.store.freshness import Standing
from entrepot.store.scope import Scope
from entrepot.store.store import Session

KEPT_S = 1.0
"""A connection that is made meanwhile is overlooked for so long."""
_MOST_KEPT = 20_000
Key = tuple[int, int | None, str, int | None]


@dataclass(frozen=True, slots=True)
class Fresh:
    """``as_of`` (ms) is the oldest read of the connections concerned; None where there is none. ``unread`` are those
    that were never read whole, ``ages`` the last read of each; across companies neither is known."""

    complete: bool
    as_of: int | None
    unread: frozenset[int] = frozenset()
    ages: Mapping[int, int] = field(default_factory=dict)

    def tell(self, trace: Trace) -> None:
        """Put it on the answer."""
        trace.as_of, trace.complete = self.as_of, self.complete


class Freshness:
    """What a process remembers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[Key, tuple[float, Fresh]] = {}

    def known(self, scope: Scope, company_id: int | None, noun: str, connection_id: int | None) -> Fresh | None:
        """What was seen a moment ago, if it was complete."""
        found = self._known.get((scope.environment_id, company_id, noun, connection_id))
        return found[1] if found is not None and found[0] > monotonic() else None

    def look(self, session: Session, company_id: int | None, noun: str, connection_id: int | None = None) -> Fresh:
        """A data model of a company, of one of its connections, or of the whole environment. Raises OutOfScope."""
        known = self.known(session.scope, company_id, noun, connection_id)
        if known is not None:
            return known
        of_one = connections.get(session, connection_id) if company_id is None and connection_id is not None else None
        if of_one is not None:
            return self.look(session, of_one.company_id, noun, connection_id)
        if company_id is None:
            fresh = self._of_environment(session, noun)
        else:
            standings = freshness.of_company(session, company_id)
            fresh = self._of([one for one in standings if connection_id in (None, one.connection_id)], noun)
        # Nothing to read is not remembered: the first connection is to be seen at once. Across companies something is
        # nearly always unread, and nothing but a header hangs on it.
        if (fresh.complete and fresh.as_of is not None) or company_id is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[session.scope.environment_id, company_id, noun, connection_id] = monotonic() + KEPT_S, fresh
        return fresh

    def stream(self, integration_type: str, noun: str) -> str | None:
        """The stream that brings a noun, by name."""
        installed = self._engine.installed.get(integration_type)
        found = installed.connector.stream_of(noun) if installed else None
        return found.name if found else None

    def _of(self, standings: list[Standing], noun: str) -> Fresh:
        ages: dict[int, int] = {}
        unread: set[int] = set()
        for one in standings:
            name = self.stream(one.integration_type, noun)
            if name is None:
                continue  # the platform has none, so there is nothing to wait for
            stood = one.streams.get(name)
            ages[one.connection_id] = (
                one.created_at if stood is None or stood.read_at is None else stood.read_at)
            if stood is None or stood.scanned_at is None:
                unread.add(one.connection_id)
        return Fresh(not unread, min(ages.values(), default=None), frozenset(unread), ages)

    def _of_environment(self, session: Session, noun: str) -> Fresh:
        ages: list[int] = []
        complete = True
        for kind in self._engine.installed:
            name = self.stream(kind, noun)
            if name is not None and (found := freshness.of_environment(session, kind, name)).connections:
                complete = complete and not found.unread
                ages += [] if found.as_of is None else [found.as_of]
        return Fresh(complete, min(ages, default=None))
