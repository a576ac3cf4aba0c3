"""All rows once, whatever a platform says about their number."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import Transient
from entrepot.kit.paging import Cursor, Offset, PageNumber, Repeats


def read_offset(rows: list[int], limit: int, cap: int, total: Callable[[int], int | None]) -> tuple[list[int], int]:
    """Read a list of a platform that gives at most ``cap`` rows a page, going on from bookmarks only."""
    got: list[int] = []
    calls = 0
    at: Offset | None = Offset.at(None, limit)
    while at is not None:
        at = Offset.at(at.marks, limit)
        page = rows[at.offset : at.offset + min(limit, cap)]
        got += page
        calls += 1
        assert calls <= len(rows) + 2
        at = at.after(len(page), total(len(rows)))
    return got, calls


@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 20), st.sampled_from(["true", "low", "high", "none"]))
def test_offsets_bring_all_rows_once(count: int, limit: int, cap: int, lie: str) -> None:
    totals: dict[str, Callable[[int], int | None]] = {
        "true": lambda n: n, "low": lambda n: n // 2, "high": lambda n: n * 2 + 7, "none": lambda _: None}
    rows = list(range(count))
    got, _ = read_offset(rows, limit, cap, totals[lie])
    # A page that was cut short below a total that is too low cannot be told from the last one.
    assert got == rows or (lie == "low" and cap < limit and got == rows[: len(got)])


def test_a_true_total_saves_the_empty_page() -> None:
    assert read_offset(list(range(25)), 10, 10, lambda n: n) == (list(range(25)), 3)
    assert read_offset(list(range(25)), 10, 10, lambda _: None) == (list(range(25)), 4)


def test_page_numbers() -> None:
    first = PageNumber.at(None, 100)
    assert first.params == {"page": 1, "per_page": 100}
    second = first.after(100, 2)
    assert second == PageNumber.at({"page": "2"}, 100)
    assert second is not None
    assert second.after(40, 2) is None
    assert second.after(0, 9) is None
    assert second.after(100, 2) == PageNumber(100, 3)  # full, so the announced number is not believed
    assert second.after(40) == PageNumber(100, 3)
    assert Offset(10, 20).params == {"limit": 10, "offset": 20}


def test_cursors() -> None:
    first = Cursor.at(None)
    assert first.marks == {}
    second = first.after("abc")
    assert second == Cursor.at({"cursor": "abc"})
    assert second is not None
    assert second.after(None) is None
    assert second.after("") is None
    with pytest.raises(Transient, match="same cursor"):
        second.after("abc")


def test_a_page_that_comes_again_is_noticed() -> None:
    repeats = Repeats()
    repeats.check([b"1", b"2"])
    repeats.check([b"3"])
    repeats.check([])
    repeats.check([])
    repeats.check([b"3"])
    with pytest.raises(Transient, match="same page"):
        repeats.check([b"3"])
