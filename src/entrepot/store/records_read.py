"""Reading records, by one name: what the engine and the API call."""

from __future__ import annotations

from entrepot.store.query import Condition, PageQuery, Position, RecordPage, Row, Sort
from entrepot.store.records_find import bodies, came_loose, document_of, find, owned, raw_of, resolve
from entrepot.store.records_joined import Joined, joined
from entrepot.store.records_page import count, page

__all__ = [
    "Condition", "Joined", "PageQuery", "Position", "RecordPage", "Row", "Sort", "bodies", "came_loose", "count",
    "document_of", "find", "joined", "owned", "page", "raw_of", "resolve",
]
