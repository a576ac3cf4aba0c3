"""The README's chapter on the API, typed as it stands: line after line, ids taken from the answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import Running, until
from tests.end_to_end.house import free_port

README = Path(__file__).resolve().parents[2] / "README.md"
STEPS = {"Connect": 2, "Read before it is synced": 1, "Sync": 3, "Query": 2, "Write": 1, "Webhook": 2, "Passthrough": 1,
         "Real time": 1}
"""Headings and how many lines each has."""


def chapter() -> dict[str, list[str]]:
    """The lines to type below each heading of the chapter; a line that ends with a backslash goes on."""
    text = README.read_text().split("\n## The API", 1)[1].split("\n## ", 1)[0]
    found: dict[str, list[str]] = {}
    for part in text.split("\n### ")[1:]:
        heading, _, rest = part.partition("\n")
        typed = "\n".join(re.findall(r"```sh\n(.*?)```", rest, re.DOTALL))
        found[heading] = [line for line in re.split(r"(?<!\\)\n", typed) if line.strip()]
    return found


@dataclass
class Page:
    """The demo as `make demo` starts it, a receiver beside it, and a shell in which the page is typed."""

    port: int
    hooks: int
    receiver: Running
    variables: dict[str, str]
    steps: dict[str, list[str]] = field(default_factory=chapter)
    headers: dict[str, str] = field(default_factory=dict)
    """Of the last answer that was asked for with them."""

    def answer(self, step: str, number: int = 0) -> Any:
        """Type a line of a step; its answer, which is no error."""
        line = self.steps[step][number]
        text = line.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}").replace(
            "127.0.0.1:9000", f"127.0.0.1:{self.hooks}")
        done = subprocess.run(["bash", "-euc", text], env={**os.environ, **self.variables}, capture_output=True,
                              text=True, timeout=90, check=False)
        assert done.returncode == 0, (line, done.stderr)
        body = done.stdout
        if body.startswith("HTTP/"):
            head, _, body = body.partition("\n\n")
            named = (one.partition(":") for one in head.splitlines()[1:])
            self.headers = {name.lower(): value.strip() for name, _, value in named}
        found = json.loads(body)
        assert "error" not in found, found
        return found

    def keep(self, **values: object) -> None:
        """What the page tells to remember."""
        self.variables |= {name: str(value) for name, value in values.items()}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Everything running."""
    home, port, hooks = tmp_path_factory.mktemp("readme") / "home", free_port(), free_port()
    demo = Running(home, "demo", "--port", str(port), "--orders", "60")
    receiver = Running(home, "listen", "--port", str(hooks))
    try:
        receiver.wait_for("listening at")
        demo.wait_for("Ctrl-C stops it")
        found = re.search(r"API key (\S+), company", demo.said)
        assert found
        yield Page(port, hooks, receiver, {"KEY": found[1]})
        assert "Traceback" not in demo.said + receiver.said
    finally:
        demo.close()
        receiver.close()


def test_the_chapter_has_its_steps_and_no_line_is_left_out() -> None:
    steps = chapter()
    assert {name: len(lines) for name, lines in steps.items()} == STEPS
    assert all(line.startswith("curl ") for lines in steps.values() for line in lines)


def test_the_chapter_as_it_stands(page: Page) -> None:
    page.keep(COMPANY=page.answer("Connect")["data"]["rootfi_company_id"])
    connected = page.answer("Connect", 1)["data"]
    assert (connected["connection_status"], connected["integration_type"]) == ("HEALTHY", "ROOTFI_SANDBOX")

    live = page.answer("Read before it is synced")["data"]
    assert len(live) == 2
    assert page.headers["x-entrepot-via"] == "live"
    assert page.headers["x-entrepot-as-of"].startswith("20")

    page.keep(SYNC=page.answer("Sync")["data"]["sync_id"])
    until(lambda: page.answer("Sync", 1)["data"]["status"] not in ("CREATED", "RUNNING"))
    assert page.answer("Sync", 1)["data"]["status"] == "SUCCESS"
    fetched = {job["data_model"]: job["fetched"] for job in page.answer("Sync", 2)["data"]}
    assert fetched["ECOMMERCE_ORDERS"] >= 3000
    assert fetched["ECOMMERCE_PRODUCTS"] > 0

    found = page.answer("Query")
    assert found["total_count"] is not None
    assert all(order["total_amount"] >= 50 and order["customer"] for order in found["data"])
    assert all(order["line_items"] for order in page.answer("Query", 1)["data"])

    written = page.answer("Write")
    assert written["data"][0]["name"] == "Ada Lovelace"
    assert page.answer("Write") == written

    hook = page.answer("Webhook")["data"]
    assert hook["signing_secret"].startswith("whsec_")
    page.keep(HOOK=hook["rootfi_id"])
    assert page.answer("Webhook", 1)["data"]["state"] == "DELIVERED"
    page.receiver.wait_for("received  TEST")

    assert page.answer("Passthrough")["data"]["name"]
    read = page.answer("Real time")["data"]["data"]
    assert len(read) == 2
    assert all(product["platform_id"] for product in read)
