"""The reference page: what lies in the package is what was published, and how it is served."""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.api.house import Answer, House
from tests.fitness.sources import ROOT

pytestmark = pytest.mark.anyio
LIES_IN = files("entrepot.api.reference")
LARGE = 1_000_000


async def get(house: House, path: str, **headers: str) -> Answer:
    """A GET without a key."""
    return await house.call("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def scripts(house: House) -> list[str]:
    """The scripts that the page names."""
    page = await get(house, "/docs")
    return re.findall(r'<script src="([^"]+)"', page.body.decode())


def test_scalar_is_as_it_was_published() -> None:
    told = tomllib.loads((LIES_IN / "VENDORED.toml").read_text())
    script = gzip.decompress((LIES_IN / "scalar.js.gz").read_bytes())
    assert hashlib.sha256(script).hexdigest() == told["sha256"]
    assert f"{told['package']}@{told['version']}".encode() in script
    assert "MIT License" in (LIES_IN / "LICENSE-scalar").read_text()


async def test_the_page_needs_no_key_and_lets_nothing_in_from_elsewhere(house: House) -> None:
    page = await get(house, "/docs")
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert "http" not in page.headers["content-security-policy"]
    assert b"://" not in page.body
    assert re.findall(rb"<script(?! src=)", page.body) == []
    for version in ("v3", "v4"):
        assert f"/openapi/{version}.json".encode() in page.body


async def test_its_scripts_are_kept_by_browsers(house: House) -> None:
    named = await scripts(house)
    assert len(named) == 2
    for path in named:
        packed = await get(house, path, accept_encoding="br, gzip")
        assert packed.headers["content-type"] == "text/javascript; charset=utf-8"
        assert packed.headers["content-encoding"] == "gzip"
        assert "immutable" in packed.headers["cache-control"]
        assert "content-security-policy" in packed.headers
        plain = await get(house, path)
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(packed.body) == plain.body
        assert int(plain.headers["content-length"]) == len(plain.body)
        again = await get(house, path, if_none_match=packed.headers["etag"])
        assert (again.status, again.body) == (304, b"")
    sizes = sorted([len((await get(house, path)).body) for path in named])
    assert sizes[0] < LARGE < sizes[1]


async def test_an_older_script_is_gone_and_says_so(house: House) -> None:
    assert (await get(house, "/docs/scalar-0123456789abcdef.js")).error()["code"] == "not-found"


def test_the_wheel_has_it(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = "entrepot/api/reference"
    assert {f"{folder}/{name}" for name in (
        "scalar.js.gz", "LICENSE-scalar", "VENDORED.toml", "page.html", "start.js", "serving.py")} <= names
