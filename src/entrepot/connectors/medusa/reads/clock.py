"""The shop's own time, read off its answers: a connector has no clock, and ours may differ from Medusa's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from entrepot.errors import Transient
from entrepot.kit.convert import time
from entrepot.kit.spec import Answer

OVERLAP = timedelta(seconds=2)
"""Medusa stamps a row when a step of a workflow begins and commits it a moment later; what was stamped this long
before the last read began is looked at again. Measured: under 300 ms on a busy 2.18.0 with two cores."""


def shop_time(answer: Answer) -> str:
    """The ``Date`` of an answer as ISO text; whole seconds, cut off, so never later than the truth."""
    at = time(answer.headers.get("date"))
    if at is None:
        raise Transient("Medusa's answer has no Date header, so it cannot be told from when the next read must start")
    return moment(at)


def earlier(text: str) -> str:
    """The time that overlaps with what was read before."""
    at = time(text)
    return moment((at or datetime.fromtimestamp(0, UTC)) - OVERLAP)


def moment(at: datetime) -> str:
    """As Medusa writes times, so that texts compare as times do: ``2026-11-21T18:27:14.735Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"
