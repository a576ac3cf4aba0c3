"""Transaction: money that moved (or was promised) for an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from entrepot.model.base import Query, ReadOnly, Record, Ref

TransactionType = Literal[
    "payment", "authorization", "capture", "refund", "void", "chargeback", "adjustment", "unknown"
]
TransactionStatus = Literal["pending", "authorized", "paid", "failed", "canceled", "unknown"]
PaymentMethodType = Literal["card", "bank_transfer", "wallet", "cash", "gift_card", "manual", "other"]


class Transaction(Record, kw_only=True, omit_defaults=True):
    """A movement of money. ``amount`` is always positive; the direction lies in ``type``."""

    type: Annotated[TransactionType, Query()] = "unknown"
    order_id: Annotated[str | None, Query(indexed=True), Ref("order")] = None
    contact_id: Annotated[str | None, Query(), Ref("customer")] = None
    currency_id: Annotated[str | None, Query()] = None
    amount: Annotated[Decimal | None, Query()] = None
    fee: Annotated[Decimal | None, ReadOnly()] = None
    """What the processor kept, in ``currency_id``."""
    status: Annotated[TransactionStatus, Query()] = "unknown"
    payment_method_type: Annotated[PaymentMethodType | None, Query()] = None
    payment_method: str | None = None
    """The platform's own word for the method."""
    gateway: Annotated[str | None, Query()] = None
    gateway_transaction_id: Annotated[str | None, Query()] = None
    original_transaction_id: Annotated[str | None, Query(), Ref("transaction")] = None
    """Of a refund or capture: the payment or authorization it belongs to."""
    description: str | None = None
    reason: str | None = None
