"""Mapping a page as a sync does it, with the encoded documents, their hashes and that of the raw payload, against
``orjson.loads`` of the same rows. Both keep their results until the page is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from benchmarks import demo_rows
from benchmarks.budgets import Measured
from benchmarks.timing import in_turns
from entrepot.engine.mapping import map_page
from entrepot.kit.installed import Installed, find_installed
from entrepot.kit.spec import Page, Stream
from entrepot.kit.testing.fixtures import rows_of, settings_of

PAGE = 250


def measure(*, full: bool) -> list[Measured]:
    """The demo shop's own orders, and the rows that were recorded of other shops."""
    count, rounds = (5000, 15) if full else (2000, 7)
    found = [_against("mapping.demo", demo_rows.orders(), demo_rows.pages(count), {}, rounds)]
    for one in find_installed().values():
        if one is not demo_rows.demo_shop() and (recorded := _recorded(one, count)):
            stream, pages = recorded
            found.append(_against(f"mapping.{one.manifest.id}", stream, pages, settings_of(one), rounds))
    return found


def _recorded(installed: Installed, count: int) -> tuple[Stream, Sequence[Page]] | None:
    """The recorded orders again and again, in pages; None when none were recorded."""
    stream = installed.connector.stream_of("order")
    rows = [row.raw for row in rows_of(installed) if stream is not None and row.stream == stream.name]
    if stream is None or not rows:
        return None
    many = (rows * (count // len(rows) + 1))[:count]
    return stream, [Page(many[at:at + PAGE], None) for at in range(0, count, PAGE)]


def _against(
    key: str, stream: Stream, pages: Sequence[Page], settings: Mapping[str, str], rounds: int,
) -> Measured:
    def ours() -> None:
        for page in pages:
            mapped = map_page(stream, page, settings)
            assert not mapped.strays, mapped.strays[0]
            del mapped

    def loads() -> None:
        for page in pages:
            kept = [orjson.loads(row) for row in page.rows]
            del kept

    ours()
    sides = in_turns(ours, loads, rounds)
    rows = sum(len(page.rows) for page in pages)
    size = sum(len(row) for page in pages for row in page.rows) / rows / 1000
    mine, other = (min(side) / rows * 1e6 for side in (sides.ours, sides.other))
    return Measured(key, sides.ratio, f"{mine:,.0f} µs an order against {other:,.0f} µs, {size:.1f} kB each")
