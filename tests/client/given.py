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
