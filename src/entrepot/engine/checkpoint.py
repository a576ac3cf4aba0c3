"""How far a read has come: kept with the job, in the commit of each page."""

from __future__ import annotations

from typing import Literal

import msgspec

from entrepot.engine.mapping import MappedPage
from entrepot.store.cursors import Cursor, reaches
from entrepot.store.jobs import JobError

# Above one stray in a hundred the mapping is likely wrong, not the shop.
STRAY_ALARM = 100


class Checkpoint(msgspec.Struct, frozen=True):
    """One read of one stream. ``since`` is the watermark that it started from, ``watermark`` what it has seen."""

    mode: Literal["full", "incremental"]
    generation: int
    initial: bool
    """What it reads was never read whole: inserts are logged as ranges and there is nothing to sweep."""
    began: int = 0
    """The company's last change when the read began: what was written since may be newer than what is read."""
    since: dict[str, str] = {}
    sync_from: str | None = None
    """Nothing created before it is read."""
    marks: bool = True
    """Whether its end moves the marks of the stream: not where it leaves out what the rhythm wants."""
    bookmark: dict[str, str] | None = None
    watermark: dict[str, str] = {}
    pages: int = 0
    fetched: int = 0
    set_aside: int = 0
    had: bool = False
    """Records were there when it began although it is initial: live reads had stored them."""
    inserted: int = 0
    """Parents that were not there before this read."""
    announced: int | None = None
    ended: bool = False

    @staticmethod
    def of(text: str | None) -> Checkpoint | None:
        """The checkpoint that a job was left with, or None."""
        return None if text is None else msgspec.json.decode(text, type=Checkpoint)

    @staticmethod
    def fresh(
        cursor: Cursor, *, full: bool, generation: int, began: int, sync_from: str | None = None,
        wanted_from: str | None = None, had: bool = False,
    ) -> Checkpoint:
        """The beginning of a read of what was created since ``sync_from``; the rhythm wants ``wanted_from``."""
        known = cursor.reaches(sync_from)
        full = full or not known
        return Checkpoint(
            mode="full" if full else "incremental", generation=generation, initial=not known, began=began,
            since={} if full else dict(cursor.watermark), sync_from=sync_from,
            marks=reaches(sync_from, wanted_from), watermark=dict(cursor.watermark), had=had,
        )

    @property
    def sweeps(self) -> bool:
        """Whether the end of this read proves that what it did not see is gone: what is older than ``sync_from`` may
        be there all the same."""
        return self.mode == "full" and (not self.initial or self.had) and self.sync_from is None

    def after(self, page: MappedPage) -> Checkpoint:
        """The checkpoint once ``page`` is committed (but for what it inserted, which the store tells)."""
        return msgspec.structs.replace(
            self, bookmark=None if page.bookmark is None else dict(page.bookmark),
            watermark={**self.watermark, **page.watermark}, pages=self.pages + 1,
            fetched=self.fetched + page.rows, set_aside=self.set_aside + len(page.strays),
            announced=self.announced if page.announced is None else page.announced, ended=page.bookmark is None,
        )

    def alarm(self) -> JobError | None:
        """Too many rows set aside, or None."""
        if self.set_aside * STRAY_ALARM <= self.fetched:
            return None
        return JobError("strays", f"{self.set_aside} of {self.fetched} rows did not fit and were set aside; "
                        "their reasons are kept with them")

    def text(self) -> str:
        """JSON for the job's row."""
        return msgspec.json.encode(self).decode()
