"""What webhooks tell beside changed records: a connection's state, a sync's beginning and end.

Each is called in the transaction of what it tells, and makes its deliveries there.
"""

from __future__ import annotations

from entrepot.store.connections import Connection
from entrepot.store.store import Session


def connection_changed(session: Session, connection: Connection, status: str) -> None:
    """A connection was made, or came into another state: HEALTHY EXPIRED DISCONNECTED DELETED."""


def sync_started(session: Session, sync: int) -> None:
    """A sync (by its inner id) has begun to run."""


def sync_completed(session: Session, sync: int) -> None:
    """A sync, or an asynchronous write, has ended, whatever the end."""
