"""Asked to end, the server answers what it has begun, takes nothing new, and gives its jobs back."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrepot.api.renderer import RENDERERS
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Store
from tests.cli.processes import until
from tests.end_to_end.client import Answer
from tests.end_to_end.house import House, served

CONTACTS, ORDERS = "/v4/ecommerce/contacts", "/v4/ecommerce/orders"


@contextmanager
def asking(house: House, *calls: tuple[str, str, object]) -> Iterator[list[Answer]]:
    """Calls that are on their way, each on a connection of its own; their answers are there at the end."""
    answers: list[Answer] = []
    with ThreadPoolExecutor(len(calls)) as pool:
        sent = [pool.submit(house.api.send, *call) for call in calls]
        time.sleep(1.0)  # long enough to be in hand, and shorter than the shop takes
        assert not any(one.done() for one in sent), [one.result().body for one in sent if one.done()]
        yield answers
        answers += [one.result() for one in sent]


def refused(house: House) -> bool:
    """Whether nobody listens any more."""
    try:
        house.api.send("GET", "/healthz")
    except OSError:
        return True
    return False


def test_what_is_in_hand_is_answered(tmp_path: Path, database_url: str) -> None:
    with served(tmp_path / "home", database_url) as house:
        company, unread = house.company(5), house.company(5)
        company.shop.call("POST", "/control/faults", {"faults": "latency=4@POST /v1/buyers*1"})
        unread.shop.call("POST", "/control/faults", {"faults": "latency=4@GET /v1/orders*1"})
        write = ("POST", CONTACTS, {"company_id": company.ident, "data": [{"name": "In hand"}]})
        slow_list = ("GET", f"{ORDERS}?company_id={unread.ident}&connection_id={unread.connection_id}&limit=2", None)
        with asking(house, write, slow_list) as answers:
            house.running.process.send_signal(signal.SIGTERM)
            until(lambda: refused(house), 5)
            assert house.running.process.poll() is None
        assert house.running.process.wait(20) == 0
        written, listed = answers
        assert [row["name"] for row in written.ok()["data"]] == ["In hand"]
        assert len(listed.ok()["data"]) == 2
        assert [row["full_name"] for row in company.shop.rows("/buyers")].count("In hand") == 1
    with served(tmp_path / "home", database_url) as again:
        names = [row["name"] for row in again.api.rows(CONTACTS, company_id=company.ident)]
        assert names.count("In hand") == 1


def test_a_sync_that_runs_is_given_back_and_goes_on(tmp_path: Path, database_url: str) -> None:
    with served(tmp_path / "home", database_url) as house:
        company = house.company(30)
        company.shop.call("POST", "/control/faults", {"faults": "latency=3@GET /v1/orders*1"})
        sync_id = house.api.post("/v3/core/syncs", {
            "company_id": company.ident, "integration_type": "ROOTFI_SANDBOX", "full_sync": True,
            "data_models_to_sync": ["ECOMMERCE_ORDERS"]}).ok()["data"]["sync_id"]
        until(lambda: house.api.get(f"/v3/core/syncs/{sync_id}")["data"]["status"] == "RUNNING", 20)
        began = time.monotonic()
        assert house.running.stop() == 0
        assert time.monotonic() - began < 3  # it waits for no shop
    store = Store.open(database_url, RENDERERS)
    with store.read(SYSTEM) as session:
        left = session.unscoped("SELECT state, owner, lease_until, attempts FROM jobs WHERE kind = 'sync'")
    store.close()
    assert [tuple(row) for row in left] == [("ready", None, None, 0)]
    with served(tmp_path / "home", database_url) as again:
        assert again.ended(sync_id)["status"] == "SUCCESS"
        assert len(again.api.rows(ORDERS, company_id=company.ident)) == 30


@pytest.mark.postgres
def test_a_list_that_waits_for_the_database_is_answered(tmp_path: Path, postgres_url: str) -> None:
    import psycopg

    with served(tmp_path / "home", postgres_url, ENTREPOT_LOG_LEVEL="error") as house:
        company = house.synced(5)
        with psycopg.connect(postgres_url) as held:
            held.execute("LOCK TABLE ecommerce_orders IN ACCESS EXCLUSIVE MODE")
            with asking(house, ("GET", f"{ORDERS}?company_id={company.ident}", None)) as answers:
                house.running.process.send_signal(signal.SIGTERM)
                until(lambda: refused(house), 5)
                held.rollback()
        assert house.running.process.wait(20) == 0
        assert len(answers[0].ok()["data"]) == 5
