"""A receiver outside hears of every change of a sync, in order per record, though it refuses one delivery in three and
the server is killed twice: nothing is lost, and what comes again carries the same id and body."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.cli.processes import ROOT, Running, until
from tests.end_to_end.house import KEY, Company, House, _wait_until_it_answers, free_port

ORDERS = 2500
LEAST = 10_000
SETTINGS = {
    "ENTREPOT_API_KEY": KEY, "ENTREPOT_LOG_LEVEL": "error", "ENTREPOT_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
    "ENTREPOT_LEASE_SECONDS": "2", "ENTREPOT_WEBHOOK_RETRY_SECONDS": ",".join(["0.3"] * 11),
}


class Outside:
    """The receiver's process."""

    def __init__(self, seed: int) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "tests.end_to_end.outsider", str(seed)], cwd=ROOT,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{json.loads(self.process.stdout.readline())['port']}"

    def secret(self, text: str) -> None:
        """What to verify with."""
        urllib.request.urlopen(f"{self.url}/secret", text.encode(), timeout=10).close()

    def report(self) -> dict[str, Any]:
        """What it has seen."""
        with urllib.request.urlopen(f"{self.url}/report", timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def outside(seed: int) -> Iterator[Outside]:
    """A receiver, until the end."""
    made = Outside(seed)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait(10)


class Server:
    """``entrepot serve`` that can be killed with its worker and started again at the same port."""

    def __init__(self, home: Path, database: str) -> None:
        self.environment = {**SETTINGS, "ENTREPOT_DATABASE_URL": database}
        self.home, self.port = home, free_port()
        self.house = self.start()
        self.heaviest = 0

    def start(self) -> House:
        """Serve, and wait until somebody answers."""
        running = Running(self.home, "serve", "--port", str(self.port), **self.environment)
        house = House(self.home, self.port, running, self.environment)
        _wait_until_it_answers(house)
        return house

    def kill(self) -> None:
        """kill -9 to all of it, and start again."""
        self.weigh()
        for child in self.house.running.children():
            child.kill()
        self.house.running.kill()
        self.house.running.close()
        self.house = self.start()

    def weigh(self) -> None:
        """Note the worker's memory."""
        for child in self.house.running.children():
            self.heaviest = max(self.heaviest, child.memory_full_info().pss)

    def close(self) -> None:
        """Leave nothing behind."""
        self.house.running.close()


def edit(company: Company) -> None:
    """Changes behind Entrepot's back: buyers renamed, orders removed."""
    for number, buyer in enumerate(company.shop.rows("/buyers")[:300]):
        company.shop.call("PATCH", f"/buyers/{buyer['id']}", {"note": f"edit {number}", "phone": f"55{number}"})
    for order in company.shop.rows("/orders", size=100)[:60]:
        company.shop.raw("DELETE", f"/orders/{order['id']}")


def pending(database: str) -> tuple[int, int, int]:
    """The company's newest change, changes' deliveries made so far, and how many deliveries wait."""
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.connect() as connection:
            seq = connection.execute(text("SELECT MAX(seq) FROM companies")).scalar_one()
            made = connection.execute(text("SELECT COUNT(*) FROM deliveries WHERE sequence IS NOT NULL "
                                           "AND type = 'DATA_MODEL_CHANGES'")).scalar_one()
            waits = connection.execute(text("SELECT COUNT(*) FROM deliveries WHERE state <> 'DELIVERED'")).scalar_one()
            return seq, made, waits
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server on each database in turn."""
    home = tmp_path / "home"
    home.mkdir()
    url = (f"sqlite:///{home / 'entrepot.sqlite'}" if request.param == "sqlite"
           else request.getfixturevalue("postgres_url"))
    made = Server(home, url)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.crash
@pytest.mark.timeout(420)
def test_every_event_comes_in_order_whatever_fails(server: Server) -> None:
    database = server.environment["ENTREPOT_DATABASE_URL"]
    with outside(7) as receiver:
        company = server.house.company(ORDERS)
        made = server.house.api.post("/v4/core/webhooks", {
            "name": "outside", "url": f"{receiver.url}/hook", "types": ["DATA_MODEL_CHANGES", "SYNC_COMPLETED"]}).ok()
        receiver.secret(made["data"]["signing_secret"])
        first = server.house.api.post("/v3/core/syncs", {
            "company_id": company.ident, "full_sync": True, "data_models_to_sync": []}).ok()["data"]["sync_id"]
        until(lambda: len(receiver.report()["accepted"]) > 2_000, 120)
        server.kill()
        server.house.ended(first, 120)
        edit(company)
        until(lambda: len(receiver.report()["accepted"]) > 6_000, 120)
        second = server.house.api.post("/v3/core/syncs", {
            "company_id": company.ident, "full_sync": True, "data_models_to_sync": []}).ok()["data"]["sync_id"]
        server.kill()
        server.house.ended(second, 120)

        def done() -> bool:
            server.weigh()
            seq, told, waits = pending(database)
            return waits == 0 and told == seq

        until(done, 200, lambda: f"{pending(database)} {receiver.report()} {server.house.running.said}"[-4000:])
        report = receiver.report()
    seq = pending(database)[0]
    changes = {ident: one for ident, one in report["accepted"].items() if one[2] == "DATA_MODEL_CHANGES"}
    operations = Counter(one[3] for one in changes.values())
    rate = (len(report["accepted"]) + report["refused"]) / report["took_s"]
    print(f"\n{dict(operations)}, refused {report['refused']}, repeated {report['repeats']}, {report['took_s']:.1f} s, "
          f"{rate:.0f} tries/s, worker {server.heaviest / 2**20:.0f} MB")
    assert report["wrong"] == []
    assert set(changes) == {f"evt_{company.ident}_{number}" for number in range(1, seq + 1)}
    assert seq >= LEAST
    assert operations["UPDATE"] > 100
    assert operations["DELETE"] > 50
    # The scheduler may have asked for one more.
    assert {f"evt_{first}_sync_completed", f"evt_{second}_sync_completed"} <= set(report["accepted"])
    assert report["refused"] > LEAST / 3
