"""What is taken out of a platform's words, and what is left in."""

from __future__ import annotations

import pytest

from entrepot.kit.redact import Redactor


@pytest.mark.parametrize(("text", "shown"), [
    ("key hunter2-hunter2x is bad", "key [secret] is bad"), ("HUNTER2-HUNTER2X", "[secret]"),
    ("key hunter2-hu... is bad", "key [secret] is bad"), ("hunter is a word", "hunter is a word"),
    ("Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer [secret]"), ("basic instinct", "basic instinct"),
    ("pin is abc", "pin is [secret]"), ("", ""),
])
def test_text(text: str, shown: str) -> None:
    assert Redactor(["hunter2-hunter2x", "abc", "x", ""]).text(text) == shown


def test_forms_of_a_secret() -> None:
    redactor = Redactor(['a pass/word"&'])
    for form in ("a%20pass%2Fword%22%26", "a+pass%2Fword%22%26", r"a pass/word\"&", "a pass/word&quot;&amp;",
                 "YSBwYXNzL3dvcmQiJg"):
        assert redactor.text(f"<{form}>") == "<[secret]>"


def test_nothing_to_hide() -> None:
    assert Redactor([]).text("anything") == "anything"


def test_keys_that_name_secrets_hide_texts_only() -> None:
    body = b'{"secret":"a","secret_count":3,"apiKey":"b","api-key":"c","token":null,"keyboard":"d","Password":""}'
    assert Redactor([]).platform_error(body) == (
        '{"secret":"[secret]","secret_count":3,"apiKey":"[secret]","api-key":"[secret]","token":null,'
        '"keyboard":"d","Password":""}')


def test_a_number_may_be_a_secret() -> None:
    assert Redactor(["12345678"]).platform_error(b'{"pin":12345678,"other":12.5}') == '{"pin":"[secret]","other":12.5}'
