"""One connection's way to its platform: implements :class:`entrepot.kit.spec.Shop` over a transport.

Every call of a connector goes through :meth:`ShopClient.send`: credentials added, address kept on the connection's
origin, budget kept, faults named, calls and bytes counted. It never retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from entrepot.errors import PlatformFault, Rejected, Throttled
from entrepot.kit.classify import Call, fault_of_reply, fault_of_silence, wait_until
from entrepot.kit.json import ENCODER
from entrepot.kit.limits import Lane
from entrepot.kit.redact import Redactor
from entrepot.kit.spec import Answer
from entrepot.kit.timing import Timing
from entrepot.kit.transport import NoReply, Reply, Request, Transport
from entrepot.kit.urls import Params, link_target, target_of

_REDIRECTS = (301, 302, 303, 307, 308)
_HOPS = 5


@dataclass
class Meter:
    """What a shop client has used since it was made."""

    calls: int = 0
    bytes_in: int = 0
    """Bytes of decompressed bodies."""
    throttled_ms: int = 0
    """Waited for the budget, and refused waits excluded."""


@dataclass(frozen=True)
class Door:
    """Where a shop is and how it is entered; made by :class:`entrepot.kit.connection.Kit`."""

    platform: str
    origin: str
    prefix: str
    headers: Mapping[str, str]
    """With the credentials in them."""
    time_limit_s: float
    answer_limit: int
    redactor: Redactor
    proofs: frozenset[str] = frozenset()
    """Names of the headers that carry credentials."""

    def __repr__(self) -> str:
        return f"Door({self.platform!r}, {self.origin!r})"


class ShopClient:
    """The shop of one connection. Cheap to make; ``meter`` counts from then on."""

    def __init__(
        self, door: Door, settings: Mapping[str, str], transport: Transport, lane: Lane, timing: Timing
    ) -> None:
        self.door = door
        self._settings = settings
        self._transport = transport
        self._lane = lane
        self._timing = timing
        self.meter = Meter()

    @property
    def settings(self) -> Mapping[str, str]:
        """The connect form's fields that are not secret, and what the probe learned."""
        return self._settings

    async def get(self, path: str, params: Params | None = None) -> Answer:
        """GET below the base URL. Raises NeedsReauth, Throttled, Transient, Rejected or Missing."""
        return await self.send("GET", path, None, params, writes=False)

    async def send(
        self, method: str, path: str, body: object = None, params: Params | None = None, *, writes: bool = True,
    ) -> Answer:
        """Any method with a JSON body. With ``writes``, what may have happened raises OutcomeUnknown."""
        door = self.door
        target = target_of(door.origin, door.prefix, path, params)
        text = None if body is None else ENCODER.encode(body)
        for _ in range(_HOPS):
            call = Call(door.platform, method, target.partition("?")[0], writes, door.redactor)
            reply = await self.exchange(call, self._request(method, target, text))
            if reply.status not in _REDIRECTS or "location" not in reply.headers:
                return self._answer(call, reply)
            method, target, text = self._follow(call, reply, target, text)
        raise Rejected(f"{door.platform} redirects in a circle", code="platform-denied")

    def _request(self, method: str, target: str, text: bytes | None) -> Request:
        headers = self.door.headers if text is None else {**self.door.headers, "content-type": "application/json"}
        return self.request(method, target, headers, text)

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Request:
        """A request to the shop under its limits; for the kit."""
        door = self.door
        return Request(method, door.origin, target, headers, body, door.time_limit_s, door.answer_limit)

    def throttled(self, reply: Reply) -> datetime:
        """The platform answered 429: this process does not call it before the time that is answered; for the kit."""
        until = wait_until(reply, self._timing.now())
        self._lane.pause(until)
        return until

    async def exchange(self, call: Call, request: Request) -> Reply:
        """One request in its turn, whatever its status. Raises the fault of silence, or Throttled; for the kit."""
        async with self._lane.turn() as waited:
            self.meter.throttled_ms += round(waited * 1000)
            self.meter.calls += 1
            fault: PlatformFault
            try:
                reply = await self._transport.send(request)
            except NoReply as silence:
                fault = fault_of_silence(call, silence)
            else:
                self.meter.bytes_in += len(reply.body)
                return reply
        raise fault  # out of the except block: no chain that leads back to headers

    def _answer(self, call: Call, reply: Reply) -> Answer:
        fault = fault_of_reply(call, reply, self._timing.now())
        if fault is None:
            return Answer(status=reply.status, headers=reply.headers, body=reply.body)
        if isinstance(fault, Throttled):
            self._lane.pause(fault.until)
        raise fault

    def _follow(self, call: Call, reply: Reply, target: str, text: bytes | None) -> tuple[str, str, bytes | None]:
        """Method, target and body after a redirect; only on the same origin, so credentials never leave it."""
        onward = link_target(self.door.origin, reply.headers["location"], seen_at=target)
        if onward is None:
            raise Rejected(
                f"{call.platform} answered {call.named} with a redirect to another address, which is not followed. "
                "Connect the shop under the address that it redirects to.", code="operation-denied")
        if reply.status in (307, 308) or call.method in ("GET", "HEAD"):
            return call.method, onward, text
        raise Rejected(f"{call.platform} answered {call.named} with a redirect that drops what was sent; "
                       "is the shop's address written exactly as the shop writes it?", code="operation-denied")
