"""An order's fate told as far as it has come: the template that its JSON is written with.

Amounts and lines (``%(total)s``, ``%(lines_all)s``) come from the basket, times (``%(t0)s`` is the placing, ``%(t3)s``
the third event) and people from the order; ``~`` becomes the order's number part.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from operator import itemgetter

import msgspec

from entrepot_simulators.demo.fates import Fate, fates
from entrepot_simulators.demo.order_documents import Card, Event, Links, Parcel, Payment, Scan, Sums
from entrepot_simulators.demo.words import CARRIERS

_CARDS = tuple(
    Card(brand=brand, last_digits=f"{4000 + 37 * number}", expires=f"{3 + number:02d}/2031", country=country)
    for number, (brand, country) in enumerate((("Albatross", "DE"), ("Puffin", "US"), ("Albatross", "JP")))
)
_METHODS = (("card", "Nimbus Pay"), ("card", "Nimbus Pay"), ("wallet", "Pocketful"), ("bank", "Own account"))


class Story:
    """The order so far. Each ``_on_`` method tells one event; ``t`` is the time's place in the template."""

    def __init__(self, slot: int, *, free: bool, single: bool) -> None:
        self.slot, self.free, self.single = slot, free, single
        self.state, self.money, self.dispatch, self.lines = "open", "unpaid", "none", "none"
        self.paid, self.refunded, self.due = "zero", "zero", "total"
        self.closed: str | None = None
        self.cancelled: str | None = None
        self.payments: list[Payment] = []
        self.parcels: list[Parcel] = []
        self.contents: list[str] = []
        self.history = [Event(at="%(t0)s", by="buyer", what="Order placed in the shop")]
        if free:
            self.money, self.state, self.due = "paid", "paid", "zero"

    def tell(self, fate: Fate, steps: int) -> Story:
        """Let the first ``steps`` events happen."""
        for number, event in enumerate(fate.events[:steps], 1):
            t = f"%(t{number})s"
            happen: Callable[[str], None] = getattr(self, f"_on_{event}")
            happen(t)
            self.history.append(Event(at=t, by="system", what=_SAID[event]))
        return self

    def _pay(self, t: str, kind: str, state: str, amount: str = "total", **more: str | None) -> None:
        if self.free:
            return
        number = len(self.payments) + 1
        method, processor = _METHODS[self.slot % len(_METHODS)]
        self.payments.append(Payment(
            id=f"pay_~_{number}", kind=kind, state=state, amount=f"%({amount})s", method=method, processor=processor,
            processor_ref=f"np-~-{self.slot:03d}{number}", created_at=t, updated_at=t, **more,
            card=_CARDS[self.slot % 3] if method == "card" else None,
            receipt=f"https://harbour.example.com/receipts/~-{number}.pdf",
        ))

    def _settled(self) -> None:
        if not self.free:
            self.state, self.money, self.paid, self.due = "paid", "paid", "total", "zero"

    def _on_charge(self, t: str) -> None:
        self._pay(t, "charge", "settled", fee="%(fee)s", note="Paid online")
        self._settled()

    def _on_decline(self, t: str) -> None:
        self._pay(t, "charge", "declined", reason="insufficient_funds")
        self.money = "paid" if self.free else "declined"

    def _on_authorise(self, t: str) -> None:
        self._pay(t, "authorisation", "reserved")
        self.money = "paid" if self.free else "reserved"

    def _on_await_transfer(self, t: str) -> None:
        self._pay(t, "charge", "awaited", note="Bank transfer announced")

    def _on_receive_transfer(self, t: str) -> None:
        for payment in self.payments:
            payment.state, payment.updated_at = "settled", t
        self._settled()

    def _capture(self, t: str) -> None:
        for payment in self.payments:
            payment.state, payment.updated_at = "settled", t
        self._pay(t, "capture", "settled", fee="%(fee)s", parent_id="pay_~_1")
        self._settled()

    def _parcel(self, t: str, lines: str, state: str) -> Parcel:
        number = len(self.parcels) + 1
        carrier, _, service = CARRIERS[self.slot % len(CARRIERS)]
        self.parcels.append(Parcel(
            id=f"par_~_{number}", order_id="ord_~", label=f"#%(number)s.{number}", state=state, carrier=carrier,
            service=service, location_id=f"loc_{1 + self.slot % 2}", grams=400 + 35 * self.slot,
            created_at=t, updated_at=t,
        ))
        self.contents.append(lines)
        return self.parcels[-1]

    def _on_pack(self, t: str) -> None:
        self._parcel(t, "parcel_all", "packing")
        self.state, self.dispatch = "packing", "packing"

    def _under_way(self, parcel: Parcel, t: str) -> None:
        code = f"{CARRIERS[self.slot % len(CARRIERS)][1]}~{self.slot:03d}{len(self.parcels)}"
        parcel.state, parcel.sent_at, parcel.updated_at, parcel.tracking_code = "underway", t, t, code
        parcel.tracking_url = f"https://track.example.com/{code}"
        parcel.scans += [Scan(at=t, place="Alt-Kranich", what="Handed over to the carrier"),
                         Scan(at=t, place="Night train", what="Sorted")]

    def _on_send(self, t: str) -> None:
        parcel = self.parcels[-1] if self.parcels else self._parcel(t, "parcel_all", "packing")
        self._under_way(parcel, t)
        self.state, self.dispatch, self.lines = "sent", "all", "all"

    def _on_capture_send(self, t: str) -> None:
        self._capture(t)
        self._on_send(t)

    def _on_send_first(self, t: str) -> None:
        if not self.single:
            self._under_way(self._parcel(t, "parcel_first", "packing"), t)
            self.state, self.dispatch, self.lines = "partly_sent", "part", "first"

    def _on_send_rest(self, t: str) -> None:
        self._under_way(self._parcel(t, "parcel_all" if self.single else "parcel_rest", "packing"), t)
        self.state, self.dispatch, self.lines = "sent", "all", "all"

    def _on_arrive(self, t: str) -> None:
        for parcel in self.parcels:
            parcel.state, parcel.arrived_at, parcel.updated_at = "arrived", t, t
            parcel.scans.append(Scan(at=t, place="Front door", what="Delivered"))
        self.state, self.closed = "arrived", t

    def _on_lose(self, t: str) -> None:
        for parcel in self.parcels:
            parcel.state, parcel.updated_at = "failed", t

    def _on_refund_part(self, t: str) -> None:
        self._pay(t, "refund", "settled", "part", parent_id="pay_~_1", reason="damaged", note="One line came broken")
        self.lines = "part_back"
        if not self.free:
            self.refunded, self.money = "part", "partly_refunded"

    def _on_refund_all(self, t: str) -> None:
        self._pay(t, "refund", "settled", parent_id="pay_~_1", reason="returned", note="Sent back by the buyer")
        self.state, self.lines = "returned", "all_back"
        for parcel in self.parcels:
            parcel.state, parcel.updated_at = "returned", t
        if not self.free:
            self.refunded, self.money = "total", "refunded"

    def _on_cancel(self, t: str) -> None:
        for payment in self.payments:
            payment.state, payment.updated_at = "released", t
        self._pay(t, "void", "settled", parent_id="pay_~_1")
        self.state, self.dispatch, self.cancelled = "cancelled", "cancelled", t
        self.money, self.due = ("paid" if self.free else "void"), "zero"

    def _on_wonder(self, t: str) -> None:
        self.state = "awaiting_stars"

    def _on_remind(self, t: str) -> None:
        """Nothing but a line in the history."""


_SAID = {
    "charge": "Payment received", "decline": "Payment declined", "authorise": "Payment reserved",
    "await_transfer": "Waiting for the bank transfer", "receive_transfer": "Bank transfer received",
    "pack": "Parcel is being packed", "send": "Parcel handed over", "capture_send": "Payment taken, parcel handed over",
    "send_first": "First parcel handed over", "send_rest": "Last parcel handed over", "arrive": "Parcel delivered",
    "lose": "Parcel lost by the carrier", "refund_part": "One line refunded", "refund_all": "Refunded in full",
    "cancel": "Cancelled by the buyer", "wonder": "Put aside for the astronomer", "remind": "Reminder mailed",
}


class Template:
    """Text with ``%(name)s`` in it, cut up beforehand: filling it is one lookup of all names and one join."""

    def __init__(self, text: str) -> None:
        self._pieces: list[bytes] = [piece.encode() for piece in re.split(r"%\((\w+)\)s", text)]
        self._values = itemgetter(*(name.decode() for name in self._pieces[1::2]))

    def fill(self, values: dict[str, bytes]) -> bytes:
        """The text with the values in their places."""
        pieces = self._pieces.copy()
        pieces[1::2] = self._values(values)
        return b"".join(pieces)


@cache
def template(slot: int, steps: int, *, free: bool, single: bool) -> Template:
    """The order's JSON after that many events of a fate."""
    story = Story(slot, free=free, single=single).tell(fates()[slot], steps)
    sums = Sums(
        goods="%(goods)s", discount="%(discount)s", shipping="%(shipping)s", tax="%(tax)s", total="%(total)s",
        paid=f"%({story.paid})s", refunded=f"%({story.refunded})s", due=f"%({story.due if not free else 'zero'})s",
    )
    links = Links(
        desk="https://desk.harbour.example.com/orders/~", invoice="https://harbour.example.com/i/~-%(number)s.pdf",
        status_page="https://harbour.example.com/status/~?lang=en",
    )
    parcels = ",".join(
        _json(parcel).replace('"lines":[]', f'"lines":%({lines})s')
        for parcel, lines in zip(story.parcels, story.contents, strict=True)
    )
    changed = f"%(t{steps})s"
    return Template(
        f'{{"id":"ord_~","client_reference":null,"number":"%(number)s","label":"#%(number)s","reference":null,'
        f'"remark":%(remark)s,"state":"{story.state}","money":"{story.money}","dispatch":"{story.dispatch}",'
        f'"buyer_id":%(buyer_id)s,"buyer":%(buyer)s,"contact":{{"email":"%(email)s","phone":"%(phone)s"}},"currency":"%(cur)s",'
        f'"prices_include_tax":%(incl)s,"sums":{_json(sums)},"bill_to":{{"role":"billing",%(bill)s,'
        f'"ship_to":{{"role":"shipping",%(ship)s,"lines":%(lines_{story.lines})s,"deliveries":%(deliveries)s,'
        f'"coupons":%(coupons)s,"payments":{_json(story.payments)},"parcels":[{parcels}],"channel":"%(channel)s",'
        f'"tags":%(tags)s,"test":false,"placed_at":"%(t0)s","closed_at":{_json(story.closed)},'
        f'"cancelled_at":{_json(story.cancelled)},"cancel_reason":{_json("buyer" if story.cancelled else None)},'
        f'"visit":%(visit)s,"links":{_json(links)},"history":{_json(story.history)},"created_at":"%(t0)s",'
        f'"updated_at":"{changed}","changed_at":"{changed}"}}'
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
