"""Map and render again from what is stored, without calling a platform: after a mapping or a view has changed.

Resumable by itself: a row carries the versions that it was mapped and rendered with, so a second run does what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from entrepot.engine.context import Engine
from entrepot.engine.mapping import map_row
from entrepot.kit.spec import Family, Stream
from entrepot.store import remapping, rerender
from entrepot.store.connections import Connection
from entrepot.store.records import Target, upsert
from entrepot.store.store import Session
from entrepot.store.strays import Stray

PAGE = 500


@dataclass
class Remapped:
    """How far it is: rows read, records changed, rows that no longer map."""

    rows: int = 0
    changed: int = 0
    unmappable: int = 0


def remap(engine: Engine, connection: Connection, *, everything: bool = False) -> Iterator[Remapped]:
    """Re-map a connection's records; yields after each page. ``everything`` ignores the versions."""
    connector = engine.platform(connection.integration_type).connector
    done = Remapped()
    for stream in connector.streams:
        target = Target(
            environment_id=connection.scope.environment_id, company_id=connection.company_id,
            connection_id=connection.id, ordinal=connection.ordinal, stream=stream.name,
            mapping_version=connector.mapping_version,
        )
        after = 0
        while True:
            with engine.store.write(connection.scope) as session:
                last = _page(session, target, stream, connection, after, everything=everything, done=done)
            if last is None:
                break
            after = last
            yield done
    yield from _render(engine, connection, done)


def _render(engine: Engine, connection: Connection, done: Remapped) -> Iterator[Remapped]:
    """Bodies of the company that an older view made; what was just mapped again has new ones already."""
    for noun in rerender.NOUNS:
        after: int | None = 0
        while after is not None:
            with engine.store.write(connection.scope) as session:
                after = rerender.rerender(session, connection.company_id, noun, after=after, limit=PAGE)
            yield done


def _page(
    session: Session, target: Target, stream: Stream, connection: Connection, after: int, *, everything: bool,
    done: Remapped,
) -> int | None:
    rows = remapping.older(session, target, stream.nouns[0], after=after, limit=PAGE, everything=everything)
    if not rows:
        return None
    families: list[Family] = []
    for row in rows:
        family = map_row(stream, row.raw, connection.settings)
        if isinstance(family, Stray):
            done.unmappable += 1
        else:
            families.append(family)
    outcome = upsert(session, target, families, cause="remap")
    done.rows += len(rows)
    done.changed += sum(counts.inserted + counts.changed for counts in outcome.counts.values())
    return rows[-1].rootfi_id
