"""No secret in any text of any failure: every status, body and header that might carry one back to us."""

from __future__ import annotations

import base64
import logging
import traceback
from urllib.parse import quote

import pytest

from entrepot.errors import PlatformFault
from entrepot.kit.connection import Access
from entrepot.kit.json import ENCODER
from entrepot.kit.testing.replies import FAILURES, Line, redirect
from entrepot.kit.testing.scripted import ScriptedTransport
from entrepot.kit.transport import Reply
from tests.kit.sample import BASE, CANARY, MANIFEST, shop_of

pytestmark = pytest.mark.anyio

PAIR = base64.b64encode(f"{CANARY}:".encode()).decode()
FORMS = (CANARY, PAIR, quote(CANARY, safe=""), quote(CANARY), CANARY.replace("&", "&amp;"), CANARY[:20],
         ENCODER.encode(CANARY).decode().strip('"'), base64.b64encode(CANARY.encode()).decode(),
         base64.urlsafe_b64encode(CANARY.encode()).decode(), f"Bearer {CANARY}", f"Basic {PAIR}", CANARY.upper())
TRACES = ("canary_9f8e", "CANARY_9F8E", PAIR[4:24], "9f8e7d6c", "3928&1706", "3928%261706")
STATUSES = (200, 201, 301, 302, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 418, 422, 425, 429, 500, 502, 503,
            599)


def bodies(form: str) -> dict[str, bytes]:
    """A secret said back in every way that a platform may."""
    return {
        "message": ENCODER.encode({"message": f"Invalid key {form}."}),
        "nested": ENCODER.encode({"errors": [{"detail": {"said": [f"x{form}y"]}}]}),
        "key": ENCODER.encode({form: 1, f"a {form}": {"b": form}}),
        "named": ENCODER.encode({"authorization": f"Basic {form}", "api_key": form, "set-cookie": form}),
        "text": f"key {form} is wrong".encode(),
        "html": f"<html><title>Denied {form}</title><body>{form}</body></html>".encode(),
        "broken": ENCODER.encode({"message": form})[:-2],
        "long": ENCODER.encode({"a": ("." * 97 + form) * 900}),
        "at the cut": b'"' + b"." * (4096 - 10) + form.encode() + b"." * 70_000 + b'"',
        "at the first cut": b'"' + b"\\u0001" * 10 + b"." * (65_536 - 70) + form.encode() + b'"',
    }


def shown(fault: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    platform_error = getattr(fault, "platform_error", None)
    return "\n".join((
        str(fault), repr(fault), repr(fault.args), str(platform_error), str(vars(fault)),
        "".join(traceback.format_exception(fault)), caplog.text,
        *("".join(traceback.format_exception(one)) for one in (fault.__cause__, fault.__context__) if one),
    ))


async def check(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for writes in (False, True):
        shop = shop_of(platform=ScriptedTransport(lambda _: line))
        try:
            await shop.send("POST" if writes else "GET", f"/things/{CANARY}", {"key": CANARY}, writes=writes)
        except PlatformFault as fault:
            text = shown(fault, caplog)
            for trace in TRACES:
                assert trace not in text, f"{trace} in {text[:500]}"
        assert CANARY not in repr(shop) + repr(shop.door)


@pytest.mark.parametrize("status", STATUSES)
async def test_no_status_brings_a_secret_back(status: int, caplog: pytest.LogCaptureFixture) -> None:
    for kind in ("application/json", "text/html", f"text/plain; x={CANARY}"):
        for body in bodies(CANARY).values():
            await check(Line(Reply(status, {"content-type": kind}, body)), caplog)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", [200, 400])
async def test_no_form_of_a_secret_comes_back(form: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    for body in bodies(form).values():
        await check(Line(Reply(status, {"content-type": "application/json"}, body)), caplog)


@pytest.mark.parametrize("status", STATUSES)
async def test_no_header_brings_a_secret_back(status: int, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("location", "retry-after", "www-authenticate", "set-cookie", "content-type", "x-request-id"):
        for value in (CANARY, f"https://evil.example/?key={CANARY}", f"/api/{CANARY}?key={PAIR}"):
            await check(Line(Reply(status, {name: value}, b"{}")), caplog)


@pytest.mark.parametrize("name", FAILURES)
async def test_no_failure_of_the_script_shows_a_secret(name: str, caplog: pytest.LogCaptureFixture) -> None:
    await check(FAILURES[name], caplog)


async def test_a_redirect_elsewhere_does_not_repeat_its_query(caplog: pytest.LogCaptureFixture) -> None:
    await check(redirect(f"https://evil.example/{CANARY}?a={PAIR}"), caplog)


@pytest.mark.parametrize("kind", [
    '"bearer"\nvalue = "{secret_key}"', '"header"\nheader = "X-Key"\nvalue = "k={secret_key}"',
])
async def test_other_kinds_of_auth_hide_it_too(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    manifest = MANIFEST.replace('"basic"', kind).replace('username = "{secret_key}"', "")
    line = Line(Reply(400, {}, ENCODER.encode({"message": f"Bad k={CANARY} and {PAIR}"})))
    with pytest.raises(PlatformFault) as caught:
        await shop_of(line, manifest=manifest).get("/x")
    assert CANARY not in shown(caught.value, caplog)


def test_an_access_does_not_show_its_credentials() -> None:
    assert CANARY not in repr(Access("SAMPLE", {"secret_key": CANARY}, {"base_url": BASE}))
