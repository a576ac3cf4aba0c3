"""What webhooks tell beside changed records: a connection's state, a sync's beginning and end, a webhook's own.

Each is called in the transaction of what it tells, and makes its deliveries there. ``sequence`` is the company's
newest change at that moment: a receiver that has seen all changes up to it has seen what the event speaks of.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import msgspec

from entrepot.clock import now_ms, text_ms
from entrepot.engine import envelope
from entrepot.engine.envelope import Event
from entrepot.model.registry import noun
from entrepot.store import changes, deliveries, hook_audience, syncs
from entrepot.store.connections import Connection
from entrepot.store.deliveries import NewDelivery
from entrepot.store.scope import Scope
from entrepot.store.store import Session
from entrepot.store.syncs import Sync, SyncJob
from entrepot.store.webhook_endpoints import WebhookEndpoint

TEST = "TEST"
TURNED_OFF = "WEBHOOK_TURNED_OFF"
_JSON = msgspec.json.Decoder()


def connection_changed(session: Session, connection: Connection, status: str) -> None:
    """A connection was made, or came into another state: HEALTHY EXPIRED DISCONNECTED DELETED."""
    event = Event(
        id=f"evt_{uuid.uuid4().hex}", type="CONNECTION_CHANGED", at=now_ms(), sequence=None,
        company_id=connection.company_id, connection_id=connection.id, integration_type=connection.integration_type)
    data = {"connection_id": connection.id, "company_id": connection.company_id,
            "integration_type": connection.integration_type, "category": connection.category,
            "connection_status": status}
    _tell(session, connection.scope, event, {"v3": data, "v4": data}, record=f"connection:{connection.id}")


def sync_started(session: Session, sync: int) -> None:
    """A sync (by its inner id) has begun to run. v3 endpoints do not know this type."""
    _sync(session, sync, "SYNC_STARTED", ("v4",))


def sync_completed(session: Session, sync: int) -> None:
    """A sync, or an asynchronous write, has ended, whatever the end."""
    _sync(session, sync, "SYNC_COMPLETED", ("v3", "v4"))


def webhook_turned_off(session: Session, endpoint: WebhookEndpoint, state: str, reason: str) -> None:
    """A webhook is not delivered to any more: told to the environment's other webhooks of v4 that ask for that."""
    event = Event(id=f"evt_{uuid.uuid4().hex}", type=TURNED_OFF, at=now_ms(), sequence=None, company_id=None)
    data = msgspec.json.encode({"webhook_id": endpoint.id, "name": endpoint.name, "state": state, "reason": reason})
    deliveries.add(session, [_delivery(other, event, data, f"webhook:{endpoint.id}")
                             for other in hook_audience.asking(session, endpoint.scope, TURNED_OFF)
                             if other.id != endpoint.id and other.version == "v4"])


def make_test(session: Session, endpoint: WebhookEndpoint) -> str:
    """Make a delivery that only shows that the endpoint can be reached, whatever it filters; answers its public id."""
    event = Event(id=f"evt_{uuid.uuid4().hex}", type=TEST, at=now_ms(), sequence=None, company_id=None)
    data = msgspec.json.encode({"message": f"A test of the webhook {endpoint.name}."})
    return deliveries.add(session, [_delivery(endpoint, event, data)])[0]


def _sync(session: Session, ident: int, kind: str, versions: tuple[str, ...]) -> None:
    found = syncs.by_id(session, ident)
    if found is None:
        return
    scope = hook_audience.scope_of(session, found.company_id)
    event = Event(
        id=f"evt_{found.sync_id}_{kind.lower()}", type=kind, at=now_ms(), sequence=None, company_id=found.company_id,
        connection_id=found.connection_id, integration_type=found.integration_type)
    if not hook_audience.of(session, scope, kind, found.company_id, found.integration_type):
        return
    jobs = syncs.jobs_of(session, ident)
    shown = {version: _shown(found, jobs, version) for version in versions}
    _tell(session, scope, event, shown, record=f"sync:{ident}", sync_id=found.sync_id)


def _tell(
    session: Session, scope: Scope, event: Event, data: dict[str, dict[str, Any]], record: str,
    sync_id: str | None = None,
) -> None:
    assert event.company_id is not None  # noqa: S101  # what happens to a company is told, and tests are told apart
    heard = hook_audience.of(session, scope, event.type, event.company_id, event.integration_type or "")
    heard = [endpoint for endpoint in heard if endpoint.version in data]
    if not heard:
        return
    event = replace(event, sequence=changes.newest(session, event.company_id))
    deliveries.add(session, [
        _delivery(endpoint, event, msgspec.json.encode(data[endpoint.version]), record, sync_id) for endpoint in heard])


def _delivery(
    endpoint: WebhookEndpoint, event: Event, data: bytes, record: str | None = None, sync_id: str | None = None,
) -> NewDelivery:
    return NewDelivery(
        scope=endpoint.scope, endpoint_id=endpoint.id, event_id=event.id, type=event.type,
        body=envelope.body(endpoint.version, event, data), company_id=event.company_id,
        connection_id=event.connection_id, integration_type=event.integration_type, sync_id=sync_id,
        sequence=event.sequence, record=record)


def _shown(sync: Sync, jobs: list[SyncJob], version: str) -> dict[str, Any]:
    """A sync and its jobs in the words of the API."""
    return {
        "rootfi_id": sync.id, "sync_id": sync.sync_id, "rootfi_company_id": sync.company_id,
        "connection_id": sync.connection_id, "integration_type": sync.integration_type, "full_sync": sync.full_sync,
        "sync_type": sync.sync_type, "config_mode": sync.config_mode, "sync_data_models": sync.data_models,
        "status": _status(sync.status, version), "start_time": _time(sync.started_at), "end_time": _time(sync.ended_at),
        "total_count": len(jobs), "success_count": sync.counts.get("SUCCESS", 0),
        "failed_count": sync.counts.get("FAILED", 0), "jobs": [_job(job, version) for job in jobs],
    }


def _job(job: SyncJob, version: str) -> dict[str, Any]:
    return {
        "rootfi_id": job.id, "data_model": noun(job.noun).data_model, "job_type": job.job_type,
        "status": _status(job.status, version), "announced": job.announced, "fetched": job.fetched,
        "stored": job.stored, "changed": job.changed, "same": job.same, "set_aside": job.set_aside,
        "deleted": job.deleted, "error": _JSON.decode(job.error) if job.error else None,
    }


def _status(status: str, version: str) -> str:
    """Published v3 clients do not know CANCELED."""
    return "FAILED" if status == "CANCELED" and version == "v3" else status


def _time(ms: int | None) -> str | None:
    return None if ms is None else text_ms(ms)
