"""A shop of any connector over a scripted platform.

    clock = FakeClock()
    platform = ScriptedTransport([answer({"store": {"id": "1"}})], clock)
    shop = scripted_shop("entrepot.connectors.medusa", platform, {"base_url": "https://shop.example", ...})
    await load("entrepot.connectors.medusa").connector.probe(shop)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.connection import Access, Kit
from entrepot.kit.installed import Installed, load
from entrepot.kit.shop import ShopClient
from entrepot.kit.testing.scripted import ScriptedTransport


def scripted_shop(
    connector: str | Installed, platform: ScriptedTransport, credentials: Mapping[str, str],
    settings: Mapping[str, str] | None = None,
) -> ShopClient:
    """A shop on the platform's own clock. ``connector`` is a package name or what ``load`` gave."""
    one = load(connector) if isinstance(connector, str) else connector
    kind = one.manifest.integration_type
    kit = Kit({kind: one}, allow_private=AllowPrivate(), home=Path("unused"), timing=platform.clock, transport=platform)
    return kit.shop(Access(kind, credentials, settings or {}))
