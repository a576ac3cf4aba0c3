"""An installation with companies connected to shops of any size, in this process and as processes of its own."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from entrepot import app, log, settings
from entrepot.engine.connect import connect
from entrepot.engine.sync import request_sync
from entrepot.store import invites, keys, syncs
from entrepot.store.scope import SYSTEM, Scope

API_KEY = "ent_live_benchmarks_0123456789abcdef0123456789abcdef"
ORDERS = "/v4/ecommerce/orders"
PATIENCE_S = 30.0
TOKEN = "demo-token"


@dataclass(frozen=True)
class Installation:
    """A home and its database. ``more`` are variables for its processes (an address of a shop, say)."""

    home: Path
    database: str
    more: tuple[tuple[str, str], ...] = ()

    def settings(self) -> settings.Settings:
        """Its settings."""
        return settings.load(dict(self.more), home=self.home, database_url=self.database, api_key=API_KEY,
                             log_level="error")

    @contextmanager
    def opened(self) -> Iterator[app.App]:
        """The installation in this process."""
        given = self.settings()
        log.configure(given)
        one = app.build(given)
        try:
            yield one
        finally:
            one.close()

    def company(self, orders: int, *, models: Sequence[str] = (), sync: bool = True, work: bool = True) -> int:
        """Connect a new company to a shop of its own with so many orders, ask for a ``sync`` of it (or only of the
        named data models) and do the ``work`` of it here and now; answers the company's id."""
        with self.opened() as one:
            one.engine.worker.idle_s = 0.05

            async def steps() -> int:
                engine = one.engine
                scope: Scope = await engine.store.writing(SYSTEM, keys.default_scope)
                link = await engine.store.writing(
                    scope, lambda session: invites.create(session, scope, f"Bench of {orders}", [], ["ECOMMERCE"]))
                kind = next(kind for kind, found in engine.installed.items() if found.manifest.http.simulator)
                await connect(engine, scope, link.company_id, kind,
                              {"token": TOKEN, "orders": str(orders), "shop": f"bench-{link.company_id}"})
                sync_id = await request_sync(engine, scope, link.company_id, data_models=models) if sync else None
                if sync_id is not None and work:
                    await engine.worker.drain()
                    ended = await engine.store.reading(scope, lambda session: syncs.get(session, sync_id))
                    assert ended is not None
                    assert ended.status == "SUCCESS", ended
                await engine.kit.close()
                return link.company_id

            return asyncio.run(steps())

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """``entrepot <command>`` as a process group of its own, gone at the end."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_")}
        env |= settings.environment(self.settings()) | dict(self.more)
        with running([sys.executable, "-m", "entrepot", *command], self.home / "process.log", env) as child:
            yield child

    @contextmanager
    def served(self, role: str = "api") -> Iterator[int]:
        """``entrepot serve --role``; answers the port once it answers."""
        port = free_port()
        with self.process("serve", "--role", role, "--port", str(port)) as child:
            wait_for(port, child, "/healthz")
            yield port


@contextmanager
def running(command: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process group, ended with SIGTERM and then with SIGKILL."""
    with log.open("ab") as out:
        child = subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, child: subprocess.Popen[bytes], path: str = "/") -> None:
    """Return once the port answers a GET with anything; TimeoutError when it does not."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if child.poll() is not None:
            raise TimeoutError(f"the server ended with {child.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(f"nothing answers on port {port}")


def fetched(port: int, target: str) -> bytes:
    """The body of an authenticated GET."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        asked.request("GET", target, headers={"api_key": API_KEY})
        answer = asked.getresponse()
        assert answer.status == http.HTTPStatus.OK, answer.status
        return answer.read()
    finally:
        asked.close()
