"""The shop's API as an ASGI app: routes, the bearer token, and misbehaviour on request."""

from __future__ import annotations

import asyncio
import hmac

import msgspec

from entrepot_simulators.demo import faults, reading, writing
from entrepot_simulators.demo.faults import Fault
from entrepot_simulators.demo.http import Receive, Refusal, Reply, Request, Scope, Send, answer, read, request
from entrepot_simulators.demo.inputs import taken
from entrepot_simulators.demo.moments import written
from entrepot_simulators.demo.shop import Shop

_PAGE = b"<!DOCTYPE html><html><head><title>Back soon</title></head><body>The shop is being painted.</body></html>"


class ClockInput(msgspec.Struct, forbid_unknown_fields=True):
    """How far to move the shop's time on, and whether it stands still from now on."""

    advance_s: int = 0
    stopped: bool | None = None


class FaultsInput(msgspec.Struct, forbid_unknown_fields=True):
    """The faults to play from now on; empty for none."""

    faults: str


class App:
    """One shop, reachable."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._always = [faults.parsed(spec) for spec in faults.listed(shop.settings.faults)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: HTTP and lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        asked = request(scope, await read(receive))
        try:
            playing = self._playing(asked)
        except ValueError as error:
            await answer(send, Refusal(400, "invalid", str(error), "x-shop-fault").reply())
            return
        reply = await self._misbehave(playing, asked)
        if reply is None:  # the connection breaks without an answer
            return
        await answer(send, reply)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                self.shop.ledger.close()
                return

    def _playing(self, asked: Request) -> Fault | None:
        """The fault for this request: the header's, else the first armed one, else the setting's."""
        if asked.path.startswith("/v1/control/"):
            return None
        if "x-shop-fault" in asked.headers:
            return faults.parsed(asked.headers["x-shop-fault"])
        for number, spec in self.shop.ledger.armed():
            fault = faults.parsed(spec, number)
            if fault.meets(asked.method, asked.path) and self.shop.ledger.played(number):
                return fault
        return next((fault for fault in self._always if fault.meets(asked.method, asked.path)), None)

    async def _misbehave(self, fault: Fault | None, asked: Request) -> Reply | None:
        if fault is None:
            return self.handle(asked)
        if fault.kind == "latency":
            await asyncio.sleep(fault.value)
            return self.handle(asked)
        if fault.kind == "throttle":
            slower = Refusal(429, "slow_down", "Too many requests.").reply()
            return Reply(429, slower.body, {"retry-after": f"{fault.value:g}"})
        if fault.kind == "error":
            return Refusal(int(fault.value), "broken", "The shop has a headache.").reply()
        if fault.kind == "html":
            return Reply(200, _PAGE, kind="text/html")
        done = self.handle(asked)
        if fault.kind == "lost":
            return Reply(int(fault.value), _PAGE, kind="text/html")
        return None if fault.kind == "reset" else Reply(done.status, done.body[: len(done.body) // 2], done.headers)

    def handle(self, asked: Request) -> Reply:
        """The answer of a shop in its right mind."""
        try:
            self._admit(asked)
            return self._route(asked)
        except Refusal as refusal:
            return refusal.reply()

    def _admit(self, asked: Request) -> None:
        given = asked.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.shop.settings.token}".encode()):
            raise Refusal(401, "token", "A valid bearer token is needed.")

    def _route(self, asked: Request) -> Reply:
        steps = asked.path.strip("/").split("/")
        if steps[0] != "v1" or not 2 <= len(steps) <= 4:
            raise Refusal(404, "not_found", "There is nothing at this address.")
        if asked.method == "GET":
            return self._get(asked, steps[1:])
        if steps[1] == "control" and asked.method == "POST":
            return self._control(asked, steps[2:])
        noun = "parcel" if steps[1] == "parcels" else reading.NOUNS.get(steps[1])
        if noun is None:
            raise Refusal(404, "not_found", "There is nothing at this address.")
        return self._write(asked, noun, steps[2:])

    def _get(self, asked: Request, steps: list[str]) -> Reply:
        match steps:
            case ["shop"]:
                return reading.shop_info(self.shop)
            case ["wallets"]:
                return reading.wallets(self.shop)
            case ["parcels"] if "client_reference" in asked.query:
                return reading.parcel_referred(self.shop, asked.query["client_reference"])
            case ["parcels", ident]:
                return reading.one(self.shop, "parcel", ident)
            case [nouns] if nouns in reading.NOUNS:
                return reading.listed(self.shop, asked, reading.NOUNS[nouns])
            case [nouns, ident] if nouns in reading.NOUNS:
                return reading.one(self.shop, reading.NOUNS[nouns], ident)
        raise Refusal(404, "not_found", "There is nothing at this address.")

    def _write(self, asked: Request, noun: str, steps: list[str]) -> Reply:
        match asked.method, steps:
            case "POST", []:
                return writing.create(self.shop, noun, asked.body)
            case "POST", [order, "parcels"] if noun == "order":
                return writing.create_parcel(self.shop, order, asked.body)
            case "POST", [order, ("payments" | "refunds") as what] if noun == "order":
                return writing.book(self.shop, order, asked.body, what)
            case "PATCH", [ident]:
                return writing.change(self.shop, noun, ident, asked.body)
            case "DELETE", [ident]:
                return writing.remove(self.shop, noun, ident)
        raise Refusal(405, "method", f"{asked.method} is not possible here.")

    def _control(self, asked: Request, steps: list[str]) -> Reply:
        if steps == ["clock"]:
            given = taken(asked.body, ClockInput)
            if given.advance_s < 0:
                raise Refusal(422, "invalid", "Time goes forward.", "advance_s")
            self.shop.set_clock(given.advance_s * 1000, given.stopped)
            return Reply(200, msgspec.json.encode({"now": written(self.shop.now())}))
        if steps == ["faults"]:
            try:
                specs = faults.listed(taken(asked.body, FaultsInput).faults)
            except ValueError as error:
                raise Refusal(422, "invalid", str(error), "faults") from None
            self.shop.ledger.arm(specs)
            return Reply(200, msgspec.json.encode({"faults": specs}))
        raise Refusal(404, "not_found", "There is nothing at this address.")
