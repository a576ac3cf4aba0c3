"""The words of progress."""

from __future__ import annotations

import pytest

from entrepot.cli.counting import Pace, fetched, outcome, plural, span
from entrepot.store.syncs import SyncJob


def job(**counts: object) -> SyncJob:
    values: dict[str, object] = dict.fromkeys(SyncJob.__dataclass_fields__, 0)
    return SyncJob(**{**values, "noun": "order", "status": "RUNNING", "announced": None, **counts})  # type: ignore[arg-type]


def test_nouns_are_called_as_lists_are() -> None:
    assert [plural(name) for name in ("order", "company_info", "inventory")] == [
        "orders", "company_info", "inventories"]


@pytest.mark.parametrize(("counts", "text"), [
    ({"fetched": 1200, "announced": 5000}, "1,200 of 5,000"),
    ({"fetched": 1200}, "1,200"),
    ({"fetched": 6, "announced": 5}, "6"),
])
def test_how_far(counts: dict[str, object], text: str) -> None:
    assert fetched(job(**counts)) == text


def test_what_came_of_it() -> None:
    assert outcome(job(fetched=9, changed=2, same=6, set_aside=1)) == "9 fetched, 2 changed, 6 the same, 1 set aside"


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (48, "48 s"), (181, "3 min"), (7500, "2 h 5 min")])
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_the_pace_is_of_the_last_seconds() -> None:
    pace = Pace()
    assert pace.text(10) == ""
    for second in range(60):
        pace.note(second, second * 10)
    for second in range(60, 80):
        pace.note(second, 590 + (second - 59) * 100)
    assert pace.rate == pytest.approx(100, rel=0.05)
    assert pace.text(1000) == "100/s, 10 s left"
