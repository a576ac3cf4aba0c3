"""Whose data a session may see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """An organisation and one of its environments: every read and every write carries both."""

    organisation_id: int
    environment_id: int

    @property
    def is_system(self) -> bool:
        """True for the installation's own work only."""
        return self.environment_id == 0


SYSTEM = Scope(0, 0)
"""The worker, migrations and the command line: sees all. Ids begin at 1, so that no caller can ever hold it."""
