"""An API process killed while it writes: every accepted write happens exactly once, in the shop and in the store."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from entrepot.store import connections
from entrepot.store.core_tables import operations
from entrepot.store.scope import SYSTEM
from tests.crash.installation import API_KEY, Installation, check_books, kill
from tests.crash.test_sync import ROUNDS, SEED

WRITERS = 4

pytestmark = pytest.mark.crash


def free_port() -> int:
    """A port below the ephemeral range: a client that calls a dead server's ephemeral port can meet itself there."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def post_customer(port: int, company: int, name: str) -> int | None:
    """The status of the answer, or None when the connection broke."""
    body = {"company_id": company, "data": [{"name": name, "email": f"{name}@example.com"}]}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v3/ecommerce/customers", json.dumps(body).encode(),
        {"api_key": API_KEY, "content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ConnectionError):
        return None


def wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the API did not answer within 20 s")


def one_round(number: int, home: Path) -> tuple[int, int]:
    """Write from several threads while the API is killed; answers (writes answered with 200, writes accepted)."""
    chance = random.Random(SEED * 7919 + number)
    here = Installation(home)
    company, _ = here.connect(0)
    port = free_port()
    stop = threading.Event()
    answers: Counter[int | None] = Counter()
    answered: list[str] = []

    def writer(which: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            name = f"writer{which}-{count}"
            status = post_customer(port, company, name)
            answers[status] += 1
            if status == 200:
                answered.append(name)
            elif status is None:
                time.sleep(0.05)

    threads = [threading.Thread(target=writer, args=(which,)) for which in range(WRITERS)]
    for life in range(3):
        api = here.start("serve", "--role", "api", "--port", str(port))
        wait_for(port)
        if life == 0:
            for thread in threads:
                thread.start()
        time.sleep(chance.uniform(0.1, 0.8))
        kill(api)
    stop.set()
    for thread in threads:
        thread.join(30)
    worker = here.start("worker")
    try:
        here.settle(worker)
    finally:
        kill(worker)
    return len(answered), check(here, company, answered)


def check(here: Installation, company: int, answered: list[str]) -> int:
    """Everything accepted is done, once; everything answered with 200 is there."""
    with here.opened() as one, one.engine.store.read(SYSTEM) as session:
        check_books(session)
        states = set(session.execute(select(operations.c.state)).scalars())
        assert states <= {"done"}, states
        accepted = [json.loads(text)["name"] for text in session.execute(select(operations.c.input)).scalars()]
        stored = Counter(row[0] for row in session.unscoped(
            "SELECT name FROM ecommerce_customers WHERE rootfi_deleted_at IS NULL AND name LIKE 'writer%'"))
    assert set(answered) <= set(stored), "an answered write is lost"
    assert stored == Counter(accepted), "the store has what was accepted, as often as it was"
    assert max(stored.values(), default=1) == 1
    in_shop = Counter(name for name in shop_names(here, company) if name.startswith("writer"))
    assert in_shop == stored, "the shop has what the store has, as often"
    return sum(stored.values())


def shop_names(here: Installation, company: int) -> list[str]:
    """The names of all customers in the shop, read by a fresh full sync's eyes: the shop's own list."""
    with here.opened() as one:
        async def read() -> list[str]:
            connection = await one.engine.store.reading(
                SYSTEM, lambda session: connections.of_company(session, company)[0])
            shop = one.engine.shop(connection)
            names: list[str] = []
            cursor: str | None = None
            while True:
                params = {"size": "500"} | ({"cursor": cursor} if cursor else {})
                page = json.loads((await shop.get("/buyers", params)).body)
                names += [row.get("full_name") or "" for row in page["results"]]
                cursor = page["paging"]["next"]
                if not cursor:
                    await one.engine.kit.close()
                    return names

        return asyncio.run(read())


@pytest.mark.timeout(3600)
def test_killed_writes_happen_exactly_once(tmp_path: Path) -> None:
    answered = accepted = 0
    for number in range(ROUNDS):
        home = tmp_path / f"round{number}"
        home.mkdir()
        some, all_ = one_round(number, home)
        answered, accepted = answered + some, accepted + all_
    print(f"seed {SEED}: {ROUNDS} rounds, {accepted} writes accepted, {answered} of them answered before a kill")
    assert accepted > answered > 0, "no kill met a write on its way: the rounds prove nothing"
