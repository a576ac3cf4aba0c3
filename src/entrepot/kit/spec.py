"""What a connector declares: streams that are read, actions that write, and a probe. Plain functions and facts.

A connector never retries, sleeps, logs, reads the clock, opens a socket or touches the database. It is given a
:class:`Shop` to talk through and yields :class:`Page` objects; the engine does the rest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from entrepot.model.base import Record

Json = Mapping[str, "JsonValue"]
JsonValue = str | int | float | bool | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
Marks = Mapping[str, str]
"""Where a scan is (bookmark) or what the next one may skip (watermark): small, JSON, the connector's own business."""
Mode = Literal["full", "incremental"]


class Answer(msgspec.Struct, frozen=True):
    """An answer of the platform with a 2xx status; everything else was raised by the kit."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes


class Shop(Protocol):
    """One connection's way to its platform: credentials added, host checked, budget kept, errors classified."""

    @property
    def settings(self) -> Mapping[str, str]:
        """The connect form's fields that are not secret, and what the probe learned."""

    async def get(self, path: str, params: Mapping[str, str | int | Sequence[str]] | None = None) -> Answer:
        """GET below the base URL. Raises NeedsReauth, Throttled, Transient, Rejected or Missing (404)."""

    async def send(
        self, method: str, path: str, body: object = None,
        params: Mapping[str, str | int | Sequence[str]] | None = None, *, writes: bool = True,
    ) -> Answer:
        """Any method with a JSON body (msgspec-encodable; Decimal as number). With ``writes``, a time-out, a reset or
        a 5xx after sending raises OutcomeUnknown instead of Transient."""


@dataclass(frozen=True)
class Start:
    """How a stream is to be read."""

    mode: Mode
    since: Marks = field(default_factory=dict)
    """The watermark of the last complete read; empty in a full one. The overlap is the connector's to subtract."""
    bookmark: Marks | None = None
    """Where an interrupted read of the same mode and ``since`` goes on; None at the beginning."""
    sync_from: str | None = None
    """``2024-01-31T00:00:00.000Z``: nothing created on the platform before that is fetched. Only ever set for streams
    that are ``dated``."""


@dataclass(frozen=True)
class Page:
    """What one step of a read brought. The engine commits it whole, then may stop and come back to ``bookmark``."""

    rows: Sequence[bytes]
    """One JSON object a row: the raw payload with every part that was fetched for it."""
    bookmark: Marks | None
    """Where to go on after this page; None on the last."""
    watermark: Marks = field(default_factory=dict)
    """What has been seen so far; merged key by key over the scan, kept when the scan is complete."""
    announced: int | None = None
    """How many rows the platform says the whole scan has, where it says so."""
    gone: Sequence[str] = ()
    """Own ids of the stream's first noun that the platform told to be deleted; their children go with them."""


class Mapped(msgspec.Struct, frozen=True):
    """One record and the part of the payload that it came from (None: the store keeps none for it)."""

    record: Record
    raw: bytes | None = None


class Family(msgspec.Struct, frozen=True):
    """What one row yields: a parent, its children (gone when a re-read does not yield them), and loose others
    (such as the guest of an order: upserted, never deleted by this stream)."""

    parent: Mapped
    children: Sequence[Mapped] = ()
    loose: Sequence[Mapped] = ()


Reader = Callable[[Shop, Start], AsyncIterator[Page]]
Mapper = Callable[[bytes, Mapping[str, str]], Family]
"""Raw row and the connection's settings to records. Pure. Raises RowUnmappable (or msgspec.ValidationError)."""
Fetcher = Callable[[Shop, str], Awaitable[bytes]]
"""The raw row of one object by its own id, shaped as the stream's rows are; raises Missing."""


@dataclass(frozen=True)
class Stream:
    """One way of reading a platform. Bookmark and watermark belong to it; counts and frequency to its nouns."""

    name: str
    nouns: tuple[str, ...]
    """Names of the registry: the parent first, then its children."""
    read: Reader
    map: Mapper
    fetch: Fetcher | None = None
    loose: tuple[str, ...] = ()
    """Nouns that the mapping may yield beside the family."""
    incremental: bool = True
    """False: every sync reads it whole; unchanged rows are recognised by their hash."""
    sweep: bool = True
    """A complete full scan proves that what it did not see is gone."""
    dated: bool = False
    """Honours ``Start.sync_from``, full and incremental: the platform filters by creation, and nothing older is
    fetched. Other streams are read as if nobody had asked."""


@dataclass(frozen=True)
class Change:
    """A write that somebody asked for, references already resolved to the platform's own ids.

    ``record`` is the noun's struct; only the fields in ``given`` were sent. ``target`` is the own id of the record to
    update, ``current`` its stored raw payload. ``marker`` is our operation id: keep it on the platform where that is
    possible. ``extra`` is the caller's ``raw_data`` object for what only this platform knows.
    """

    action: Literal["create", "update"]
    record: Record
    given: frozenset[str]
    marker: str
    target: str | None = None
    current: bytes | None = None
    extra: Json = field(default_factory=dict)


Performer = Callable[[Shop, Change], Awaitable[str]]
"""Do it; answer the own id of the *stream's parent* to be re-read (a fulfillment's order, say). Raises Rejected,
NotSupported (before anything was sent), OutcomeUnknown."""
Checker = Callable[[Change, Mapping[str, str]], None]
"""Refuse, before the platform is called, what it cannot hold: raises NotSupported or Rejected naming the field."""
Finder = Callable[[Shop, Change, str], Awaitable[str | None]]
"""After an unknown outcome: look through what was created since (ISO time) for our marker; finish or remove what is
half made; answer as the performer does, or None when it never happened."""


@dataclass(frozen=True)
class Action:
    """One write that a connector can do."""

    noun: str
    kind: Literal["create", "update"]
    stream: str
    """The stream whose ``fetch`` and ``map`` turn the result into records."""
    perform: Performer
    find: Finder | None = None
    """None only where repeating is harmless (setting a value)."""
    check: Checker | None = None
    result: Callable[[Family, Change], str] | None = None
    """Which own id of the family is the written record when it is not the parent."""


Probe = Callable[[Shop], Awaitable[Mapping[str, str]]]
"""Prove that the credentials open the shop, changing nothing; what was learned (shop name, currency, version) is
merged into the connection's settings. ``shop_id``, where the platform tells one, is what no other shop of it has: new
credentials must open the shop with the same one."""


@dataclass(frozen=True)
class Connector:
    """Everything that the engine knows of a platform; the facts lie in the manifest beside it."""

    streams: tuple[Stream, ...]
    probe: Probe
    actions: tuple[Action, ...] = ()
    mapping_version: int = 1
    """Raised when the mapping changes; ``entrepot remap`` re-maps older rows from their raw payload."""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Noun name to the reason why this platform does not offer it (balances on Medusa)."""

    def stream(self, name: str) -> Stream:
        """The stream of that name; KeyError when there is none."""
        return next(stream for stream in self.streams if stream.name == name)

    def stream_of(self, noun: str) -> Stream | None:
        """The stream that yields a noun as parent or child, or None."""
        return next((stream for stream in self.streams if noun in stream.nouns), None)

    def action(self, noun: str, kind: str) -> Action | None:
        """The write of that noun and kind, or None when the platform cannot."""
        return next((one for one in self.actions if one.noun == noun and one.kind == kind), None)
