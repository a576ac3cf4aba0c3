"""The connector on a real shop: what tests read and write it with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from entrepot.kit.connection import Access, AllowPrivate, Kit, ShopClient
from entrepot.kit.http import HttpTransport
from entrepot.kit.installed import Installed, load
from entrepot.kit.spec import Change, Family, Start
from entrepot.kit.transport import Reply, Request, Transport
from entrepot.model.base import Record
from tests.medusa.bench.admin import Door
from tests.medusa.bench.seeding import Shop

T = TypeVar("T")
RecordT = TypeVar("RecordT", bound=Record)

MEDUSA: Installed = load("entrepot.connectors.medusa")


@dataclass(frozen=True)
class RealMedusa:
    """A Medusa that runs, and what was seeded into it."""

    base_url: str
    secret_key: str
    admin: Door
    """Medusa's own API with the secret key."""
    seeded: Shop

    @property
    def credentials(self) -> dict[str, str]:
        """The connect form."""
        return {"base_url": self.base_url, "secret_key": self.secret_key}

    def order(self, ident: str, fields: str = "*items,*items.detail,*shipping_address,*fulfillments,"
              "*fulfillments.items,*payment_collections.payments,+email,+total") -> dict[str, object]:
        """An order as Medusa answers it."""
        found: dict[str, object] = self.admin.get(f"/admin/orders/{ident}", fields=fields)["order"]
        return found


def with_shop(medusa: RealMedusa, work: Callable[[ShopClient], Awaitable[T]], *,
              through: Callable[[Transport], Transport] | None = None) -> T:
    """Do some work with a shop that has been probed; ``through`` puts something between it and the network."""

    async def run() -> T:
        allowed = AllowPrivate.parse("1")
        transport = None if through is None else through(HttpTransport(allowed))
        kit = Kit({"MEDUSA": MEDUSA}, allow_private=allowed, home=Path("unused"), transport=transport)
        try:
            open_settings = {"base_url": medusa.base_url}
            shop = kit.shop(Access("MEDUSA", {"secret_key": medusa.secret_key}, open_settings))
            learned = await MEDUSA.connector.probe(shop)
            shop = kit.shop(Access("MEDUSA", {"secret_key": medusa.secret_key}, {**open_settings, **learned}))
            return await work(shop)
        finally:
            await kit.close()
            if transport is not None:
                await transport.close()

    return asyncio.run(run())


@dataclass
class Reading:
    """What one read of every stream brought."""

    families: dict[str, dict[str, Family]] = field(default_factory=dict)
    """Stream to own id to the newest family of it."""
    watermarks: dict[str, Mapping[str, str]] = field(default_factory=dict)
    gone: dict[str, set[str]] = field(default_factory=dict)
    bytes_in: int = 0
    calls: int = 0
    announced: dict[str, int | None] = field(default_factory=dict)

    def record(self, stream: str, ident: str, kind: type[RecordT]) -> RecordT:
        """A parent of a stream."""
        record = self.families[stream][ident].parent.record
        assert isinstance(record, kind)
        return record

    def children(self, ident: str, kind: type[RecordT]) -> list[RecordT]:
        """An order's parcels or payments."""
        family = self.families["orders"][ident]
        return [one.record for one in family.children if isinstance(one.record, kind)]


async def read_all(shop: ShopClient, since: Reading | None = None) -> Reading:
    """Every stream: whole, or as an incremental sync does after ``since``."""
    reading = Reading()
    calls, received = shop.meter.calls, shop.meter.bytes_in
    for stream in MEDUSA.connector.streams:
        moved = since is not None and stream.incremental
        start = Start("incremental", since.watermarks[stream.name]) if since is not None and moved else Start("full")
        found: dict[str, Family] = {}
        mark: dict[str, str] = {}
        async for page in stream.read(shop, start):
            for row in page.rows:
                family = stream.map(row, shop.settings)
                found[family.parent.record.platform_unique_id] = family
            mark.update(page.watermark)
            if page.announced is not None:
                reading.announced[stream.name] = page.announced
        reading.families[stream.name], reading.watermarks[stream.name] = found, mark
        if since is not None and not moved:
            reading.gone[stream.name] = set(since.families[stream.name]) - set(found)
    reading.calls, reading.bytes_in = shop.meter.calls - calls, shop.meter.bytes_in - received
    return reading


def full(medusa: RealMedusa) -> Reading:
    """A full read."""
    return with_shop(medusa, read_all)


def incremental(medusa: RealMedusa, since: Reading) -> Reading:
    """An incremental read after another."""
    return with_shop(medusa, lambda shop: read_all(shop, since))


def change(
    action: Literal["create", "update"], record: Record, given: Sequence[str], *, marker: str = "op-1",
    target: str | None = None, current: bytes | None = None,
) -> Change:
    """What the engine hands to a performer."""
    return Change(action, record, frozenset(given), marker, target, current)


async def write(shop: ShopClient, noun: str, wanted: Change) -> tuple[Family, str]:
    """What the engine does with a write: check, perform, read back; the family and the record's own id."""
    action = MEDUSA.connector.action(noun, wanted.action)
    assert action is not None
    if action.check is not None:
        action.check(wanted, shop.settings)
    return await read_back(shop, noun, wanted, await action.perform(shop, wanted))


async def read_back(shop: ShopClient, noun: str, wanted: Change, own_id: str) -> tuple[Family, str]:
    """The family that a performer's or a finder's answer stands for, and the written record's own id."""
    action = MEDUSA.connector.action(noun, wanted.action)
    assert action is not None
    stream = MEDUSA.connector.stream(action.stream)
    assert stream.fetch is not None
    family = stream.map(await stream.fetch(shop, own_id), shop.settings)
    return family, action.result(family, wanted) if action.result else family.parent.record.platform_unique_id


def written(medusa: RealMedusa, noun: str, wanted: Change, kind: type[RecordT]) -> RecordT:
    """The record after a write, read back."""

    async def work(shop: ShopClient) -> RecordT:
        family, uid = await write(shop, noun, wanted)
        for one in (family.parent, *family.children):
            if isinstance(one.record, kind) and one.record.platform_unique_id == uid:
                return one.record
        raise AssertionError(f"The family holds no {kind.__name__} {uid}")

    return with_shop(medusa, work)


class Meddling:
    """A transport that loses or replaces answers of the requests that a rule picks."""

    def __init__(self, inner: Transport, rule: Callable[[Request], Reply | Exception | None], *,
                 after: bool = False) -> None:
        """With ``after`` the request reaches Medusa first, and its answer is lost."""
        self._inner, self._rule, self._after = inner, rule, after

    async def send(self, request: Request) -> Reply:
        """The rule's reply or fault, else the other transport's reply."""
        instead = self._rule(request)
        if instead is None:
            return await self._inner.send(request)
        if self._after:
            await self._inner.send(request)
        if isinstance(instead, Exception):
            raise instead
        return instead

    async def close(self) -> None:
        """Close the other one."""
        await self._inner.close()
