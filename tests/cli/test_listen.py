"""A receiver to try webhooks with: it verifies, prints, and says what it thinks of a wrong secret."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.cli.processes import Running, entrepot

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT = {"type": "CREATE", "data_model": "ECOMMERCE_ORDERS", "initial": True, "data": {"name": "John"}}


@pytest.fixture
def listening(home: Path) -> Iterator[tuple[Running, str]]:
    """The command, and where it listens."""
    running = Running(home, "listen", "--port", "0", "--body", WEBHOOK_SECRET=SECRET)
    try:
        found = re.search(r"http://\S+", running.wait_for("listening at"))
        assert found
        yield running, found[0]
    finally:
        running.close()


def post(url: str, body: str, **headers: str) -> int:
    request = urllib.request.Request(url, body.encode(), {name.replace("_", "-"): value
                                                          for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_what_is_signed_is_printed_and_what_is_not_is_refused(listening: tuple[Running, str]) -> None:
    running, url = listening
    body, now = json.dumps(EVENT), datetime.now(UTC)
    signed = {"webhook_id": "evt_1_2", "webhook_timestamp": str(int(now.timestamp())),
              "webhook_signature": Webhook(SECRET).sign("evt_1_2", now, body)}
    assert post(url, body, **signed) == 204
    running.wait_for("verified  CREATE  ECOMMERCE_ORDERS  initial  evt_1_2")
    running.wait_for('"name": "John"')
    assert post(url, body.replace("John", "Jane"), **signed) == 401
    running.wait_for("REFUSED (No matching signature found)")
    assert post(url, "no json") == 401
    running.wait_for("REFUSED (Missing required headers)")
    assert running.stop() == 0


def test_a_secret_that_is_none_is_told_at_once(home: Path) -> None:
    done = entrepot(home, "listen", "--port", "0", "--secret", "whsec_!")
    assert done.returncode == 1
    assert "--secret is no webhook secret" in done.stderr
