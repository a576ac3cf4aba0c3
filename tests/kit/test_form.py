"""What a merchant types is checked before anything is called, and cannot move a fixed host."""

from __future__ import annotations

import pytest

from entrepot.errors import Rejected
from entrepot.kit.form import base_url, check_form
from entrepot.kit.manifest import parse
from tests.kit.sample import CANARY, MANIFEST

SAMPLE = parse(MANIFEST.encode(), "sample")
FIXED = parse(MANIFEST.replace("{base_url}/api", "https://{note}.shops.example/api/1").encode(), "fixed")
GOOD = {"base_url": "https://shop.example/", "secret_key": CANARY}


def test_blanks_are_stripped() -> None:
    given = {"base_url": " https://shop.example ", "secret_key": f"{CANARY}\n", "note": " "}
    assert check_form(SAMPLE, given) == {"base_url": "https://shop.example", "secret_key": CANARY}


@pytest.mark.parametrize(("change", "code", "field", "says"), [
    ({"secret_key": " "}, "missing-params", "secret_key", "Secret key is needed. Settings, API keys."),
    ({"base_url": "shop.example"}, "invalid-params", "base_url", "Example: https://shop.example"),
    ({"colour": "red"}, "invalid-params", "colour", "it takes: base_url, note, secret_key"),
    ({"secret_key": f"{CANARY}\r\nx: y"}, "invalid-params", "secret_key", "line break"),
    ({"base_url": "https://user:pw@shop.example"}, "invalid-params", "base_url", "without user"),
    ({"base_url": "https://shop.example/?a=1"}, "invalid-params", "base_url", "without user"),
    ({"base_url": "https://shop.example:port"}, "invalid-params", "base_url", "without user"),
])
def test_what_is_wrong_is_named(change: dict[str, str], code: str, field: str, says: str) -> None:
    with pytest.raises(Rejected) as caught:
        check_form(SAMPLE, {**GOOD, **change})
    assert (caught.value.code, caught.value.field) == (code, field)
    assert says in caught.value.message
    assert CANARY not in caught.value.message


@pytest.mark.parametrize(("given", "origin", "prefix"), [
    ("https://Shop.Example/", "https://shop.example", "/api"),
    ("https://shop.example:443", "https://shop.example", "/api"),
    ("http://shop.example:8080/sub/", "http://shop.example:8080", "/sub/api"),
    ("http://[::1]:80", "http://[::1]", "/api"),
])
def test_origin_and_prefix(given: str, origin: str, prefix: str) -> None:
    assert base_url(SAMPLE, {"base_url": given}) == (origin, prefix)


def test_the_operator_may_point_elsewhere() -> None:
    moved = base_url(FIXED, {"note": "abc"}, "http://127.0.0.1:9000/fake/")
    assert moved == ("http://127.0.0.1:9000", "/fake/api/1")


@pytest.mark.parametrize("word", ["evil.example/", "evil.example#", "evil.example?", "a@b", "a:b", "..", "a/../b", "",
                                  "evil.example\\", "a b", "%2f"])
def test_a_field_cannot_move_a_fixed_host(word: str) -> None:
    with pytest.raises(Rejected) as caught:
        base_url(FIXED, {"note": word})
    assert caught.value.field == "note"
    assert base_url(FIXED, {"note": "abc"}) == ("https://abc.shops.example", "/api/1")
