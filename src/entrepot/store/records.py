"""Writing records, by one name: what the engine calls."""

from __future__ import annotations

from entrepot.store.family import Prepared, prepare
from entrepot.store.outcome import Cause, Counts, Outcome, Target
from entrepot.store.records_upsert import upsert
from entrepot.store.tombstones import tombstone

__all__ = ["Cause", "Counts", "Outcome", "Prepared", "Target", "prepare", "tombstone", "upsert"]
