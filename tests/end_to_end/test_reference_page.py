"""The reference page in a real browser: it shows the calls, and asks nobody but this server for anything."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import chromium
from tests.end_to_end.house import House

pytestmark = pytest.mark.browser
LOAD_MS = 20_000
"""Of the browser's own clock, which runs ahead while the page has nothing to do."""


@dataclass(frozen=True)
class Visit:
    """What a browser made of a page."""

    html: str
    """The document after its scripts have run."""
    said: str
    """The browser's log, the page's console and what its policy refused among it."""
    asked: list[str]
    """The addresses that the page asked for, one line for each request."""


def visit(url: str, folder: Path) -> Visit:
    """Load a page and let its scripts run."""
    net_log = folder / "net.json"
    done = subprocess.run(
        [chromium() or "", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--no-first-run",
         f"--user-data-dir={folder / 'profile'}", f"--log-net-log={net_log}", "--enable-logging=stderr",
         f"--virtual-time-budget={LOAD_MS}", "--dump-dom", url],
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return Visit(done.stdout, done.stderr, asked_by_pages(json.loads(net_log.read_text())))


def asked_by_pages(log: dict[str, Any]) -> list[str]:
    """The addresses of the requests that a page is behind; the browser's own errands have no initiator that is one."""
    found = []
    for event in log["events"]:
        told = event.get("params", {})
        if "url" in told and str(told.get("initiator", "")).startswith("http"):
            found.append(str(told["url"]))
    return found


@pytest.mark.parametrize("version", ["v4", "v3"])
def test_it_shows_the_calls_and_asks_nobody_else(house: House, tmp_path: Path, version: str) -> None:
    origin = f"http://127.0.0.1:{house.port}"
    seen = visit(f"{origin}/docs" + ("?api=v3" if version == "v3" else ""), tmp_path)
    document = house.api.get(f"/openapi/{version}.json")
    assert f"Entrepot {version}" in seen.html
    for tag in document["tags"]:
        assert tag["name"] in seen.html, tag
    first = next(iter(document["paths"].values()))
    assert next(iter(first.values()))["summary"] in seen.html
    assert seen.asked
    assert {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in seen.asked
            if not url.startswith(("data:", "blob:"))} == {origin}
    assert f"{origin}/openapi/{version}.json" in seen.asked
    console = [line for line in seen.said.splitlines() if "CONSOLE" in line]
    assert [line for line in console if "Content Security Policy" in line or "ERROR" in line.split("CONSOLE")[0]] == []
    for button in ("Ask AI", "Generate MCP", "client.scalar.com", "Developer Tools"):
        assert button not in seen.html
