"""API keys: random, shown once, kept as a hash."""

from __future__ import annotations

import re

import pytest

from entrepot.errors import SetupError
from entrepot.vault import api_keys


def test_a_new_key() -> None:
    key = api_keys.make("live")
    assert re.fullmatch(r"ent_live_[0-9A-Za-z]{43}", key.text)
    assert key.shown == key.text[: len("ent_live_") + 6]
    assert key.digest == api_keys.digest(key.text)
    assert len(key.digest) == 32
    assert api_keys.matches(key.text, key.digest)
    assert key.text not in repr(key)
    assert api_keys.make("test").text.startswith("ent_test_")
    assert len({api_keys.make("test").text for _ in range(100)}) == 100


@pytest.mark.parametrize("change", [str.swapcase, lambda text: text[:-1], lambda text: text + "x", lambda _: "",
                                    lambda text: f" {text}", lambda _: "\udcff"])
def test_another_text_does_not_match(change: object) -> None:
    assert callable(change)
    key = api_keys.make("live")
    assert not api_keys.matches(change(key.text), key.digest)
    assert not api_keys.matches(key.text, b"")


def test_an_operators_own_key() -> None:
    key = api_keys.adopt("my-own-key-123456")
    assert key.shown == "my-ow"
    assert api_keys.matches("my-own-key-123456", key.digest)
    for text in ("short", "", "with blanks in it", "ümlautümlaut", "line\nbreak12"):
        with pytest.raises(SetupError, match="at least 8") as caught:
            api_keys.adopt(text)
        assert text == "" or text not in str(caught.value)
