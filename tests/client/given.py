"""What a served installation has for the judge: a connected and synced company, and keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.cli.processes import entrepot
from tests.end_to_end.house import KEY, House


def given(
    house: House, company: int, integration: str, passthrough: dict[str, Any], lacks: Sequence[str] = (),
) -> dict[str, Any]:
    """The scenario's facts. ``passthrough`` is ``{path, params, has}``: a GET, and a field of its answer; ``lacks``
    names the lists that the platform has nothing for."""
    return {"url": f"http://127.0.0.1:{house.port}", "key": KEY, "readOnlyKey": read_only_key(house),
            "company": company, "integration": integration, "passthrough": passthrough, "lacks": lacks}


def connected(house: House, integration: str, credentials: dict[str, str]) -> int:
    """A company whose link names its integration, connected to a shop and synced twice: its syncs make two pages."""
    link = house.api.post("/v3/core/invite_links", {
        "company_name": "Leaf & Kettle", "integration_categories": ["ECOMMERCE"], "integrations": [integration]})
    company: int = link.ok()["data"]["company"]["rootfi_id"]
    house.api.post("/v4/core/connections", {
        "company_id": company, "integration_type": integration, "credentials": credentials}).ok()
    for _ in range(2):
        sync_everything(house, company, integration)
    return company


def read_only_key(house: House) -> str:
    """A key that only reads, made as an operator makes one."""
    made = entrepot(house.home, "keys", "create", "--scopes", "read", **house.environment)
    assert made.returncode == 0, made.stderr
    return made.stdout.split()[0]


def sync_everything(house: House, company: int, integration: str) -> None:
    """Read the whole shop, and wait for it."""
    asked = house.api.post("/v3/core/syncs", {
        "company_id": company, "integration_type": integration, "full_sync": True, "data_models_to_sync": []}).ok()
    done = house.ended(asked["data"]["sync_id"], limit_s=180)
    assert done["status"] == "SUCCESS", done
