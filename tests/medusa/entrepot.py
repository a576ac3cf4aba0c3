"""A running Entrepot with a company that is connected to the Medusa, and a program that talks to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.crash.test_write import free_port, wait_for
from tests.medusa.shops import RealMedusa

KEY = "ent_live_medusa_tests_0123456789abcdef0123456789"


@dataclass
class Caller:
    """A program that talks to Entrepot."""

    url: str
    company: int = 0
    first: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The jobs of the first sync."""
    headers: dict[str, str] = field(default_factory=dict)
    """Of the last answer, lower case."""

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and decoded answer."""
        text = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, text, {"api_key": KEY, "content-type": "application/json"},
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.headers = {name.lower(): value for name, value in answer.headers.items()}
                return answer.status, json.loads(answer.read(), parse_float=Decimal)
        except urllib.error.HTTPError as refusal:
            self.headers = {name.lower(): value for name, value in refusal.headers.items()}
            return refusal.code, json.loads(refusal.read(), parse_float=Decimal)

    def every(self, path: str) -> list[dict[str, Any]]:
        """All records of a list of this company."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            status, page = self.call("GET", f"{path}?company_id={self.company}&limit=50{cursor}")
            assert status == 200, page
            found += page["data"]
            if not page["next"]:
                return found
            cursor = f"&next={page['next']}"

    def sync(self, *, full: bool) -> dict[str, dict[str, Any]]:
        """Ask for a sync, wait for it; its jobs by data model."""
        status, made = self.call("POST", "/v3/core/syncs", {
            "company_id": self.company, "integration_type": "MEDUSA", "full_sync": full, "data_models_to_sync": []})
        assert status == 200, made
        sync_id, until = made["data"]["sync_id"], time.monotonic() + 120
        while time.monotonic() < until:
            _, seen = self.call("GET", f"/v3/core/syncs/{sync_id}")
            if seen["data"]["status"] in ("SUCCESS", "FAILED"):
                _, jobs = self.call("GET", f"/v3/core/syncs/{sync_id}/jobs")
                assert seen["data"]["status"] == "SUCCESS", jobs
                return {job["data_model"]: job for job in jobs["data"]}
            time.sleep(0.1)
        raise AssertionError(f"sync {sync_id} did not end")


@contextmanager
def connected(medusa: RealMedusa, home: Path) -> Iterator[Caller]:
    """An installation in that home whose company is connected, and was not read yet."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_")}
    env |= {"ENTREPOT_HOME": str(home), "ENTREPOT_API_KEY": KEY, "ENTREPOT_ALLOW_PRIVATE_HOSTS": "127.0.0.1"}
    with (home / "serve.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "entrepot", "serve", "--port", str(port)], env=env,
                                  stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(port)
        made = Caller(f"http://127.0.0.1:{port}")
        _, link = made.call("POST", "/v3/core/invite_links", {
            "company_name": "Leaf & Kettle", "integration_categories": ["ECOMMERCE"]})
        made.company = link["data"]["company"]["rootfi_id"]
        status, answer = made.call("POST", "/v4/core/connections", {
            "company_id": made.company, "integration_type": "MEDUSA", "sync": False,
            "credentials": medusa.credentials})
        assert status == 200, answer
        assert medusa.secret_key not in json.dumps(answer, default=str)
        yield made
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
        assert medusa.secret_key not in (home / "serve.log").read_text(), "the secret key is in the log"
