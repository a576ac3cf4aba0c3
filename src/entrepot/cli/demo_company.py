"""The company of a demo home: found again, or made and connected."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from entrepot.app import ensure_key
from entrepot.engine.connect import connect
from entrepot.engine.context import Engine
from entrepot.errors import SetupError
from entrepot.kit.installed import Installed
from entrepot.store import companies, connections, invites
from entrepot.store.connections import Connection
from entrepot.store.scope import Scope
from entrepot.store.store import Session
from entrepot.vault import api_keys

KEY_FILE = "demo.key"
SIZE_FIELD = "orders"
COMPANIES = 1000


@dataclass(frozen=True)
class DemoCompany:
    """Whom the demo shows, and the key that opens it."""

    scope: Scope
    company_id: int
    connection_id: int
    ordinal: int
    integration_type: str
    platform: str
    key: str


async def find_or_connect(engine: Engine, home: Path, api_key: str | None, orders: int | None) -> DemoCompany:
    """The home's company that is connected to a simulated shop; made when there is none. SetupError says what to
    type when ``orders`` comes too late."""
    platform = _simulated(engine)
    kind = platform.manifest.integration_type
    key = _key(home, api_key)
    scope = await engine.store.writing(Scope(0, 0), lambda session: ensure_key(session, key))
    connection = await engine.store.reading(scope, lambda session: _connected(session, kind))
    if connection is None:
        link = await engine.store.writing(scope, lambda session: invites.create(
            session, scope, f"{platform.manifest.name} company", [kind], [platform.manifest.category]))
        ident = await connect(engine, scope, link.company_id, kind, _credentials(platform, orders))
        connection = await engine.store.reading(scope, lambda session: connections.get(session, ident))
    elif orders is not None and connection.settings.get(SIZE_FIELD) != str(orders):
        had = connection.settings.get(SIZE_FIELD)
        made = f"with --orders {had}" if had else "without --orders"
        raise SetupError(f"The shop in {home} was made {made}. For one of another size type: "
                         f"entrepot demo --orders {orders} --home {home}-{orders}")
    if connection is None:
        raise LookupError("the connection that was just made")
    return DemoCompany(scope, connection.company_id, connection.id, connection.ordinal, kind, platform.manifest.name,
                       key)


def _simulated(engine: Engine) -> Installed:
    for one in engine.installed.values():
        if one.manifest.http.simulator is not None:
            return one
    raise SetupError("No connector with a simulated shop is installed: nothing to show. Type: entrepot serve")


def _connected(session: Session, kind: str) -> Connection | None:
    idents = [one.id for one in companies.listed(session, 0, COMPANIES)]
    for _, found in sorted(connections.of_companies(session, idents).items()):
        for connection in found:
            if connection.integration_type == kind and connection.status != "DISCONNECTED":
                return connection
    return None


def _credentials(platform: Installed, orders: int | None) -> dict[str, str]:
    """The connect form, filled in: the size where the shop has one, its own examples where it needs something."""
    fields = platform.manifest.connect.fields
    filled = {field.name: field.example for field in fields if not field.optional}
    if orders is not None:
        if not any(field.name == SIZE_FIELD for field in fields):
            raise SetupError(f"{platform.manifest.name} cannot be made with another number of orders.")
        filled[SIZE_FIELD] = str(orders)
    return filled


def _key(home: Path, given: str | None) -> str:
    """The key of the home: what was given, else what was kept, else a new one; kept for the next start."""
    path = home / KEY_FILE
    if given is None and path.exists():
        return path.read_text("ascii").strip()
    key = api_keys.make("live").text if given is None else api_keys.adopt(given).text
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key + "\n")
    return key
