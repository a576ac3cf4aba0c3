"""Weights: the demo shop keeps whole grams."""

from __future__ import annotations

from decimal import Decimal

from entrepot.errors import NotSupported

_GRAMS = {
    "g": Decimal(1), "kg": Decimal(1000), "lb": Decimal("453.59237"), "oz": Decimal("28.349523125"),
}


def grams(weight: Decimal, unit: str | None, field: str) -> int:
    """A weight in whole grams; NotSupported naming ``field`` for a unit that is none of g, kg, lb, oz."""
    factor = _GRAMS.get((unit or "g").lower())
    if factor is None:
        raise NotSupported(f"The demo shop weighs in {', '.join(_GRAMS)}.", field=field)
    return round(weight * factor)
