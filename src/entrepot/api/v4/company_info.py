"""v4 company info: the legal name and the time zone, where v3 has website and e-mail."""

from __future__ import annotations

from entrepot.api.layout import Shown
from entrepot.api.shapes import TEXT
from entrepot.api.view import View

COMPANY_INFO = View(
    noun="company_info", path="company_info", name="CompanyInfo",
    about="The shop itself.",
    fields=(
        Shown("name", TEXT, about="The shop's name."),
        Shown("legal_name", TEXT, about="The legal name behind it."),
        Shown("currency_id", TEXT, about="Its currency, ISO 4217."),
        Shown("timezone", TEXT, about="Its time zone, an IANA name where the platform has one."),
    ),
)
