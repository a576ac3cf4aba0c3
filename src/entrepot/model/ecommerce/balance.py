"""Balance: money that the platform holds for the shop."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from entrepot.model.base import Query, Record


class Balance(Record, kw_only=True, omit_defaults=True):
    """What a platform's own payment product holds, one record per currency."""

    available_balance: Annotated[Decimal | None, Query()] = None
    pending_balance: Annotated[Decimal | None, Query()] = None
    currency_id: Annotated[str | None, Query()] = None
