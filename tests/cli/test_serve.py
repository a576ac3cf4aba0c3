"""API and worker under one command: they start, end and outlive each other as they should."""

from __future__ import annotations

import re
import socket

import psutil

from tests.cli.conftest import Start
from tests.cli.processes import Running, get, until

KEY = "a-key-of-the-tests"


def url_of(running: Running) -> str:
    """Where it says that it listens."""
    line = running.wait_for("serve.listening")
    found = re.search(r"http://[\d.]+:\d+", line)
    assert found, line
    return found[0]


def test_serve_answers_and_ends_in_order(start: Start) -> None:
    running = start("serve", "--port", "0", ENTREPOT_API_KEY=KEY)
    url = url_of(running)
    assert until(lambda: get(f"{url}/healthz")[0]) == 200
    assert get(f"{url}/v3/core/companies")[0] == 401
    assert get(f"{url}/v3/core/companies", KEY)[0] == 200
    running.wait_for("worker.started")
    workers = running.children()
    assert len(workers) == 1
    assert running.stop() == 0
    assert not any(worker.is_running() for worker in workers)
    assert "Traceback" not in running.said


def test_a_dead_worker_is_started_again(start: Start) -> None:
    running = start("serve", "--port", "0")
    running.wait_for("worker.started")
    first = running.children()[0]
    first.kill()
    assert '"code": -9' in running.wait_for("worker.died")
    again = until(lambda: [child for child in running.children() if child.pid != first.pid])
    assert len(again) == 1
    assert running.stop() == 0


def test_the_worker_ends_with_its_parent(start: Start) -> None:
    running = start("serve", "--port", "0")
    running.wait_for("worker.started")
    worker = running.children()[0]
    running.kill()
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, 15)


def test_the_api_alone_has_no_worker(start: Start) -> None:
    running = start("serve", "--port", "0", "--role", "api")
    url = url_of(running)
    assert until(lambda: get(f"{url}/healthz")[0]) == 200
    assert running.children() == []
    assert running.stop() == 0


def test_a_worker_alone_listens_nowhere(start: Start) -> None:
    for args in (("worker",), ("serve", "--role", "worker")):
        running = start(*args)
        running.wait_for("worker.started")
        assert psutil.Process(running.process.pid).net_connections("inet") == []
        assert running.stop() == 0


def test_a_port_in_use_is_told_before_anything_is_made(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = start("serve", "--port", str(port), "--role", "api")
        line = running.wait_for("is in use by another program")
        assert running.process.wait(10) == 1
    assert f"Type: entrepot serve --role api --port {port + 1}" in line
