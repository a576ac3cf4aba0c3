"""The composition root: the one place that knows every part and puts them together."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from entrepot.api.renderer import RENDERERS
from entrepot.engine import announce, deliver, erase, perform, pull, upkeep
from entrepot.engine.context import Engine
from entrepot.errors import SetupError
from entrepot.jobs.worker import Handler, Worker
from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.connection import Kit
from entrepot.kit.installed import find_installed
from entrepot.settings import Settings
from entrepot.store import keys, migrate
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Session, Store
from entrepot.vault import api_keys
from entrepot.vault.vault import Vault

if TYPE_CHECKING:
    from litestar.types import ASGIApp

log = structlog.get_logger()

LAST_DELIVERIES_S = 8.0
"""For what is being delivered when the process is asked to stop; it takes half of that at most."""


@dataclass
class App:
    """One process of Entrepot."""

    settings: Settings
    engine: Engine
    handlers: dict[str, Handler]

    def api(self) -> ASGIApp:
        """The web application; it performs the writes that it accepts."""
        # A worker is without a web framework: some thirty megabytes less.
        from entrepot.api.application import create_api

        return create_api(self.engine)

    async def work(self, stop: asyncio.Event) -> None:
        """Be a worker until ``stop``: run jobs, keep the schedule, tell webhooks of what has changed."""
        made = asyncio.Event()
        beside = [asyncio.create_task(loop) for loop in (
            upkeep.tick(self.engine, stop), announce.run(self.engine, stop, made),
            deliver.run(self.engine, stop, made))]
        try:
            await self.engine.worker.run(stop)
        finally:
            stop.set()
            await asyncio.wait(beside, timeout=LAST_DELIVERIES_S)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self.engine.kit.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.store.close()


def build(settings: Settings) -> App:
    """Everything wired, the database brought to the current shape. SetupError says what to type."""
    make_home(settings.home)
    migrate.migrate(settings.database_url)
    store = Store.open(settings.database_url, RENDERERS)
    installed = find_installed()
    kit = Kit(installed, allow_private=AllowPrivate.parse(settings.allow_private_hosts), home=settings.home)
    handlers: dict[str, Handler] = {}
    worker = Worker(store, owner=owner_name(), handlers=handlers, slots=settings.worker_slots,
                    lease_ms=settings.lease_seconds * 1000)
    engine = Engine(store=store, vault=Vault.load(settings.home, settings.secret_key), kit=kit, installed=installed,
                    settings=settings, worker=worker)
    handlers |= {"sync": pull.handler(engine), "write": perform.handler(engine), "erase": erase.handler(engine),
                 **upkeep.handlers(engine)}
    if settings.api_key:
        given = settings.api_key
        with store.write(SYSTEM) as session:
            ensure_key(session, given)
    return App(settings, engine, handlers)


def make_home(home: Path) -> None:
    """The home folder, readable by its owner only."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise SetupError(f"The home {home} cannot be made: {problem.strerror}. Choose another with --home DIR.") \
            from problem


def ensure_key(session: Session, key: str) -> Scope:
    """Make sure that a key opens the default organisation's live environment; answers the scope that it opens."""
    if len(key) < api_keys.SHORTEST:
        raise SetupError(f"The API key is shorter than {api_keys.SHORTEST} characters. Send a longer one, or run "
                         "`entrepot keys create`.")
    known = keys.by_hash(session, api_keys.digest(key))
    if known is not None:
        return known.scope
    scope = keys.default_scope(session)
    keys.create(session, scope, "ENTREPOT_API_KEY", api_keys.shown(key), api_keys.digest(key), keys.ALL_SCOPES)
    return scope


def owner_name() -> str:
    """A worker's name in the job table: where it runs, and something that no other process has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
