"""What is written for whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Cause = Literal["sync", "write", "live", "remap", "hook"]


@dataclass(frozen=True)
class Target:
    """Where records go: one stream of one connection."""

    environment_id: int
    company_id: int
    connection_id: int
    ordinal: int
    """The connection's number in its company."""
    stream: str
    mapping_version: int


@dataclass
class Counts:
    """What happened to the records of a noun. Those that came back from the dead count as inserted."""

    inserted: int = 0
    changed: int = 0
    same: int = 0
    deleted: int = 0


@dataclass
class Outcome:
    """What an upsert, a tombstone or a sweep did."""

    counts: dict[str, Counts] = field(default_factory=dict)
    """By noun."""
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    """(noun, own id) to rootfi_id, of every record in the families."""
    seen: dict[str, list[int]] = field(default_factory=dict)
    """rootfi_ids by noun of what belongs to the stream: parents and children, not what came loose."""

    def of(self, noun: str) -> Counts:
        """The counts of a noun, made when first asked for."""
        return self.counts.setdefault(noun, Counts())

    def add(self, other: Outcome) -> None:
        """Count another one in."""
        for noun, counts in other.counts.items():
            mine = self.of(noun)
            mine.inserted += counts.inserted
            mine.changed += counts.changed
            mine.same += counts.same
            mine.deleted += counts.deleted
        self.ids |= other.ids
        for noun, ids in other.seen.items():
            self.seen.setdefault(noun, []).extend(ids)
