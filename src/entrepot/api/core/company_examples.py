"""Examples of companies, links and connections for the documents."""

from __future__ import annotations

from typing import Any

from entrepot.api.examples import INTEGRATION

AT = "2024-01-22T05:07:31.465Z"
TOKEN = "1f9e9a52-6a0c-4a5e-9c52-0c1d5bfb3a52"  # noqa: S105  # an example
ERASING = {"erasure_id": 901, "status": "success"}


def rhythm(version: str) -> dict[str, Any]:
    """One data model's, as it is sent."""
    return {"data_model": "ECOMMERCE_ORDERS", "category": "ECOMMERCE", "enabled": True,
            "frequency": "DAILY" if version == "v3" else "MINUTELY", "interval": 1 if version == "v3" else 15,
            "scope_access": {"READ": True, "CREATE": True, "UPDATE": True, "DELETE": False}, "sync_from": None,
            "custom_fields": []}


def connection(version: str, *, under_link: bool = False) -> dict[str, Any]:
    """A healthy one."""
    config = rhythm(version)
    more = {} if version == "v3" else {"rootfi_company_id": 42, "status_reason": None}
    return {
        "rootfi_id": 43, "rootfi_created_at": AT, "rootfi_updated_at": AT, "integration_type": INTEGRATION,
        "category": "ECOMMERCE", "sync_status": "IDLE", "sync_resume_at": None, "last_synced": AT,
        "rate_limits": {
            "maxLimits": {"per_minute": 600, "concurrent_calls": 4},
            "counters": {"day": 1204, "hour": 61, "minute": 2, "concurrent": 0},
            "lastReset": {"day": "2024-01-22T00:00:00.000Z", "hour": "2024-01-22T05:00:00.000Z",
                          "minute": "2024-01-22T05:07:00.000Z"}},
        "tally_last_active_at": None, "zoho_sub_calls_enabled": False, **more,
        "status" if under_link else "connection_status": "HEALTHY",
        "sync_config": [config] if under_link or version == "v4" else config}


def company(version: str) -> dict[str, Any]:
    """With everything beside it."""
    more = {} if version == "v3" else {"detail": INTEGRATION}
    return {
        "rootfi_id": 42, "rootfi_created_at": AT, "rootfi_updated_at": AT, "name": "Acme Inc.",
        "partner_id": "customer-17",
        "invite_link": {"rootfi_id": 41, "rootfi_created_at": AT, "rootfi_updated_at": AT, "invite_link_id": TOKEN,
                        "integrations": [INTEGRATION], "integration_categories": ["ECOMMERCE"]},
        "connections": [connection(version)],
        "activity_log": [{"rootfi_id": 44, "rootfi_created_at": AT, "rootfi_updated_at": AT,
                          "activity_type": "CONNECTION_CREATED", **more}]}


def invite_link(version: str) -> dict[str, Any]:
    """A new one."""
    more = {} if version == "v3" else {"sync_config": [rhythm(version)], "expires_at": None}
    return {
        "rootfi_id": 41, "rootfi_created_at": AT, "rootfi_updated_at": AT, "invite_link_id": TOKEN,
        "rootfi_company_id": 42, "integrations": [INTEGRATION], "integration_categories": ["ECOMMERCE"],
        "company": {"rootfi_id": 42, "rootfi_created_at": AT, "rootfi_updated_at": AT, "name": "Acme Inc."},
        "connections": None, **more}
