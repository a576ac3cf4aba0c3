"""What the engine hands in, and what it gets: from an opened connection to a shop that can be called."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from entrepot.errors import SetupError
from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.asgi import AsgiTransports
from entrepot.kit.auth import auth_headers, header_secrets
from entrepot.kit.form import base_url
from entrepot.kit.hooks import Hooks
from entrepot.kit.http import HttpTransport
from entrepot.kit.installed import Installed
from entrepot.kit.limits import Lanes
from entrepot.kit.manifest import Manifest
from entrepot.kit.redact import Redactor
from entrepot.kit.shop import Door, ShopClient
from entrepot.kit.timing import WALL_CLOCK, Timing
from entrepot.kit.transport import Transport

__all__ = ["Access", "AllowPrivate", "Kit", "ShopClient"]


@dataclass(frozen=True)
class Access:
    """One connection, its credentials opened."""

    integration_type: str
    credentials: Mapping[str, str] = field(repr=False)
    """Fields of the connect form; the open ones may stand here or in the settings."""
    settings: Mapping[str, str]
    """The connect form's fields that are not secret, and what the probe learned."""
    platform_url: str | None = None
    """The operator's ENTREPOT_PLATFORM_URL_<TYPE>."""


class Kit:
    """Everything between the engine and the platforms. One per process and event loop; ``close`` it."""

    def __init__(
        self, installed: Mapping[str, Installed], *, allow_private: AllowPrivate, home: Path,
        timing: Timing = WALL_CLOCK, transport: Transport | None = None,
    ) -> None:
        """``transport`` takes the place of every way out (for tests)."""
        self.installed = installed
        self._timing = timing
        self._lanes = Lanes(timing)
        self._fixed = transport
        self._http = HttpTransport(allow_private)
        self.hooks = Hooks(allow_private, transport)
        self._simulators = AsgiTransports(home)
        self._pepper = os.urandom(16)

    def shop(self, access: Access) -> ShopClient:
        """The shop of a connection. Rejected naming a form field when its values cannot be used."""
        manifest = self._manifest(access.integration_type)
        values = {**access.settings, **access.credentials}
        origin, prefix = base_url(manifest, values, access.platform_url)
        proofs = auth_headers(manifest.auth, values)
        secrets = [values[name] for name in manifest.secret_names if name in values]
        door = Door(
            platform=manifest.name, origin=origin, prefix=prefix,
            headers={"accept": "application/json", **_lower(manifest.http.headers), **proofs},
            time_limit_s=manifest.http.time_limit_s, answer_limit=manifest.http.answer_limit_mb * 1024 * 1024,
            redactor=Redactor([*secrets, *header_secrets(proofs)]), proofs=frozenset(proofs),
        )
        http = manifest.http
        lane = self._lanes.lane(self._lane_key(access, origin, secrets), http.concurrent, http.per_minute)
        return ShopClient(door, access.settings, self._transport(manifest, access, values), lane, self._timing)

    async def close(self) -> None:
        """Close connections and stop the simulators."""
        await self._http.close()
        await self.hooks.close()
        await self._simulators.close()

    def _manifest(self, integration_type: str) -> Manifest:
        one = self.installed.get(integration_type)
        if one is None:
            known = ", ".join(self.installed) or "none"
            raise SetupError(f"No connector for {integration_type} is installed (installed: {known})")
        return one.manifest

    def _transport(self, manifest: Manifest, access: Access, values: Mapping[str, str]) -> Transport:
        if self._fixed is not None:
            return self._fixed
        if manifest.http.simulator is None or access.platform_url is not None:
            return self._http
        # Only the form's fields: what the probe learned must not start a second app on the same home.
        settings = {name: values[name] for name in sorted(manifest.open_names) if name in values}
        return self._simulators.of(manifest.http.simulator, settings)

    def _lane_key(self, access: Access, origin: str, secrets: list[str]) -> bytes:
        # Two connections with the same key to the same shop share its budget, as the platform counts it.
        text = "\0".join((access.integration_type, origin, *sorted(secrets)))
        return hashlib.blake2b(text.encode(), key=self._pepper, digest_size=16).digest()


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
