"""Everything on the one MetaData: importing this imports every table."""

from __future__ import annotations

from entrepot.store import core_tables, edge_tables, hook_tables, log_tables, record_tables
from entrepot.store.metadata import metadata

__all__ = ["core_tables", "edge_tables", "hook_tables", "log_tables", "metadata", "record_tables"]
