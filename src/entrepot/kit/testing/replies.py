"""What a platform may answer, good and bad, ready to be put into a script.

A script's line is a :class:`Line`: a reply, or the trouble that takes its place, and the seconds that pass meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from entrepot.kit.json import ENCODER
from entrepot.kit.transport import Reply, Trouble

DAY_S = 86_400
PRIVATE_URL = "http://169.254.169.254/latest/meta-data/"
HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>"


@dataclass(frozen=True)
class Line:
    """One answer of a script."""

    reply: Reply | None = None
    trouble: Trouble | None = None
    takes_s: float = 0.0
    """Seconds on the fake clock."""
    until_limit: bool = field(default=False)
    """It takes the call's whole time limit instead."""


def answer(body: object = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Line:
    """A JSON answer; ``body`` is anything that can be encoded, bytes are sent as they are, None is an empty body."""
    text = body if isinstance(body, bytes) else b"" if body is None else ENCODER.encode(body)
    return Line(Reply(status, {"content-type": "application/json; charset=utf-8", **(headers or {})}, text))


def refusal(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Line:
    """An error status with a JSON body such as platforms send."""
    said = {"message": f"status {status}"} if body is None else body
    return answer(said, status, headers)


def html(status: int = 200, body: bytes = HTML) -> Line:
    """A web page where JSON was promised."""
    return Line(Reply(status, {"content-type": "text/html"}, body))


def truncated_json(body: object = None) -> Line:
    """A 200 whose JSON breaks off in the middle, with nothing at the HTTP level to tell."""
    text = ENCODER.encode({"rows": [{"id": 1}, {"id": 2}]} if body is None else body)
    return answer(text[: len(text) * 2 // 3])


def throttled(retry_after: str | int = DAY_S) -> Line:
    """429, asking for a day by default."""
    return refusal(429, None, {"retry-after": str(retry_after)})


def redirect(location: str = PRIVATE_URL, status: int = 302) -> Line:
    """A redirect, to the cloud's metadata address by default."""
    return Line(Reply(status, {"location": location}, b""))


def stall() -> Line:
    """The request is taken and no answer comes within the time limit."""
    return Line(trouble="timeout", until_limit=True)


def reset() -> Line:
    """The connection is lost after the request was sent."""
    return Line(trouble="reset")


def broken_off() -> Line:
    """The answer's body ends before its announced length."""
    return Line(trouble="truncated")


def connection_refused() -> Line:
    """Nothing listens: nothing was sent."""
    return Line(trouble="refused")


FAILURES: Mapping[str, Line] = {
    "401": refusal(401), "403": refusal(403), "404": refusal(404), "409": refusal(409), "422": refusal(422),
    "400": refusal(400), "429 for a day": throttled(), "500": refusal(500), "503": refusal(503),
    "html": html(), "404 page": html(404), "502 page": html(502), "truncated json": truncated_json(), "stall": stall(),
    "reset": reset(), "broken off": broken_off(), "refused": connection_refused(), "redirect to private": redirect(),
}
"""Everything that every connector must survive, by name."""
