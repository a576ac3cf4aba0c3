"""Map a page row by row: a row that does not fit is set aside and the rest goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from entrepot.errors import RowUnmappable
from entrepot.kit.spec import Family, Marks, Page, Stream
from entrepot.model.registry import noun_of
from entrepot.store.family import UID_LIMIT, Prepared, prepare
from entrepot.store.strays import Stray


@dataclass(frozen=True)
class MappedPage:
    """A page, mapped. ``fetched`` counts records by noun; ``rows`` the platform's rows, strays included."""

    families: Sequence[Family]
    prepared: Prepared
    """The same, flattened and hashed: what is stored at the first try."""
    strays: Sequence[Stray]
    rows: int
    fetched: Mapping[str, int]
    bookmark: Marks | None
    watermark: Marks
    announced: int | None
    gone: Sequence[str]


def map_page(
    stream: Stream, page: Page, settings: Mapping[str, str], unwanted: Collection[str] = (),
) -> MappedPage:
    """All rows of a page through the stream's mapping, without the loose records of ``unwanted`` nouns. Pure but for
    time: run it in a thread."""
    families: list[Family] = []
    strays: list[Stray] = []
    rows: list[bytes] = []
    for raw in page.rows:
        family = map_row(stream, raw, settings)
        if isinstance(family, Stray):
            strays.append(family)
        else:
            families.append(_without(family, unwanted) if unwanted else family)
            rows.append(raw)
    prepared = prepare(families)
    if prepared.refused:
        strays += [Stray(rows[index], reason) for index, reason in prepared.refused.items()]
        families = [family for index, family in enumerate(families) if index not in prepared.refused]
    return MappedPage(families, prepared, strays, len(page.rows), _fetched(stream, families), page.bookmark,
                      page.watermark, page.announced, page.gone)


def _without(family: Family, unwanted: Collection[str]) -> Family:
    loose = [one for one in family.loose if noun_of(one.record).name not in unwanted]
    return msgspec.structs.replace(family, loose=loose)


def _fetched(stream: Stream, families: Sequence[Family]) -> dict[str, int]:
    fetched = dict.fromkeys(stream.nouns, 0)
    fetched[stream.nouns[0]] = len(families)
    for family in families:
        for child in family.children:
            fetched[noun_of(child.record).name] += 1
    return fetched


def map_row(stream: Stream, raw: bytes, settings: Mapping[str, str]) -> Family | Stray:
    """One row: its family, or the stray that it is."""
    try:
        family = stream.map(raw, settings)
        for one in (family.parent, *family.children, *family.loose):
            if not 0 < len(one.record.platform_unique_id) <= UID_LIMIT:
                return Stray(raw, f"a {noun_of(one.record).name} without an own id, or with one that is too long")
        return family
    except RowUnmappable as problem:
        return Stray(raw, problem.message)
    except (msgspec.DecodeError, ArithmeticError, ValueError, LookupError, TypeError) as problem:
        # A connector's mapping met what its author did not foresee: the row waits, the shop's other rows do not.
        return Stray(raw, f"{type(problem).__name__}: {problem}")
