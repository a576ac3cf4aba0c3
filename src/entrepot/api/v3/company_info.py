"""v3 company info: website and e-mail, where v4 has the legal name and the time zone."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import TEXT_OR_BLANK, TIME_OR_BLANK
from entrepot.api.view import View

COMPANY_INFO = View(
    noun="company_info", path="company_info", name="CompanyInfo",
    about="The shop itself.",
    fields=(
        Shown("name", TEXT_OR_BLANK, about="The shop's name."),
        Shown("website", TEXT_OR_BLANK, about="Its address on the web."),
        Shown("currency_id", TEXT_OR_BLANK, about="Its currency, ISO 4217."),
        Shown("email", TEXT_OR_BLANK, about="Its e-mail address."),
        Shown("created_at", TIME_OR_BLANK, about="Creation on the platform."),
        Shown("updated_at", TIME_OR_BLANK, about="Last change on the platform."),
    ),
    by_id=False,
    stored="older",
)
