"""What is known while one record is being shown: its base, its own values, and its children's bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from entrepot.model.base import Record
from entrepot.store.rendering import Base


class Frame:
    """One record in one version. ``record`` is any noun, so its fields are read by name."""

    __slots__ = ("base", "children", "record", "suffix")

    def __init__(self, record: Record, base: Base, children: Mapping[str, Sequence[bytes]]) -> None:
        self.record: Any = record
        self.base = base
        self.children = children
        self.suffix = f"_{base.ordinal}"

    @property
    def platform_id(self) -> str:
        """``<own id>_<ordinal of the connection>``: the record's public id."""
        return self.base.uid + self.suffix
