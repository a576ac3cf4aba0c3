"""A platform that exists only here: its manifest, its credentials, and shops over scripts."""

from __future__ import annotations

from entrepot.kit.installed import Installed
from entrepot.kit.manifest import parse
from entrepot.kit.shop import ShopClient
from entrepot.kit.spec import Connector, Shop
from entrepot.kit.testing.replies import Line
from entrepot.kit.testing.scripted import ScriptedTransport
from entrepot.kit.testing.shop import scripted_shop

CANARY = "sk_canary_9f8e7d6c+5b4a/3928&1706"
BASE = "https://shop.example"
MANIFEST = """
id = "sample"
integration_type = "SAMPLE"
name = "Sample"
category = "ECOMMERCE"
docs_url = "https://sample.example/docs"
api_version = "1"
summary = "A platform for tests."
[http]
base_url = "{base_url}/api"
time_limit_s = 30
concurrent = 2
per_minute = 60
[auth]
kind = "basic"
username = "{secret_key}"
[[connect.fields]]
name = "base_url"
label = "Shop address"
example = "https://shop.example"
pattern = "https?://.+"
[[connect.fields]]
name = "secret_key"
label = "Secret key"
help = "Settings, API keys."
secret = true
[[connect.fields]]
name = "note"
label = "Note"
optional = true
"""


async def _probe(shop: Shop) -> dict[str, str]:
    return {"status": str((await shop.get("/store")).status)}


def sample(manifest: str = MANIFEST) -> Installed:
    """The platform as the kit holds it."""
    return Installed(parse(manifest.encode(), "sample"), Connector(streams=(), probe=_probe), "sample")


def shop_of(*script: Line, manifest: str = MANIFEST, platform: ScriptedTransport | None = None) -> ShopClient:
    """A shop whose platform answers these lines."""
    played = platform or ScriptedTransport(script)
    return scripted_shop(sample(manifest), played, {"base_url": BASE, "secret_key": CANARY})
