"""A sync's progress where there is no terminal: a line now and then, and one for each data model that is done."""

from __future__ import annotations

import time
from collections import defaultdict

from entrepot.cli.console import say
from entrepot.cli.counting import Pace, fetched, outcome, plural, tries
from entrepot.cli.sight import Sight, asleep
from entrepot.store.syncs import FINISHED, SyncJob

EVERY_S = 3.0


class Lines:
    """Lines that read well in a log."""

    def __init__(self) -> None:
        self._done: set[int] = set()
        self._said: dict[int, tuple[float, int]] = {}
        self._paces: dict[int, Pace] = defaultdict(Pace)
        self._retries: dict[int, int] = {}
        self._asleep: str | None = None

    def show(self, sight: Sight) -> None:
        """Say what is new."""
        waits = asleep(sight)
        if waits and waits != self._asleep:
            say(waits)
        self._asleep = waits
        for job in sight.jobs:
            self._paces[job.id].note(time.monotonic(), job.fetched)
            if job.status in FINISHED:
                self._finish(job)
            elif job.status == "RUNNING":
                self._move(job)
                self._retry(job)

    def _move(self, job: SyncJob) -> None:
        now = time.monotonic()
        at, count = self._said.setdefault(job.id, (now, 0))
        if now - at < EVERY_S or job.fetched == count:
            return
        self._said[job.id] = (now, job.fetched)
        left = job.announced - job.fetched if job.announced and job.announced > job.fetched else None
        pace = self._paces[job.id].text(left)
        say(f"{plural(job.noun)}: {fetched(job)}" + (f" ({pace})" if pace else ""))

    def _retry(self, job: SyncJob) -> None:
        if job.retries > self._retries.get(job.id, 0):
            say(f"{plural(job.noun)}: {tries(job)}")
        self._retries[job.id] = job.retries

    def _finish(self, job: SyncJob) -> None:
        if job.id not in self._done:
            self._done.add(job.id)
            end = {"SUCCESS": "done", "CANCELED": "canceled"}.get(job.status, "failed")
            say(f"{plural(job.noun)}: {end}, {outcome(job)}")

    def close(self) -> None:
        """Nothing is held."""
