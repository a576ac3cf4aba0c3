"""Records that were mapped by an older mapping, with the raw payloads to map them from."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.store import document
from entrepot.store.outcome import Target
from entrepot.store.record_tables import record_table
from entrepot.store.store import Session


@dataclass(frozen=True, slots=True)
class Stale:
    """A parent of a stream as it was read: its id, its platform's own id and the payload."""

    rootfi_id: int
    uid: str
    raw: bytes


def older(
    session: Session, target: Target, noun: str, *, after: int = 0, limit: int = 500, everything: bool = False,
) -> list[Stale]:
    """The next live records of the target's stream, by rootfi_id above ``after``, that were mapped with a lower
    version than the target's (or ``everything``) and whose raw payload is still kept."""
    version = "" if everything else "AND mapping_version < ? "
    params = [target.company_id, after, target.connection_id, target.stream]
    rows = session.hot(
        f"SELECT rootfi_id, platform_unique_id, raw FROM {record_table(noun).name} WHERE company_id = ? "
        f"AND rootfi_id > ? AND connection_id = ? AND stream = ? {version}AND raw IS NOT NULL "
        "AND rootfi_deleted_at IS NULL ORDER BY rootfi_id LIMIT ?",
        [*params, *([] if everything else [target.mapping_version]), limit], company=target.company_id,
    )
    return [Stale(row[0], row[1], document.unpacked(row[2])) for row in rows]
