"""v4 fulfillments: their order, two states, contents, addresses, and the carrier's facts under `tracking_info`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from entrepot.api import takes
from entrepot.api.frame import Frame
from entrepot.api.layout import Shown
from entrepot.api.parts import Part, many
from entrepot.api.shapes import NUMBER, QUANTITY, REFERENCE, TEXT, TIME, computed, lower
from entrepot.api.v4.address import ADDRESS
from entrepot.api.view import Given, View
from entrepot.errors import invalid_params
from entrepot.model.ecommerce.fulfillment import FulfillmentLine


class TrackingInfo(msgspec.Struct):
    """The carrier's side of a parcel."""

    number: str | None
    company: str | None
    url: str | None
    status: str | None


def _tracking(frame: Frame) -> TrackingInfo | None:
    parcel = frame.record
    if parcel.tracking_number is None and parcel.carrier_name is None and parcel.tracking_link is None:
        return None
    return TrackingInfo(parcel.tracking_number, parcel.carrier_name, parcel.tracking_link, parcel.shipment_status)


class TrackingInput(msgspec.Struct, forbid_unknown_fields=True):
    """What may be sent of it."""

    number: str | None = None
    company: str | None = None
    url: str | None = None
    status: str | None = None


_TRACKING_FIELDS = {"number": "tracking_number", "company": "carrier_name", "url": "tracking_link"}


def _take_tracking(value: object, where: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid_params(where, "It must be an object.")
    found: dict[str, object] = {}
    for name, sent in value.items():
        if name == "status":
            continue  # the carrier's word: shown, so it comes back, and nobody else's to set
        if name not in _TRACKING_FIELDS:
            raise invalid_params(f"{where}.{name}", f"Known are: {', '.join(_TRACKING_FIELDS)}.")
        taken = takes.text(sent, f"{where}.{name}")
        if taken is not takes.ABSENT:
            found[_TRACKING_FIELDS[name]] = taken
    return found


def _given_text(name: str, field: str, about: str) -> Given:
    def take(value: object, where: str) -> Mapping[str, object]:
        taken = takes.text(value, where)
        return {} if taken is takes.ABSENT else {field: taken}

    return Given(name, take, str, about, (field,))


LINE_ITEM = Part("FulfillmentLineItem", FulfillmentLine, (
    Shown("line_item_id", REFERENCE, about="platform_id of the order's line."),
    Shown("quantity", QUANTITY, about="How many of it are in the parcel."),
))

FULFILLMENT = View(
    noun="fulfillment", path="fulfillments", name="Fulfillment",
    about="A parcel of an order.",
    fields=(
        Shown("order_id", REFERENCE, about="platform_id of the order."),
        Shown("name", TEXT, about="What the shop calls it (#1001.1)."),
        Shown("status", lower, about="How far it has come; pending unless said otherwise."),
        Shown("shipment_status", lower, about="What the carrier says."),
        Shown("estimated_delivery_date", TIME, about="When it should arrive."),
        Shown("actual_delivery_date", TIME, about="When it arrived."),
        Shown("weight", NUMBER, about="Weight in weight_unit."),
        Shown("weight_unit", TEXT, about="lb, kg, oz, g."),
        Shown("line_items", many(LINE_ITEM), about="What is in it."),
        Shown("addresses", many(ADDRESS), about="Where it comes from and goes to."),
        Shown("tracking_info", computed(TrackingInfo | None, _tracking), about="How to follow it."),
        Shown("created_at", TIME, about="Creation on the platform."),
        Shown("updated_at", TIME, about="Last change on the platform."),
    ),
    given=(
        Given("tracking_info", _take_tracking, TrackingInput, "Number, company and url of the carrier.",
              tuple(_TRACKING_FIELDS.values())),
        # The documents' own examples of create and update send these two flat.
        _given_text("tracking_number", "tracking_number", "The carrier's number."),
        _given_text("carrier_name", "carrier_name", "Who carries it."),
        _given_text("tracking_link", "tracking_link", "Where to follow it."),
    ),
    writes=("create", "update"),
    required=("order_id",),
    defaults=lambda: {"status": "pending"},
)
