"""schemathesis reads the documents and calls everything that they tell of: no crash, nothing undocumented."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.processes import ROOT
from tests.conftest import postgres_database
from tests.end_to_end.client import Json
from tests.end_to_end.house import KEY, SANDBOX, House, served

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "response_headers_conformance", "allow_header_conformance")
EXAMPLES = 5
"""Generated cases of a call, beside the thousands that cover the boundaries of all; a minute or so a document."""
LIMIT_S = 480
UNLIMITED = {"ENTREPOT_RATE_LIMIT": "1000000"}
"""429 is documented for every call, and would hide whatever else is wrong."""
SEED = 20240122
HOOKS = "tests.end_to_end.schemathesis_hooks"
MODELS = ["ECOMMERCE_ORDERS", "ECOMMERCE_CUSTOMERS", "ECOMMERCE_BALANCES"]


@pytest.mark.timeout(LIMIT_S + 60)
def test_every_call_of_v3(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with served(home, f"sqlite:///{home / 'entrepot.sqlite'}", **UNLIMITED) as house:
        as_the_documents_tell(house, tmp_path, "v3")


@pytest.mark.timeout(LIMIT_S + 60)
@pytest.mark.postgres
def test_every_call_of_v4(tmp_path: Path) -> None:
    with postgres_database() as url, served(tmp_path / "home", url, **UNLIMITED) as house:
        as_the_documents_tell(house, tmp_path, "v4")


def as_the_documents_tell(house: House, folder: Path, version: str) -> None:
    """Call everything that a version's document tells of."""
    ground, victims = scene(house)
    (folder / "schemathesis.toml").write_text("")
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{house.port}/openapi/{version}.json",
        "--header", f"api_key:{KEY}", "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing",
        "--max-examples", str(EXAMPLES), "--seed", str(SEED), "--generation-deterministic", "--workers", "2",
        "--request-timeout", "60", "--suppress-health-check", "all", "--warnings", "off", "--no-color",
        "--continue-on-failure",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": HOOKS, "GROUND": json.dumps(ground),
                   "VICTIMS": json.dumps(victims)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S,
                          check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested is not None, done.stdout[-3000:]
    calls = [method for path in house.api.get(f"/openapi/{version}.json")["paths"].values() for method in path]
    assert int(tested[1]) == len(calls)
    assert house.running.process.poll() is None


def scene(house: House) -> tuple[Json, Json]:
    """Ids that exist, for reading and changing, and others that may be destroyed."""
    api, shop = house.api, house.company(12)
    house.sync(shop)
    sync = api.get("/v3/core/syncs", rootfi_company_id=shop.ident)["data"][0]
    record = api.get("/v4/ecommerce/orders", company_id=shop.ident, limit=2)["data"]
    doomed = house.company(2)
    links = [api.post("/v4/core/invite_links", {"company_name": name, "integration_categories": ["ECOMMERCE"]}).ok()
             for name in ("Ground", "First", "Second")]
    tokens = [link["data"]["invite_link_id"] for link in links]
    hooks = [api.post("/v3/core/webhooks", {"webhook": {
        "name": name, "type": "DATA_MODEL_CHANGES", "operations": ["CREATE"], "data_models": MODELS, "headers": {},
        "url": "https://hooks.example.invalid/in"}}).ok()["id"] for name in ("ground", "victim")]
    keys = [api.post("/v4/core/api_keys", {"name": name, "scopes": ["read"]}).ok()["data"]["rootfi_id"]
            for name in ("ground", "victim")]
    ground: Json = {
        "company_id": [shop.ident], "rootfi_company_id": [shop.ident], "connection_id": [shop.connection_id],
        "invite_link_id": tokens[:1], "sync_id": [sync["sync_id"]], "webhook_id": hooks[:1], "api_key_id": keys[:1],
        "job_id": [job["rootfi_id"] for job in api.get(f"/v3/core/syncs/{sync['sync_id']}/jobs")["data"]],
        "id": [record[0]["rootfi_id"], record[1]["platform_id"]], "integration_type": [SANDBOX], "type": [SANDBOX],
        "data_model": MODELS, "data_models_to_sync": [MODELS[:2], []],
    }
    victims: Json = {
        **ground, "company_id": [doomed.ident, links[1]["data"]["rootfi_company_id"]],
        "connection_id": [doomed.connection_id], "invite_link_id": tokens[2:], "webhook_id": hooks[1:],
        "api_key_id": keys[1:],
    }
    return ground, victims
