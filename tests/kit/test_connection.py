"""From an opened connection to a shop: which transport, which address, which budget."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from entrepot.errors import Rejected, SetupError, Throttled, Transient
from entrepot.kit.connection import Access, AllowPrivate, Kit
from entrepot.kit.testing.clock import FakeClock
from entrepot.kit.testing.replies import answer, throttled
from entrepot.kit.testing.scripted import ScriptedTransport
from tests.kit import apps
from tests.kit.sample import BASE, CANARY, MANIFEST, sample
from tests.kit.test_http import serving

pytestmark = pytest.mark.anyio
SIMULATED = MANIFEST.replace("time_limit_s = 30", 'simulator = "tests.kit.apps:create"')


def access(base: str = BASE, key: str = CANARY, **rest: str) -> Access:
    return Access("SAMPLE", {"secret_key": key}, {"base_url": base, "shop_name": "learned"}, rest.get("platform_url"))


def kit(home: Path, manifest: str = MANIFEST, allow: str = "", platform: ScriptedTransport | None = None) -> Kit:
    return Kit({"SAMPLE": sample(manifest)}, allow_private=AllowPrivate.parse(allow), home=home, transport=platform,
               timing=platform.clock if platform else FakeClock())


async def test_a_real_shop_over_a_socket(tmp_path: Path) -> None:
    async def store(request: web.Request) -> web.Response:
        return web.json_response({"path": request.path, "key": request.headers["authorization"][:6]})

    async with serving(store) as port:
        one = kit(tmp_path, allow="127.0.0.1")
        shop = one.shop(access(f"http://127.0.0.1:{port}"))
        assert (await shop.get("/store")).body == b'{"path": "/api/store", "key": "Basic "}'
        assert shop.settings["shop_name"] == "learned"
        await one.close()
        refused = kit(tmp_path)
        with pytest.raises(Rejected, match=r"ENTREPOT_ALLOW_PRIVATE_HOSTS=127\.0\.0\.1") as caught:
            await refused.shop(access(f"http://127.0.0.1:{port}")).get("/store")
        assert caught.value.code == "operation-denied"
        await refused.close()


@pytest.mark.parametrize("location", ["http://127.0.0.2:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/"])
async def test_a_shop_that_redirects_to_another_private_host(tmp_path: Path, location: str) -> None:
    asked: list[str] = []

    async def move(request: web.Request) -> web.Response:
        asked.append(request.host)
        port = request.host.rpartition(":")[2]
        raise web.HTTPFound(location.replace("{port}", port))

    async with serving(move) as port:
        one = kit(tmp_path, allow="1")
        with pytest.raises(Rejected, match="redirect to another address"):
            await one.shop(access(f"http://127.0.0.1:{port}")).get("/store")
        await one.close()
    assert asked == [f"127.0.0.1:{port}"]


async def test_a_simulator_is_used_unless_the_operator_points_elsewhere(tmp_path: Path) -> None:
    apps.events.clear()
    one = kit(tmp_path, SIMULATED)
    assert (await one.shop(access()).get("/pieces")).status == 200
    await one.shop(access()).get("/pieces")
    assert apps.events == [f"create {tmp_path.name} {{'base_url': '{BASE}'}}", "startup"]
    with pytest.raises(Transient):
        await one.shop(access(platform_url="http://shop.invalid")).get("/store")
    await one.close()
    assert apps.events[-1] == "shutdown"


async def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"No connector for OTHER is installed \(installed: SAMPLE\)"):
        kit(tmp_path).shop(Access("OTHER", {}, {}))
    with pytest.raises(Rejected) as caught:
        kit(tmp_path).shop(access("ftp://shop.example"))
    assert caught.value.field == "base_url"
    bearer = MANIFEST.replace('"basic"', '"bearer"\nvalue = "{secret_key}"').replace('username = "{secret_key}"', "")
    with pytest.raises(Rejected) as caught:
        kit(tmp_path, bearer).shop(access(key="k\u00e9y"))
    assert caught.value.field == "secret_key"


async def test_a_budget_belongs_to_a_shop_and_its_key(tmp_path: Path) -> None:
    platform = ScriptedTransport([throttled(60), answer([1]), answer([2])])
    one = kit(tmp_path, platform=platform)
    with pytest.raises(Throttled):
        await one.shop(access()).get("/a")
    with pytest.raises(Throttled):
        await one.shop(access()).get("/a")
    assert (await one.shop(access(key="another-key-entirely")).get("/a")).body == b"[1]"
    assert (await one.shop(access("https://other.example")).get("/a")).body == b"[2]"
    assert len(platform.requests) == 3
