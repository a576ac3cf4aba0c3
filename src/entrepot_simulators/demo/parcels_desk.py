"""Parcels of an order: packed and moved along through the API. The order's own state follows them."""

from __future__ import annotations

from decimal import Decimal

from msgspec import UNSET

from entrepot_simulators.demo.http import Refusal
from entrepot_simulators.demo.inputs import ParcelInput, apply
from entrepot_simulators.demo.moments import written
from entrepot_simulators.demo.order_documents import Order, Parcel, ParcelLine
from entrepot_simulators.demo.orders_desk import NOUN, amount, keep
from entrepot_simulators.demo.shop import Shop
from entrepot_simulators.demo.stock import LOCATIONS

STATES = ("packing", "labelled", "underway", "out_for_delivery", "arrived", "stopped", "failed", "returned")
_ON_THE_WAY = ("underway", "out_for_delivery", "arrived")
_VOID = ("stopped", "failed")


def owner(shop: Shop, ident: str, now: int) -> str:
    """The order that a parcel's id belongs to; refuses with 404."""
    order = f"ord_{ident.removeprefix('par_').rpartition('_')[0]}"
    if not ident.startswith("par_") or not shop.has(NOUN, order, now):
        raise Refusal(404, "not_found", f"There is no parcel {ident}.")
    return order


def find(order: Order, ident: str) -> Parcel:
    """The order's parcel; refuses with 404."""
    for parcel in order.parcels:
        if parcel.id == ident:
            return parcel
    raise Refusal(404, "not_found", f"There is no parcel {ident}.")


def create(shop: Shop, order_id: str, given: ParcelInput, now: int) -> tuple[str, bytes]:
    """A new parcel: its id and the order's JSON. Inside a transaction of the ledger."""
    order, base = shop.document(NOUN, order_id, Order, now)
    if order.cancelled_at:
        raise Refusal(422, "state", "The order was cancelled.", "state")
    number = 1 + max((int(one.id.rpartition("_")[2]) for one in order.parcels), default=0)
    parcel = Parcel(
        id=f"par_{order.id.removeprefix('ord_')}_{number}", order_id=order.id, label=f"{order.label}.{number}",
        created_at=written(now), updated_at=written(now),
    )
    order.parcels.append(parcel)
    if given.lines is UNSET or not given.lines:
        given.lines = _left(order)
        if not given.lines:
            raise Refusal(422, "nothing_left", "Everything is in a parcel already.", "lines")
    _put(order, parcel, given, now)
    return parcel.id, keep(shop, order, base, now)


def change(shop: Shop, ident: str, given: ParcelInput, now: int) -> bytes:
    """Change what was sent: the parcel's JSON is inside the order's. Inside a transaction of the ledger."""
    order, base = shop.document(NOUN, owner(shop, ident, now), Order, now)
    _put(order, find(order, ident), given, now)
    return keep(shop, order, base, now)


def _put(order: Order, parcel: Parcel, given: ParcelInput, now: int) -> None:
    if given.state is not UNSET and given.state not in STATES:
        raise Refusal(422, "state", f"A parcel is one of {', '.join(STATES)}.", "state")
    if isinstance(given.location_id, str) and given.location_id not in {one.id for one in LOCATIONS}:
        raise Refusal(422, "unknown", f"There is no location {given.location_id}.", "location_id")
    at = written(now)
    parcel.updated_at = order.updated_at = at
    apply(given, parcel)
    if given.lines is not UNSET:
        _check_lines(order, parcel)
    if parcel.state in _ON_THE_WAY:
        parcel.sent_at = parcel.sent_at or at
    if parcel.state == "arrived":
        parcel.arrived_at = parcel.arrived_at or at
    parcel.stopped_at = (parcel.stopped_at or at) if parcel.state == "stopped" else None
    _follow(order, at)


def _packed(order: Order, states: tuple[str, ...]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for parcel in order.parcels:
        for line in parcel.lines if parcel.state in states else ():
            found[line.line_id] = found.get(line.line_id, Decimal(0)) + amount(line.qty, "lines")
    return found


def _left(order: Order) -> list[ParcelLine]:
    packed = _packed(order, tuple(state for state in STATES if state not in _VOID))
    rest = {line.id: Decimal(line.qty) - packed.get(line.id, Decimal(0)) for line in order.lines}
    return [ParcelLine(line_id=ident, qty=f"{qty:f}") for ident, qty in rest.items() if qty > 0]


def _check_lines(order: Order, parcel: Parcel) -> None:
    ordered = {line.id: Decimal(line.qty) for line in order.lines}
    for place, line in enumerate(parcel.lines):
        if line.line_id not in ordered:
            raise Refusal(422, "unknown", f"The order has no line {line.line_id}.", f"lines[{place}].line_id")
        if amount(line.qty, f"lines[{place}].qty") <= 0:
            raise Refusal(422, "invalid", "Quantities are above zero.", f"lines[{place}].qty")
    for ident, qty in _packed(order, tuple(state for state in STATES if state not in _VOID)).items():
        if qty > ordered.get(ident, Decimal(0)):
            raise Refusal(422, "too_many", f"More of line {ident} than was ordered.", "lines")


def _follow(order: Order, at: str) -> None:
    sent = _packed(order, _ON_THE_WAY)
    for line in order.lines:
        line.shipped_qty = f"{min(sent.get(line.id, Decimal(0)), Decimal(line.qty)):f}"
    if order.cancelled_at:
        return
    alive = [parcel for parcel in order.parcels if parcel.state not in _VOID]
    if all(Decimal(line.shipped_qty) >= Decimal(line.qty) for line in order.lines):
        order.dispatch = "all"
        order.state = "arrived" if all(parcel.state == "arrived" for parcel in alive) else "sent"
        order.closed_at = (order.closed_at or at) if order.state == "arrived" else None
    elif sent:
        order.dispatch, order.state = "part", "partly_sent"
    elif alive:
        order.dispatch, order.state = "packing", "packing"
    else:
        order.dispatch, order.state = "none", "paid" if order.money == "paid" else "open"
