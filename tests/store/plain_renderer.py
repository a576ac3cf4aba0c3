"""The smallest renderer: the record's own JSON, the base fields and the children's bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entrepot.model.base import Record
from entrepot.store.document import encoded
from entrepot.store.rendering import Base, Rendered, Renderers


@dataclass(frozen=True)
class PlainRenderer:
    """Writes ``{"v":..,"id":..,"record":{..},"fulfillment":[..]}``; orders get their lines as a fragment."""

    version: int = 1

    def render(self, noun: str, record: Record, base: Base, children: Mapping[str, Sequence[bytes]]) -> Rendered:
        """One record."""
        parts = [b'{"v":%d,"id":%d,"at":%d,"deleted":%s,"record":%s' % (
            self.version, base.rootfi_id, base.updated_ms, b"true" if base.deleted_ms else b"false", encoded(record))]
        parts += [b'"%s":[%s]' % (name.encode(), b",".join(bodies)) for name, bodies in sorted(children.items())]
        fragment = b'"line_items":[]' if noun == "order" else None
        return Rendered(b",".join(parts) + b"}", fragment)


PLAIN = Renderers(newest=PlainRenderer(4), older=PlainRenderer(3))
