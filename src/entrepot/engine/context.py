"""What every flow needs at hand, put together once by ``app.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from entrepot.engine.known_keys import KnownKeys
from entrepot.errors import ApiError, NeedsReauth, SetupError
from entrepot.jobs.worker import Worker
from entrepot.kit.connection import Access, Kit
from entrepot.kit.installed import Installed
from entrepot.kit.shop import ShopClient
from entrepot.settings import Settings
from entrepot.store.connections import Connection
from entrepot.store.store import Store
from entrepot.vault.vault import Vault

_SECRETS = msgspec.json.Decoder(dict[str, str])
TABLE = "connections"


@dataclass(frozen=True)
class Engine:
    """The product's parts. ``worker`` holds the jobs of this process, ``known_keys`` who was let in lately."""

    store: Store
    vault: Vault
    kit: Kit
    installed: Mapping[str, Installed]
    settings: Settings
    worker: Worker
    known_keys: KnownKeys = field(default_factory=KnownKeys)

    def platform(self, integration_type: str) -> Installed:
        """The connector of an integration type; ApiError naming those that are installed."""
        found = self.installed.get(integration_type)
        if found is None:
            known = ", ".join(sorted(self.installed))
            raise ApiError(400, "invalid-params", "Invalid field: integration_type. No connector is installed for "
                           f"{integration_type}; send one of {known}.", field="integration_type")
        return found

    def seal(self, connection_id: int, secrets: Mapping[str, str]) -> bytes:
        """A connection's secrets, sealed to its row."""
        return self.vault.seal(msgspec.json.encode(dict(secrets)), table=TABLE, row=connection_id)

    def shop(self, connection: Connection) -> ShopClient:
        """A way to the connection's shop; NeedsReauth when its credentials were forgotten or cannot be opened."""
        if connection.sealed is None:
            raise NeedsReauth("The connection has no credentials any more; connect the shop again.")
        try:
            secrets = _SECRETS.decode(self.vault.open(connection.sealed, table=TABLE, row=connection.id))
        except SetupError as problem:
            raise NeedsReauth(f"The stored credentials cannot be opened: {problem}") from problem
        return self.kit.shop(Access(
            integration_type=connection.integration_type, credentials=secrets, settings=connection.settings,
            platform_url=self.settings.platform_url(connection.integration_type),
        ))
