"""A call that a caller of ours wrote, sent with the connection's credentials and answered as the platform answers.

It keeps the connection's origin, budget and time limit like every other call. It judges no status, and gives nothing
back that holds a secret of the connection, however the platform says it.
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import msgspec

from entrepot.errors import Rejected
from entrepot.kit.classify import Call
from entrepot.kit.json import ENCODER, decoder
from entrepot.kit.redact import Redactor
from entrepot.kit.transport import Reply
from entrepot.kit.urls import PATH_SAFE, Params, link_target, query_of, target_of

if TYPE_CHECKING:
    from entrepot.kit.shop import Door, ShopClient

Form = Literal["json", "text", "binary", "nothing"]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HOPS = 5
SMALL = 64 * 1024
"""Bytes of a body that are looked through without leaving the event loop."""

_METHOD = re.compile(r"[A-Z]{1,16}")
# The first opens a tunnel, the second repeats what was sent.
_NO_METHODS = frozenset({"CONNECT", "TRACE"})
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e]{0,8000}")
_OURS = frozenset({
    "authorization", "proxy-authorization", "cookie", "cookie2", "set-cookie", "host", "content-length", "connection",
    "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "proxy-connection", "expect", "accept-encoding",
    "content-encoding", "forwarded", "via", "origin", "x-real-ip",
})
_OUR_KINDS = re.compile(r"x-forwarded-.*|proxy-.*|sec-.*|x-http-method(-override)?|x-method-override")

_SHOWN = frozenset({
    "content-type", "content-language", "content-disposition", "content-range", "link", "location", "etag",
    "last-modified", "date", "retry-after", "allow", "accept-patch", "deprecation", "sunset", "warning",
})
_SHOWN_KINDS = re.compile(
    r"(?=.{1,64}$)([a-z-]+-)?"
    r"(rate-?limit|(api-)?call-limit|quota|request-?id|trace-?id|correlation-?id|total(-?pages|-count)?)(-[a-z-]+)?")
_TEXTS = re.compile(
    r"text/.*|.*\+xml|.*/(xml|javascript|ecmascript|x-www-form-urlencoded|yaml|x-yaml|csv|graphql|sql|x-ndjson|ndjson|"
    r"jsonl|x-jsonlines)")


@dataclass(frozen=True)
class RawCall:
    """What is to be sent. ``path`` lies below the base URL (a query in it goes along), or is a whole link of the
    connection's own origin. ``headers`` with names in any case."""

    method: str
    path: str
    params: Params | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    """Of the body, where no header says it."""


@dataclass(frozen=True)
class Prepared:
    """The same, checked; ``headers`` hold the credentials."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]

    @property
    def writes(self) -> bool:
        """Whether it may change something there."""
        return self.method not in SAFE_METHODS


@dataclass(frozen=True)
class RawAnswer:
    """What came back, without secrets. ``body`` is JSON, text in UTF-8, or bytes, as ``form`` says."""

    status: int
    headers: Mapping[str, str]
    """Those that are safe to show, lower case."""
    kind: str
    """The media type; empty where none was said."""
    form: Form
    body: bytes
    until: datetime | None = None
    """Of a 429: when the platform may be called again."""


def prepare(door: Door, call: RawCall) -> Prepared:
    """Check a call. Rejected naming ``method``, ``path``, ``params`` or ``headers.<name>``; nothing is sent then."""
    method = call.method.upper()
    if not _METHOD.fullmatch(method) or method in _NO_METHODS:
        raise Rejected("Send an HTTP method in letters: GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS.",
                       code="invalid-params", field="method")
    headers = dict(door.headers)
    if call.body is not None:
        headers["content-type"] = call.content_type
    seen: set[str] = set()
    for given, value in call.headers.items():
        name = given.lower()
        _check_header(door, name, given, value)
        if name in seen:
            raise Rejected("It stands there twice.", code="invalid-params", field=f"headers.{given}")
        seen.add(name)
        headers[name] = value
    return Prepared(method, _target(door, call), headers, call.body)


def _check_header(door: Door, name: str, given: str, value: str) -> None:
    where = f"headers.{given[:100]}"
    if not _HEADER.fullmatch(name):
        raise Rejected("It is no name of a header.", code="invalid-params", field=where)
    if name in _OURS or name in door.proofs or _OUR_KINDS.fullmatch(name):
        raise Rejected("It cannot be sent: credentials, host, cookies and the message's frame are the connection's.",
                       code="invalid-params", field=where)
    if not _VALUE.fullmatch(value):
        raise Rejected("Its value must be visible ASCII, at most 8000 characters.", code="invalid-params", field=where)


def _target(door: Door, call: RawCall) -> str:
    path, query = call.path, ""
    if "#" in path or "\\" in path or not path.isprintable():
        raise Rejected("A path has no #, no \\ and no control characters; percent-encode them.", code="invalid-params",
                       field="path")
    if not path.startswith(("http://", "https://")):
        path, _, query = path.partition("?")
        if path.startswith("//"):
            raise Rejected("It lies below the connection's base URL, so begin it with one slash.",
                           code="invalid-params", field="path")
    try:
        target = target_of(door.origin, door.prefix, path, None)
    except Rejected as refusal:
        raise Rejected(f"{refusal.message}.", code="invalid-params", field="path") from None
    if query:
        target += "?" + quote(query, safe=f"{PATH_SAFE}?")
    more = query_of(call.params)
    return target + (f"&{more[1:]}" if more and "?" in target else more)


async def send(shop: ShopClient, call: Prepared) -> RawAnswer:
    """The platform's answer, whatever its status; redirects on the same origin are followed for GET and HEAD.

    Raises Throttled for our own budget, Rejected for an address that may not be called, and Transient or (with a method
    that may change something) OutcomeUnknown where no whole answer came.
    """
    door, target = shop.door, call.target
    for _ in range(HOPS):
        named = Call(door.platform, call.method, target.partition("?")[0], call.writes, door.redactor)
        reply = await shop.exchange(named, shop.request(call.method, target, call.headers, call.body))
        onward = None
        if reply.status in REDIRECTS and call.method in ("GET", "HEAD") and "location" in reply.headers:
            onward = link_target(door.origin, reply.headers["location"], seen_at=target)
        if onward is None:
            break
        target = onward
    until = shop.throttled(reply) if reply.status == 429 else None
    small = len(reply.body) <= SMALL
    answer = shown(door.redactor, reply) if small else await asyncio.to_thread(shown, door.redactor, reply)
    return replace(answer, until=until)


def shown(redactor: Redactor, reply: Reply) -> RawAnswer:
    """A reply without the connection's secrets. Bodies without any are given back byte for byte."""
    said = reply.headers.get("content-type", "")
    kind = said.partition(";")[0].strip().lower()
    form, body = _clean(redactor, kind, _charset(said), reply.body)
    headers = {name: redactor.hide(value) for name, value in reply.headers.items()
               if name in _SHOWN or _SHOWN_KINDS.fullmatch(name)}
    return RawAnswer(reply.status, headers, redactor.hide(kind), form, body)


def _clean(redactor: Redactor, kind: str, charset: str, body: bytes) -> tuple[Form, bytes]:
    if not body:
        return "nothing", b""
    if not kind or ("json" in kind and not _TEXTS.fullmatch(kind)):
        plain = body.removeprefix(codecs.BOM_UTF8)
        try:
            value = decoder(object).decode(plain)
            # Written anew, every text has its secrets in the forms that are looked for, however they were escaped.
            if not redactor.finds(ENCODER.encode(value).decode()):
                return "json", plain
            return "json", ENCODER.encode(redactor.hide_in(value))
        except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
            pass  # not JSON, whatever it says
    if not kind or "json" in kind or _TEXTS.fullmatch(kind):
        try:
            return "text", redactor.hide(body.decode(charset)).encode()
        except UnicodeError:
            pass
    text = body.decode("latin-1")
    return "binary", redactor.hide(text).encode("latin-1") if redactor.finds(text) else body


def _charset(content_type: str) -> str:
    found = re.search(r'charset="?([\w.:-]{1,40})', content_type, re.IGNORECASE)
    name = found[1] if found else "utf-8"
    try:
        b"a".decode(name)
    except UnicodeError:
        return name
    except LookupError:  # unknown, or a codec that is no character set
        return "utf-8"
    return name
