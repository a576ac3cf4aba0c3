"""Words and numbers of a sync's progress, the same in bars and in lines."""

from __future__ import annotations

from entrepot.model.registry import noun
from entrepot.store.syncs import SyncJob


def plural(name: str) -> str:
    """A noun as lists call it: ``orders``, ``company_info``."""
    declared = noun(name)
    return declared.data_model.removeprefix(f"{declared.category}_").lower()


def fetched(job: SyncJob) -> str:
    """How far it is: ``1,200 of 5,000``, or ``1,200`` where the platform announced nothing."""
    if job.announced is None or job.announced < job.fetched:
        return f"{job.fetched:,}"
    return f"{job.fetched:,} of {job.announced:,}"


def outcome(job: SyncJob) -> str:
    """What came of it: ``1,200 fetched, 3 changed``; only what is not zero."""
    parts = [f"{job.fetched:,} fetched"]
    counts = (("changed", job.changed), ("the same", job.same), ("deleted", job.deleted), ("set aside", job.set_aside))
    parts += [f"{number:,} {word}" for word, number in counts if number]
    return ", ".join(parts)


def tries(job: SyncJob) -> str:
    """That it was interrupted and goes on; empty when it was not. Why is in the worker's log."""
    return f"interrupted, try {job.retries + 1} (the worker's log says why)" if job.retries else ""


def span(seconds: float) -> str:
    """A duration for people: ``48 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Pace:
    """Records per second, over a short while past so that a slow patch shows, and how long the rest will take."""

    WINDOW_S = 15.0

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def note(self, at: float, count: int) -> None:
        """The count at a time (monotonic seconds)."""
        self._seen.append((at, count))
        while len(self._seen) > 2 and self._seen[1][0] < at - self.WINDOW_S:
            self._seen.pop(0)

    @property
    def rate(self) -> float | None:
        """Per second; None while too little was seen."""
        if len(self._seen) < 2 or self._seen[-1][0] - self._seen[0][0] < 0.5:
            return None
        (first, less), (last, more) = self._seen[0], self._seen[-1]
        return (more - less) / (last - first)

    def text(self, left: int | None) -> str:
        """``600/s, 8 s left``; empty while unknown or standing still."""
        rate = self.rate
        if not rate:
            return ""
        pace = f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"
        return f"{pace}, {span(left / rate)} left" if left else pace
