"""The receiver that the guide shows takes what is signed as deliveries are, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from entrepot.clock import now
from entrepot.engine import webhook_secrets
from entrepot.engine.signing import Signer
from tests.fitness.sources import read


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    """A secret that the receiver knows."""
    made = webhook_secrets.chosen(None)
    monkeypatch.setenv("WEBHOOK_SECRET", made)
    return made


def test_the_guides_receiver(secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = re.findall(r"^```python\n(.*?)^```", read("docs/webhooks.md"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(found[0], names)  # noqa: S102
    receive: Callable[[dict[str, str], bytes], int] = names["receive"]
    body = b'{"id":"evt_42_1007","type":"UPDATE","data":{"name":"Gr\xc3\xbc\xc3\x9fe"}}'
    good = Signer([secret]).headers("evt_42_1007", now(), body)
    both = Signer([webhook_secrets.chosen(None), secret]).headers("evt_42_1007", now(), body)
    assert [receive(good, body), receive(both, body), receive(good, body + b" ")] == [204, 204, 401]
    wrong = Signer([webhook_secrets.chosen(None)]).headers("evt_42_1007", now(), body)
    assert receive(wrong, body) == 401
    assert capsys.readouterr().out.splitlines() == ["UPDATE {'name': 'Grüße'}"]
