"""The demo as a newcomer meets it: the shop is read, the printed lines work, and nothing that happens to it hurts."""

from __future__ import annotations

import json
import re
import shlex
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shown, Start
from tests.cli.processes import Running, entrepot, get, until


def pasted(line: str) -> Any:
    """What a printed curl line answers."""
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def curls(running: Running) -> list[str]:
    """The printed lines."""
    running.wait_for("Ctrl-C stops it")
    return [line for line in running.lines if line.startswith("curl ")]


def key_of(running: Running) -> str:
    found = re.search(r"API key (\S+), company (\d+)", running.wait_for("API key"))
    assert found
    return found[1]


def company_of(running: Running) -> int:
    found = re.search(r"company (\d+);", running.wait_for("is connected to company"))
    assert found
    return int(found[1])


def test_the_three_lines_work_when_pasted(home: Path, start: Start) -> None:
    running = start("demo", "--port", "0", "--orders", "150")
    listing, customer, order = curls(running)
    assert "Traceback" not in running.said
    assert len(pasted(listing)["data"]) == 3
    made = pasted(customer)
    assert made["sync_id"]
    assert made["data"][0]["name"] == "John Doe"
    assert made["data"][0]["address"]["street"] == "123 Main Street"
    ordered = pasted(order)
    sent = json.loads(shlex.split(order)[-1])["data"][0]
    assert {name: ordered["data"][0][name] for name in ("contact_id", "currency_id", "status")} == {
        "contact_id": sent["customer_id"], "currency_id": sent["currency_id"], "status": "pending"}
    url = running.wait_for("ready ").split()[1]
    status, found = get(f"{url}/v4/ecommerce/orders/{ordered['data'][0]['rootfi_id']}", key_of(running))
    assert (status, found["platform_id"]) == (200, ordered["data"][0]["platform_id"])
    assert stat.S_IMODE((home / "demo.key").stat().st_mode) == 0o600
    assert running.stop() == 0


def test_started_again_it_knows_its_company_and_key(shown: Shown, start: Start) -> None:
    running = start("demo", "--port", "0")
    running.wait_for("Ctrl-C stops it")
    assert (str(company_of(running)), key_of(running)) == (shown.company, shown.key)
    done = next(line for line in running.lines if line.startswith("orders: done"))
    assert "60 fetched" not in done, "it read everything again"
    assert running.stop() == 0
    other = entrepot(shown.home, "demo", "--port", "0", "--orders", "7")
    assert other.returncode == 1
    assert "was made with --orders 60" in other.stderr


def test_a_key_of_ones_own(start: Start) -> None:
    running = start("demo", "--port", "0", "--orders", "20", "--api-key", "chosen-by-the-tests")
    assert "api_key: chosen-by-the-tests" in curls(running)[0]
    assert running.stop() == 0


@pytest.mark.crash
def test_killed_in_a_sync_it_goes_on_where_it_was(home: Path, start: Start) -> None:
    first = start("demo", "--port", "0", "--orders", "6000")
    url = re.search(r"http://\S+", first.wait_for("the API answers at"))
    assert url
    company, key = company_of(first), (home / "demo.key").read_text().strip()
    # With a filter it is the store that is asked, not the shop.
    orders = f"{url[0]}/v4/ecommerce/orders?limit=1&return_count=true&company_id={company}&rootfi_id%5Bgt%5D=0"
    # While it syncs, the API answers.
    assert until(lambda: get(orders, key)[0] == 200 and get(orders, key)[1]["total_count"] > 200)
    before = get(orders, key)[1]["total_count"]
    workers = first.children()
    first.kill()
    for worker in workers:
        worker.kill()
    assert before < 6000
    second = start("demo", "--port", "0")
    second.wait_for("Ctrl-C stops it")
    done = next(line for line in second.lines if line.startswith("orders: done"))
    # One scan, counted once: had it begun again, more would have been fetched.
    assert "6,000 fetched" in done
    url = re.search(r"http://\S+", second.wait_for("ready "))
    assert url
    counted = get(f"{url[0]}/v4/ecommerce/orders?limit=1&return_count=true&company_id={company}", key)
    assert counted[1]["total_count"] == 6000
    assert second.stop() == 0
