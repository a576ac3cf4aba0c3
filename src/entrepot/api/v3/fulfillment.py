"""v3 fulfillments: flat carrier strings, all required, and no order."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import TEXT_OR_BLANK, TIME_OR_BLANK
from entrepot.api.view import View

FULFILLMENT = View(
    noun="fulfillment", path="fulfillments", name="Fulfillment",
    about="A parcel on its way.",
    fields=(
        Shown("carrier_name", TEXT_OR_BLANK, about="Who carries it."),
        Shown("tracking_number", TEXT_OR_BLANK, about="The carrier's number."),
        Shown("delivery_service", TEXT_OR_BLANK, about="The carrier's product."),
        Shown("tracking_link", TEXT_OR_BLANK, about="Where to follow it."),
        Shown("created_at", TIME_OR_BLANK, about="Creation on the platform."),
        Shown("updated_at", TIME_OR_BLANK, about="Last change on the platform."),
    ),
    by_id=False,
    stored="older",
)
