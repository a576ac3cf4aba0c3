"""The headers that prove who we are."""

from __future__ import annotations

import base64

import pytest

from entrepot.errors import Rejected
from entrepot.kit.auth import auth_headers, header_secrets
from entrepot.kit.manifest import Auth

VALUES = {"key": "abc", "secret": "d\u00e9f", "bad": "a\r\nx: y"}


def test_kinds() -> None:
    assert auth_headers(Auth(), VALUES) == {}
    basic = auth_headers(Auth(kind="basic", username="{key}", password="{secret}"), VALUES)
    assert base64.b64decode(basic["authorization"].removeprefix("Basic ")).decode() == "abc:d\u00e9f"
    assert auth_headers(Auth(kind="bearer", value="{key}"), VALUES) == {"authorization": "Bearer abc"}
    assert auth_headers(Auth(kind="header", header="X-Key", value="k {key}"), VALUES) == {"x-key": "k abc"}


@pytest.mark.parametrize("name", ["secret", "bad"])
def test_what_no_header_can_carry(name: str) -> None:
    for auth in (Auth(kind="bearer", value=f"{{{name}}}"), Auth(kind="header", header="x", value=f"{{{name}}}")):
        with pytest.raises(Rejected) as caught:
            auth_headers(auth, VALUES)
        assert caught.value.field == name
        assert VALUES[name] not in caught.value.message


def test_what_is_secret_of_a_header() -> None:
    assert header_secrets({"authorization": "Bearer abc"}) == ("Bearer abc", "abc")
