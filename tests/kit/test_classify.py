"""Each answer, and each silence, becomes the fault that causes the right decision."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from entrepot.errors import (
    Missing,
    NeedsReauth,
    OutcomeUnknown,
    PlatformFault,
    Rejected,
    Throttled,
    Transient,
)
from entrepot.kit.testing import replies
from entrepot.kit.testing.clock import START
from entrepot.kit.testing.replies import DAY_S, FAILURES, Line, answer, html, refusal, throttled
from tests.kit.sample import shop_of

pytestmark = pytest.mark.anyio

# Failure: what a read raises, what a write raises.
EXPECTED: dict[str, tuple[type[PlatformFault], type[PlatformFault]]] = {
    "401": (NeedsReauth, NeedsReauth), "403": (Rejected, Rejected), "404": (Missing, Missing),
    "409": (Rejected, Rejected), "422": (Rejected, Rejected), "400": (Rejected, Rejected),
    "429 for a day": (Throttled, Throttled), "500": (Transient, OutcomeUnknown), "503": (Transient, OutcomeUnknown),
    "html": (Transient, OutcomeUnknown), "404 page": (Transient, Rejected), "502 page": (Transient, OutcomeUnknown),
    "truncated json": (Transient, OutcomeUnknown), "stall": (Transient, OutcomeUnknown),
    "reset": (Transient, OutcomeUnknown), "broken off": (Transient, OutcomeUnknown),
    "refused": (Transient, Transient), "redirect to private": (Rejected, Rejected),
}


async def fault_of(line: Line, *, writes: bool) -> PlatformFault:
    with pytest.raises(PlatformFault) as caught:
        await shop_of(line).send("POST" if writes else "GET", "/things", {"a": 1}, writes=writes)
    return caught.value


def test_every_failure_is_expected() -> None:
    assert set(EXPECTED) == set(FAILURES)


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("writes", [False, True])
async def test_each_failure(name: str, writes: bool) -> None:
    assert type(await fault_of(FAILURES[name], writes=writes)) is EXPECTED[name][writes]


@pytest.mark.parametrize(("status", "code"), [
    (400, "invalid-params"), (422, "invalid-params"), (409, "record-already-exists"), (403, "platform-denied"),
    (402, "platform-denied"), (405, "platform-denied"), (418, "platform-denied"), (304, "platform-denied"),
])
async def test_refusals_have_a_code_and_the_platforms_words(status: int, code: str) -> None:
    fault = await fault_of(refusal(status, {"type": "x", "message": "Email is taken"}), writes=True)
    assert isinstance(fault, Rejected)
    assert (fault.code, fault.field) == (code, None)
    assert fault.platform_error == '{"type":"x","message":"Email is taken"}'
    assert fault.message == f"Sample answered {status} to POST /api/things: Email is taken"


@pytest.mark.parametrize("status", [408, 425, 500, 502, 599])
async def test_what_may_have_happened(status: int) -> None:
    assert type(await fault_of(refusal(status), writes=False)) is Transient
    assert type(await fault_of(refusal(status), writes=True)) is OutcomeUnknown


@pytest.mark.parametrize(("asked", "seconds"), [
    ("7", 7), ("0.5", 0.5), (str(DAY_S), DAY_S), (str(10 * DAY_S), DAY_S), ("inf", DAY_S), ("nan", 30), ("-5", 30),
    ("0", 30), ("soon", 30), ("", 30), ("Thu, 01 Jan 2026 00:02:00 GMT", 120), ("Wed, 31 Dec 2025 00:00:00 GMT", 30),
    ("Thu, 01 Jan 2026 00:02:00 -0000", 120),
])
async def test_how_long_to_wait(asked: str, seconds: float) -> None:
    fault = await fault_of(throttled(asked), writes=False)
    assert isinstance(fault, Throttled)
    assert fault.until == START + timedelta(seconds=seconds)


@pytest.mark.parametrize(("body", "shown"), [
    (b"", None), (b"plain words", '"plain words"'), (b'{"a":[1,2.5,null,true]}', '{"a":[1,2.5,null,true]}'),
    (b"<html><title>Bad &amp; sad</title>", '"HTML page: Bad & sad"'), (b"<p>x", '"HTML page"'),
    (b'{"token":"abc","n":{"password":"x"}}', '{"token":"[secret]","n":{"password":"[secret]"}}'),
])
async def test_the_platforms_error(body: bytes, shown: str | None) -> None:
    assert (await fault_of(answer(body, 400), writes=False)).platform_error == shown


@pytest.mark.parametrize("body", [b'{"m":"' + b"x" * 200_000 + b'"}', b"y" * 200_000, b'"' + b'\\"' * 50_000 + b'"'])
async def test_the_platforms_error_is_at_most_4_kb_of_json(body: bytes) -> None:
    shown = (await fault_of(answer(body, 400), writes=False)).platform_error
    assert shown is not None
    assert len(shown) <= 4100
    msgspec.json.decode(shown)


async def test_deep_nesting_does_no_harm() -> None:
    assert isinstance(await fault_of(answer(b"[" * 60_000, 400), writes=False), Rejected)
    assert isinstance(await fault_of(answer(b"[" * 60_000), writes=False), Transient)


@pytest.mark.parametrize("line", [
    answer({"rows": []}), answer(), answer(status=204), answer({"a": 1}, 201),
    answer(b"a,b\n1,2", headers={"content-type": "text/csv"}),
    answer(b'{"a":1}\n{"a":2}\n', headers={"content-type": "application/x-ndjson"}),
])
async def test_good_answers_pass(line: Line) -> None:
    reply = await shop_of(line).get("/things")
    assert line.reply is not None
    assert (reply.status, reply.body) == (line.reply.status, line.reply.body)


@pytest.mark.parametrize("body", [replies.HTML, b"\xef\xbb\xbf <html>", b"\n<!doctype html>"])
async def test_a_web_page_is_known_by_its_body_too(body: bytes) -> None:
    assert isinstance(await fault_of(answer(body), writes=False), Transient)
    assert isinstance(await fault_of(html(200, b"not even markup"), writes=False), Transient)
