"""Amounts and quantities: text of the demo shop to Decimal.

The same few texts come again and again (quantities, list prices, zeros): remembering their Decimal is three times as
fast as making it, forty times an order.
"""

from __future__ import annotations

from decimal import Decimal

from entrepot.kit.convert import decimal

_REMEMBERED = 20_000


class _Amounts(dict[str, Decimal]):
    def __missing__(self, text: str) -> Decimal:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = number = decimal(text)
        return number


AMOUNTS = _Amounts()
"""``AMOUNTS["12.50"]``; RowUnmappable for what is no number."""


def optional(text: str | None) -> Decimal | None:
    """The same, None for None."""
    return None if text is None else AMOUNTS[text]


def written(number: Decimal) -> str:
    """A Decimal as the shop takes it: without an exponent."""
    return f"{number:f}"
