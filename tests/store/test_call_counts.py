"""Calls are counted by window, and a window that is over counts no longer."""

from __future__ import annotations

import pytest

from entrepot.store import call_counts
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Store

NOON = 1_705_924_800_000


def test_windows_roll_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(ms: int, calls: int = 0) -> tuple[int, int, int]:
        monkeypatch.setattr(call_counts, "now_ms", lambda: NOON + ms)
        with store.write(SYSTEM) as session:
            call_counts.add(session, 7, calls)
        with store.read(SYSTEM) as session:
            found = call_counts.of_connections(session, [7, 8])
        assert (found[8].minute, found[8].hour, found[8].day) == (0, 0, 0)
        assert found[7].minute_at == (NOON + ms) // 60_000 * 60_000
        return found[7].minute, found[7].hour, found[7].day

    assert at(0) == (0, 0, 0)
    assert at(0, 3) == (3, 3, 3)
    assert at(59_999, 2) == (5, 5, 5)
    assert at(60_000) == (0, 5, 5)
    assert at(60_000, 1) == (1, 6, 6)
    assert at(30_000, 1) == (2, 7, 7)  # a clock set back adds to what is counted
    assert at(3_600_000, 1) == (1, 1, 8)
    assert at(86_400_000 - 1) == (0, 0, 0)  # noon is not midnight: the day began before


def test_many_at_once_are_all_counted(store: Store) -> None:
    with store.write(SYSTEM) as session:
        for _ in range(5):
            call_counts.add(session, 9, 4)
    with store.read(SYSTEM) as session:
        assert call_counts.of_connections(session, [9])[9].day == 20
