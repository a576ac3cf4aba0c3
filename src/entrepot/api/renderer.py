"""The two renderers that the store is given: it keeps a body per version and knows nothing of versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from entrepot.api import v3, v4
from entrepot.api.view import View
from entrepot.model.base import Record
from entrepot.store.rendering import Base, Rendered, Renderers

# Raised when a view changes what it shows: `entrepot remap` then renders the stored records again.
V3_VERSION = 1
V4_VERSION = 1


class ViewRenderer:
    """One version's bodies of all nouns."""

    def __init__(self, version: int, views: Sequence[View]) -> None:
        self.version = version
        self._views = {view.noun: view for view in views}

    def render(
        self, noun: str, record: Record, base: Base, children: Mapping[str, Sequence[bytes]],
    ) -> Rendered:
        """The body of a record in this version. ``children`` are bodies of the same renderer by noun."""
        return self._views[noun].render(record, base, children)


RENDERERS = Renderers(
    newest=ViewRenderer(V4_VERSION, [view for view in v4.VIEWS if view.stored == "newest"]),
    older=ViewRenderer(V3_VERSION, v3.VIEWS),
)
"""v4's bodies are the newest, v3's the older ones."""
