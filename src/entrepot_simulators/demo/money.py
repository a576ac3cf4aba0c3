"""Amounts in minor units and how the shop writes them: decimal strings with the currency's digits."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

HOME_CURRENCY = "EUR"
DIGITS = {"EUR": 2, "USD": 2, "GBP": 2, "SEK": 2, "JPY": 0, "KWD": 3, "INR": 2, "CAD": 2, "AUD": 2, "CHF": 2}
"""Every currency that the shop sells in, and how many digits follow the point."""

# Minor units per euro cent, in thousandths, as the shop's price list has them.
_RATES = {
    "EUR": 1000, "USD": 1080, "GBP": 860, "SEK": 11200, "JPY": 1630, "KWD": 3320,
    "INR": 90100, "CAD": 1470, "AUD": 1640, "CHF": 950,
}


def priced(cents: int, currency: str) -> int:
    """A price of the euro list in another currency's minor units, rounded to a pleasant number."""
    minor = cents * _RATES[currency] // 1000
    return max(1, minor - minor % (1 if minor < 100 else 5))


def written(minor: int, currency: str) -> str:
    """Minor units as the shop writes them: ``12.50 EUR`` is ``"12.50"``, 1200 yen ``"1200"``."""
    digits = DIGITS.get(currency, 2)
    if not digits:
        return str(minor)
    sign, minor = ("-", -minor) if minor < 0 else ("", minor)
    return f"{sign}{minor // 10**digits}.{minor % 10**digits:0{digits}d}"


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To the currency's digits, half up."""
    return amount.quantize(Decimal(1).scaleb(-DIGITS.get(currency, 2)), ROUND_HALF_UP)
