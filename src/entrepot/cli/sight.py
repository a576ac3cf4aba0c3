"""One look at a sync, and what an operator should be told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from entrepot import clock
from entrepot.store.jobs import JobError
from entrepot.store.syncs import FINISHED, Sync, SyncJob


@dataclass(frozen=True)
class Sight:
    """One look at a sync. ``asleep_until`` is set (ms) while its platform asks us to wait."""

    sync: Sync
    jobs: Sequence[SyncJob]
    asleep_until: int | None

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.sync.status in FINISHED


def notes(sight: Sight) -> list[str]:
    """What the operator should know of the jobs beside their counts, a sentence each; one per stream and reason."""
    found: list[str] = []
    for job in sight.jobs:
        if job.error is not None:
            error = msgspec.json.decode(job.error, type=JobError)
            line = f"{job.stream}: {error.message}" + (f" ({error.platform_error})" if error.platform_error else "")
            if line not in found:
                found.append(line)
    return found


def asleep(sight: Sight) -> str | None:
    """Since the platform asked to wait: until when; else None."""
    if sight.asleep_until is None:
        return None
    return f"the platform asks us to wait until {clock.text_ms(sight.asleep_until)[11:19]} UTC"
