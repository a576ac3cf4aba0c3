"""A worker killed again and again while it reads a shop leaves exactly what an undisturbed one leaves."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import pytest

from entrepot.store.scope import SYSTEM
from tests.crash.installation import Installation, check_books, check_counts, holdings, kill

ROUNDS = int(os.environ.get("ENTREPOT_TEST_CRASH_ROUNDS", "10"))
ORDERS = 2500
SEED = int(os.environ.get("ENTREPOT_TEST_CRASH_SEED", str(random.randrange(10**6))))

pytestmark = pytest.mark.crash


@pytest.mark.timeout(3600)
def test_killed_syncs_lose_and_double_nothing_on_sqlite(tmp_path: Path) -> None:
    kills = [one_round(number, tmp_path / f"round{number}", None) for number in range(ROUNDS)]
    print(f"seed {SEED}: {ROUNDS} rounds, {sum(kills)} kills that met a running sync")
    assert sum(kills) >= ROUNDS, "hardly any kill met a running sync: the rounds prove nothing"


@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_killed_syncs_lose_and_double_nothing_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    assert one_round(-1, tmp_path / "round", postgres_url, kills=8) >= 3


def one_round(number: int, home: Path, database: str | None, kills: int = 4) -> int:
    """Kill up to ``kills`` workers at random moments, let the next one finish, compare; answers the kills that met
    unfinished work."""
    chance = random.Random(SEED * 1000 + number)
    home.mkdir(parents=True)
    disturbed = Installation(home / "disturbed", database)
    disturbed.connect(ORDERS)
    met = 0
    for _ in range(kills):
        worker = disturbed.start("worker")
        wait_for_first_sign(disturbed, chance)
        kill(worker)
        met += disturbed.unfinished() > 0
    worker = disturbed.start("worker")
    try:
        disturbed.settle(worker)
    finally:
        kill(worker)
    compare(disturbed, undisturbed_copy(disturbed, home / "undisturbed"))
    shutil.rmtree(home)
    return met


def wait_for_first_sign(installation: Installation, chance: random.Random) -> None:
    """Start-up is most of a worker's short life: wait until it holds a job, then a random moment more."""
    with installation.opened() as one:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with one.engine.store.read(SYSTEM) as session:
                if session.unscoped("SELECT 1 FROM jobs WHERE state = 'running' AND kind = 'sync'"):
                    break
            time.sleep(0.005)
    time.sleep(chance.uniform(0.0, 0.5))


def undisturbed_copy(disturbed: Installation, home: Path) -> Installation:
    """The same shop (its file copied) read by a worker that nobody kills, now."""
    home.mkdir()
    for file in disturbed.home.glob("demo-shop-*"):
        shutil.copy(file, home / file.name)
    calm = Installation(home)
    calm.connect(ORDERS)
    worker = calm.start("worker")
    try:
        calm.settle(worker)
    finally:
        kill(worker)
    return calm


def compare(disturbed: Installation, calm: Installation) -> None:
    """Same records, same hashes; the shop's clock goes on, so a handful of orders may have moved in between."""
    with disturbed.opened() as one, one.engine.store.read(SYSTEM) as session:
        check_books(session)
        check_counts(session)
        left = holdings(session)
    with calm.opened() as one, one.engine.store.read(SYSTEM) as session:
        check_books(session)
        right = holdings(session)
    for noun, expected in right.items():
        missing = expected.keys() - left[noun].keys()
        doubled = left[noun].keys() - expected.keys()
        moved = [uid for uid in expected.keys() & left[noun].keys() if expected[uid] != left[noun][uid]]
        assert len(missing) + len(doubled) + len(moved) <= 3, (noun, len(missing), len(doubled), len(moved))
