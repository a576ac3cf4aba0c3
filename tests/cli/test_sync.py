"""``entrepot sync``: asks, watches, and does the work itself where no worker runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Shown, Start
from tests.cli.processes import entrepot
from tests.cli.test_demo import company_of


@pytest.fixture
def company(shown: Shown) -> str:
    """The number of the company in the test's home."""
    return shown.company


def test_without_a_worker_it_does_the_work(home: Path, company: str) -> None:
    done = entrepot(home, "sync", company, "--full", "--model", "orders", "--model", "ECOMMERCE_CUSTOMERS")
    assert done.returncode == 0, done.stderr
    assert "no worker runs (or all are busy), so this command does the work itself" in done.stdout
    assert "orders: done, 60 fetched, 60 the same" in done.stdout
    assert "customers: done" in done.stdout
    assert "products" not in done.stdout
    assert "done: 0 records changed, 0 deleted" in done.stdout


def test_with_a_worker_it_watches(home: Path, company: str, start: Start) -> None:
    worker = start("worker")
    worker.wait_for("worker.started")
    done = entrepot(home, "sync", company)
    assert done.returncode == 0, done.stderr
    assert "does the work itself" not in done.stdout
    assert "orders: done" in done.stdout
    assert worker.stop() == 0


def test_ctrl_c_leaves_it_to_the_next(home: Path, company: str, start: Start) -> None:
    running = start("sync", company, "--full")
    running.wait_for("sync ")
    code = running.stop()
    if code == 0:
        return  # it was quicker than the signal
    assert code == 130
    assert "stopped watching; it goes on where it is with" in running.said
    again = entrepot(home, "sync", company)
    assert again.returncode == 0, again.stderr
    assert f"of company {company} is under way already" in again.stdout


@pytest.mark.crash
def test_a_sync_that_lost_its_worker_is_taken_up(home: Path, start: Start) -> None:
    lease = {"ENTREPOT_LEASE_SECONDS": "2"}
    running = start("demo", "--port", "0", "--orders", "5000", **lease)
    running.wait_for("inventories: done")
    workers = running.children()
    running.kill()
    for worker in workers:
        worker.kill()
    company = str(company_of(running))
    again = start("sync", company, **lease)
    assert again.process.wait(90) == 0
    assert f"of company {company} is under way already" in again.said
    assert "this command does the work itself" in again.said
    assert "orders: done, 5,000 fetched" in again.said


def test_remap_goes_through_everything(home: Path, company: str) -> None:
    assert "done: nothing changed" in entrepot(home, "remap").stdout
    done = entrepot(home, "remap", "--company", company, "--all")
    assert done.returncode == 0, done.stderr
    assert "0 changed" in done.stdout
    assert "done: nothing changed" in done.stdout
