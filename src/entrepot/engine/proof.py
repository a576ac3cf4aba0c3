"""When a read has proved something: that records are gone, and that the next read may skip what this one saw."""

from __future__ import annotations

from entrepot.engine.checkpoint import Checkpoint
from entrepot.store.jobs import JobError

# A scan that misses more than half of a shop of some size is more likely broken than the shop emptied.
SMALL_SHOP = 20
MOST_GONE = 0.5


def may_sweep(at: Checkpoint, unseen: int) -> JobError | None:
    """None when the ``unseen`` records that the scan did not see are gone; else why nothing is deleted."""
    if at.set_aside:
        return JobError("sweep-refused", f"{at.set_aside} rows were set aside, so what was not seen may still be "
                        "there; nothing was deleted")
    if at.announced is not None and at.fetched < at.announced:
        return JobError("sweep-refused", f"the platform announced {at.announced} rows and gave {at.fetched}; nothing "
                        "was deleted")
    before = at.fetched - at.inserted + unseen
    if before > SMALL_SHOP and unseen > before * MOST_GONE:
        return JobError("sweep-refused", f"the scan missed {unseen} of the {before} rows that were stored before it; "
                        "nothing was deleted. If the shop really shrank, run "
                        "`entrepot sync COMPANY --full --accept-shrink`")
    return None


def may_move_watermark(at: Checkpoint) -> JobError | None:
    """None when everything announced was fetched and stored (or set aside); else why the next read starts where
    this one did."""
    if at.announced is None or at.fetched >= at.announced:
        return None
    return JobError("incomplete-read", f"the platform announced {at.announced} rows and gave {at.fetched}; the next "
                    "sync reads from the same mark again")
