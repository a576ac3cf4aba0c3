"""An installation that tells webhooks, a company whose records the test changes, and a receiver to tell."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from entrepot import app, settings
from entrepot.engine import announce, deliver, webhooks
from entrepot.engine.context import Engine
from entrepot.engine.webhooks import Wanted
from entrepot.kit.spec import Family
from entrepot.store import connections, deliveries, invites, keys, webhook_endpoints
from entrepot.store.deliveries import Delivery
from entrepot.store.records import Target, tombstone, upsert
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.webhook_endpoints import WebhookEndpoint

Json = dict[str, Any]
KIND = "SHOP_OF_TESTS"


@dataclass
class House:
    """The installation in this process."""

    one: app.App
    scope: Scope
    targets: list[Target] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        return self.one.engine

    def company(self) -> Target:
        """A new company with one connection."""
        with self.engine.store.write(SYSTEM) as session:
            company = invites.create(session, self.scope, "Harbour Goods", [], ["ECOMMERCE"]).company_id
            connection = connections.create(session, self.scope, company, KIND, "ECOMMERCE", {})
        target = Target(environment_id=self.scope.environment_id, company_id=company, connection_id=connection.id,
                        ordinal=1, stream="orders", mapping_version=1)
        self.targets.append(target)
        return target

    def put(self, target: Target, families: Sequence[Family], *, initial: bool = False) -> None:
        """Store what a sync would have read."""
        with self.engine.store.write(self.scope) as session:
            upsert(session, target, families, cause="sync", initial=initial)

    def drop(self, target: Target, noun: str, uids: Sequence[str]) -> None:
        """The shop has deleted these."""
        with self.engine.store.write(self.scope) as session:
            tombstone(session, target, noun, uids, cause="sync")

    def endpoint(self, url: str = "http://127.0.0.1:1/", version: str = "v4", **more: Any) -> WebhookEndpoint:
        """A new endpoint for changes, unless ``more`` says otherwise."""
        return self.endpoint_and_secret(url, version, **more)[0]

    def endpoint_and_secret(self, url: str, version: str = "v4", **more: Any) -> tuple[WebhookEndpoint, str]:
        """The same, with its secret."""
        wanted = Wanted(**{"name": "hook", "url": url, "types": ["DATA_MODEL_CHANGES"], **more})
        with self.engine.store.write(self.scope) as session:
            return webhooks.create(self.engine, session, wanted, version)

    def now(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """The endpoint as it is now."""
        with self.engine.store.read(self.scope) as session:
            found = webhook_endpoints.get(session, endpoint.id)
        assert found is not None
        return found

    def made(self, endpoint: WebhookEndpoint) -> list[Delivery]:
        """The endpoint's deliveries in the order of making."""
        with self.engine.store.read(self.scope) as session:
            return deliveries.listed(session, deliveries.Wanted(endpoint_id=endpoint.id), after=None, before=None,
                                     limit=100_000)[::-1]

    def bodies(self, endpoint: WebhookEndpoint) -> list[Json]:
        """What they send."""
        with self.engine.store.read(self.scope) as session:
            return [json.loads(deliveries.body(session, one.id)) for one in self.made(endpoint)]

    def ask(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """A question to the database."""
        with self.engine.store.read(SYSTEM) as session:
            return session.unscoped(sql, params)

    def set(self, sql: str, *params: object) -> None:
        """An interference with the database."""
        with self.engine.store.write(SYSTEM) as session:
            session.unscoped(sql, params)

    def relay(self) -> None:
        """Rounds until nobody is behind."""

        async def rounds() -> None:
            while await announce.go_round(self.engine):
                pass

        asyncio.run(rounds())

    def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run a coroutine; the kit's transports belong to one event loop, so each run ends with closed ones."""

        async def whole() -> None:
            try:
                await work()
            finally:
                await self.engine.kit.close()

        asyncio.run(whole())

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """A worker's part that relays and delivers."""
        stop, made = asyncio.Event(), asyncio.Event()
        loops = [asyncio.create_task(announce.run(self.engine, stop, made)),
                 asyncio.create_task(deliver.run(self.engine, stop, made))]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*loops)


@dataclass
class Post:
    """One request that came."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Answer = Callable[[Post], Awaitable[web.StreamResponse] | web.StreamResponse]


@dataclass
class Receiver:
    """Who is told; ``answer`` decides, and every request is kept. ``most`` is how many there were at a time."""

    answer: Answer
    posts: list[Post] = field(default_factory=list)
    url: str = ""
    now: int = 0
    most: int = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        post = Post({name.lower(): value for name, value in request.headers.items()}, await request.read(),
                    time.monotonic())
        self.posts.append(post)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            found = self.answer(post)
            return found if isinstance(found, web.StreamResponse) else await found
        finally:
            self.now -= 1

    def ids(self) -> list[str]:
        """The ids in order of coming."""
        return [post.id for post in self.posts]


def fine(_: Post) -> web.Response:
    """204."""
    return web.Response(status=204)


@asynccontextmanager
async def receiving(answer: Answer = fine) -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver(answer)
    runner = web.ServerRunner(web.Server(receiver.handle), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?a=%2F"
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def until(look: Callable[[], Any], limit_s: float = 20) -> Any:
    """What ``look`` answers once it is true."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if found := look():
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {limit_s} s")


@contextmanager
def installed(home: Path, database_url: str, **more: Any) -> Iterator[House]:
    """A new installation, with waits that a test can wait for."""
    given: Json = {"allow_private_hosts": "1", "lease_seconds": 1, "webhook_timeout_seconds": 2,
                   "webhook_retry_seconds": "0.1,0.1,0.1", "log_level": "error", **more}
    one = app.build(settings.load({}, home=home, database_url=database_url, **given))
    with one.engine.store.write(SYSTEM) as session:
        scope = keys.default_scope(session)
    try:
        yield House(one, scope)
    finally:
        one.close()
