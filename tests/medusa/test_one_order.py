"""A hundred clients, one order, one key, and a server that is killed among them: the Medusa has one order more."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crash.repeating import Repeating
from tests.crash.test_sync import SEED
from tests.crash.test_write import free_port, wait_for
from tests.medusa.shops import RealMedusa

KEY = "ent_live_medusa_once_0123456789abcdef0123456789"
CLIENTS = 100
KILLS = 3
PATH = "/v4/ecommerce/orders"


@dataclass
class Servers:
    """An Entrepot (API and worker) that can be killed and comes back."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Another life."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_")}
        env |= {"ENTREPOT_HOME": str(self.home), "ENTREPOT_API_KEY": KEY, "ENTREPOT_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
                "ENTREPOT_LEASE_SECONDS": "1"}
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "entrepot", "serve", "--port", str(self.port)],
                                            env=env, stdout=log, stderr=log, start_new_session=True)
        wait_for(self.port)

    def kill(self) -> None:
        """kill -9: the parent and all that it started."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """A new Entrepot, running."""
    made = Servers(tmp_path, free_port())
    made.start()
    yield made
    made.kill()


def post(asking: Repeating, path: str, body: object) -> Any:
    """A call that must work."""
    found = asking.send(path, json.dumps(body).encode(), None)
    assert found is not None
    assert found[0] == 200, found
    return json.loads(found[1])["data"]


def connected(asking: Repeating, medusa: RealMedusa) -> int:
    """A company whose shop the Medusa is, read once."""
    company: int = post(asking, "/v3/core/invite_links", {"integration_categories": ["ECOMMERCE"]})["company"][
        "rootfi_id"]
    post(asking, "/v4/core/connections", {"company_id": company, "integration_type": "MEDUSA",
                                          "credentials": medusa.credentials})
    sync_id = post(asking, "/v3/core/syncs", {"company_id": company, "integration_type": "MEDUSA", "full_sync": True,
                                              "data_models_to_sync": []})["sync_id"]
    until = time.monotonic() + 120
    while asking.read(f"/v3/core/syncs/{sync_id}")["status"] != "SUCCESS":
        assert time.monotonic() < until
        time.sleep(0.2)
    return company


def count(medusa: RealMedusa) -> int:
    """Orders and drafts that the shop has."""
    return sum(int(medusa.admin.get(f"/admin/{path}", limit=1, fields="id")["count"])
               for path in ("orders", "draft-orders"))


def test_one_order_whoever_dies(medusa: RealMedusa, servers: Servers) -> None:
    chance = random.Random(SEED)
    asking = Repeating(f"http://127.0.0.1:{servers.port}", KEY)
    body = asking.order_for(connected(asking, medusa))
    before = count(medusa)

    def meanwhile() -> None:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.8))
            servers.kill()
            servers.start()

    took = asking.crowd(CLIENTS, PATH, body, "one-order", meanwhile)
    told = asking.agreed(CLIENTS)["data"]
    print(f"{CLIENTS} clients, {KILLS} kills: {took:.1f} s; {dict(asking.seen)}")
    assert asking.seen.total() > CLIENTS, "no kill was among them"
    assert count(medusa) == before + 1
    there: Any = medusa.order(told[0]["platform_unique_id"], "id,status")
    assert there["id"] == told[0]["platform_unique_id"]
    for _ in range(3):
        assert len(post(asking, PATH, body)) == 1
    assert count(medusa) == before + 4, "without a key each is a new one"
