"""A sync and a job for the documents' example answers."""

from __future__ import annotations

from entrepot.api import examples
from entrepot.store.syncs import Sync, SyncJob

_AT = 1_705_900_051_465
_END = _AT + 12_400

SYNC = Sync(
    id=1001, sync_id=examples.SYNC_ID, company_id=42, connection_id=43, integration_type=examples.INTEGRATION,
    full_sync=False, sync_type="MANUAL", config_mode="READ",
    data_models=["ECOMMERCE_ORDERS", "ECOMMERCE_FULFILLMENTS", "ECOMMERCE_TRANSACTIONS"],
    sync_from="2024-01-01T00:00:00.000Z", status="SUCCESS", created_at=_AT, updated_at=_END, started_at=_AT,
    ended_at=_END, counts={"SUCCESS": 3})

JOB = SyncJob(
    id=1002, sync=1001, sync_id=examples.SYNC_ID, integration_type=examples.INTEGRATION, config_mode="READ",
    company_id=42, connection_id=43, job_id=1003, noun="order", stream="orders", job_type="PULL", status="SUCCESS",
    sync_from="2024-01-01T00:00:00.000Z", announced=120, fetched=120, stored=119, changed=7, same=112, set_aside=1,
    deleted=0, pages=3, calls=4, bytes_in=624_000, throttled_ms=0, retries=0, error=None, created_at=_AT,
    updated_at=_END, started_at=_AT, ended_at=_END)
