"""How far a sync has come, worked out from what every commit counts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.api.times import ms_text
from entrepot.store.syncs import FINISHED, Sync, SyncJob


class Progress(msgspec.Struct):
    """What was read so far, of all data models together."""

    pages: int
    records: int
    """Sent by the platform, rows that were set aside included."""
    announced: int | None
    """Records that the platform said there are, of what it was asked for so far; null where it never says. What comes
    with another data model (an order's payments) is not in it."""
    records_per_second: float
    """Over the whole time in which it ran."""
    estimated_end: str | None
    """At the pace of the data model that is being read; null while one waits whose size nobody knows, or where the
    platform does not say how much there is."""
    percent: int
    """Reads that are done, each of them as much as another, and how far the one under way has come by its own count.
    100 only when all is well and done."""


def progress_of(sync: Sync, jobs: Sequence[SyncJob], now: int) -> Progress:
    """The progress of a sync at ``now`` (ms), given its jobs in order."""
    reads = _reads(jobs)
    told = [one.announced for one in reads if one.announced is not None]
    records = sum(one.fetched for one in jobs)
    return Progress(
        pages=sum(one.pages for one in jobs), records=records, announced=sum(told) if told else None,
        records_per_second=_pace(records, sync.started_at, sync.ended_at or now),
        estimated_end=_end(reads, now) if sync.status == "RUNNING" else None, percent=_percent(sync, reads),
    )


def _reads(jobs: Sequence[SyncJob]) -> list[SyncJob]:
    """The first noun of each durable job: the one whose rows are announced."""
    first: dict[int, SyncJob] = {}
    for one in jobs:
        first.setdefault(one.job_id, one)
    return list(first.values())


def _pace(records: int, begin: int | None, end: int) -> float:
    return round(records * 1000 / (end - begin), 1) if begin is not None and end > begin else 0.0


def _end(reads: Sequence[SyncJob], now: int) -> str | None:
    if any(one.status == "CREATED" for one in reads):
        return None
    left = 0.0
    for one in reads:
        if one.status in FINISHED:
            continue
        pace = _pace(one.fetched, one.started_at, now)
        if one.announced is None or not pace:
            return None
        left += max(0, one.announced - one.fetched) / pace
    return ms_text(now + int(left * 1000))


def _percent(sync: Sync, reads: Sequence[SyncJob]) -> int:
    if sync.status == "SUCCESS":
        return 100
    if not reads:
        return 0
    return min(99, int(100 * sum(map(_share, reads)) / len(reads)))


def _share(one: SyncJob) -> float:
    if one.status == "SUCCESS":
        return 1.0
    return min(1.0, one.fetched / one.announced) if one.announced else 0.0
