"""A sync's progress on a terminal: one bar a data model."""

from __future__ import annotations

import time
from collections import defaultdict

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from entrepot.cli.console import console
from entrepot.cli.counting import Pace, fetched, outcome, plural, tries
from entrepot.cli.sight import Sight, asleep
from entrepot.store.syncs import FINISHED, SyncJob


class Bars:
    """Bars that stay on the screen with their outcome when all is done."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"), TextColumn("{task.description:<14}"), BarColumn(bar_width=30),
            TextColumn("{task.fields[said]}"), console=console(), auto_refresh=True, refresh_per_second=8,
        )
        self._tasks: dict[int, TaskID] = {}
        self._paces: dict[int, Pace] = defaultdict(Pace)
        self._progress.start()

    def show(self, sight: Sight) -> None:
        """Move the bars."""
        for job in sight.jobs:
            if job.id not in self._tasks:
                self._tasks[job.id] = self._progress.add_task(plural(job.noun), start=False, total=None, said="waiting")
            self._paces[job.id].note(time.monotonic(), job.fetched)
            self._move(job, asleep(sight))

    def _move(self, job: SyncJob, asleep: str | None) -> None:
        task = self._tasks[job.id]
        if job.status == "CREATED":
            return
        self._progress.start_task(task)
        if job.status in FINISHED:
            # An incremental read of nothing is a whole one too: a full bar needs a total.
            total = max(job.fetched, 1)
            said = outcome(job) if job.status == "SUCCESS" else "failed"
            self._progress.update(task, total=total, completed=total, said=said)
            return
        left = job.announced - job.fetched if job.announced and job.announced > job.fetched else None
        pace = asleep or self._paces[job.id].text(left) or tries(job)
        self._progress.update(task, total=job.announced if left else None, completed=job.fetched,
                              said=f"{fetched(job)}   {pace}")

    def close(self) -> None:
        """Leave the bars as they are."""
        self._progress.stop()
