"""Which companies a session may enter, and what of an environment is deleted while its data is still being erased.

A reader's process remembers both. Every deletion raises ``environments.departures``, which is looked at again after
:data:`LOOK_S`; the process that deletes looks at once. So a plain list asks for nothing but its page, and a deleted
company is nobody's any more: here with the commit, in other processes within that time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.store.store import Session

LOOK_S = 1.0
_MOST_ENTERED = 100_000


@dataclass(frozen=True)
class Departed:
    """What is deleted in an environment and not erased yet. ``number`` changes whenever the others may have."""

    number: int = 0
    companies: frozenset[int] = frozenset()
    narrowed: frozenset[int] = frozenset()
    """Companies with a deleted connection: their records are listed without those of it."""


@dataclass
class _Environment:
    departed: Departed
    until: float
    entered: set[int] = field(default_factory=set)


class Presence:
    """What is remembered. One for all readers of a process, one for each writer: what a writer finds may be its own
    and be rolled back."""

    def __init__(self) -> None:
        self.epoch = 0
        """Rises when this process deletes something: sessions that began before know nothing for those after."""
        self._known: dict[int, _Environment] = {}

    def fresh(self) -> Presence:
        """For a writer: it looks for itself, and knows what was deleted when nothing was since."""
        made = Presence()
        made.epoch = self.epoch
        made._known = {ident: _Environment(one.departed, 0.0) for ident, one in self._known.items()}
        return made

    def forget(self) -> None:
        """Something was deleted: look again."""
        self.epoch += 1
        self._known = {}

    def departed(self, session: Session) -> Departed:
        """What is deleted in the session's environment."""
        return self._of(session).departed

    def may_enter(self, session: Session, company: int) -> bool:
        """Whether the company is the session's, and not deleted."""
        here = self._of(session)
        if company in here.departed.companies:
            return False
        if company in here.entered:
            return True
        if not session.unscoped("SELECT 1 FROM companies WHERE id = ? AND environment_id = ? AND deleted_at IS NULL",
                                (company, session.scope.environment_id)):
            return False
        if len(here.entered) >= _MOST_ENTERED:
            here.entered.clear()
        here.entered.add(company)
        return True

    def _of(self, session: Session) -> _Environment:
        environment = session.scope.environment_id
        known = self._known.get(environment)
        if known is not None and time.monotonic() < known.until:
            return known
        number = _number(session)
        until = time.monotonic() + LOOK_S
        if known is None or known.departed.number != number:
            known = _Environment(_departed(session, number), until)
        known.until = until
        if session.epoch == self.epoch:
            self._known[environment] = known
        return known


def _number(session: Session) -> int:
    rows = session.unscoped("SELECT departures FROM environments WHERE id = ?", (session.scope.environment_id,))
    return int(rows[0][0]) if rows else 0


def _departed(session: Session, number: int) -> Departed:
    if number == 0:
        return Departed()
    within = (session.scope.environment_id,)
    companies = session.unscoped("SELECT id FROM companies WHERE environment_id = ? AND deleted_at IS NOT NULL", within)
    narrowed = session.unscoped(
        "SELECT DISTINCT company_id FROM connections WHERE environment_id = ? AND deleted_at IS NOT NULL", within)
    return Departed(number, frozenset(row[0] for row in companies), frozenset(row[0] for row in narrowed))
