"""Money that moved: a payment, and below it what was captured and refunded."""

from __future__ import annotations

from collections.abc import Iterator

from entrepot.connectors.medusa.payload_order import Capture, Order, Payment, Refund
from entrepot.kit.convert import blank_to_none, currency, money, time
from entrepot.kit.json import ENCODER
from entrepot.kit.spec import Mapped
from entrepot.model.ecommerce.transaction import PaymentMethodType, Transaction, TransactionStatus, TransactionType


def to_transactions(order: Order) -> Iterator[Mapped]:
    """The payments of an order, each with its captures and refunds, oldest first."""
    for collection in order.payment_collections or ():
        for payment in sorted(collection.payments or (), key=lambda one: one.id):
            yield _with_raw(_payment(order, payment), order, "payment", payment)
            for capture in sorted(payment.captures or (), key=lambda one: one.id):
                yield _with_raw(_moved(order, payment, capture, "capture"), order, "capture", capture)
            for refund in sorted(payment.refunds or (), key=lambda one: one.id):
                yield _with_raw(_moved(order, payment, refund, "refund"), order, "refund", refund)


def _with_raw(record: Transaction, order: Order, name: str, part: Payment | Capture | Refund) -> Mapped:
    return Mapped(record, ENCODER.encode({"order_id": order.id, name: part}))


def _payment(order: Order, payment: Payment) -> Transaction:
    return Transaction(
        platform_unique_id=payment.id, type="payment", amount=money(payment.amount), status=_status(payment),
        created_at=time(payment.created_at), updated_at=time(payment.updated_at),
        order_id=order.id, contact_id=order.customer_id,
        currency_id=currency(payment.currency_code or order.currency_code),
        payment_method=payment.provider_id, payment_method_type=_method(payment), gateway=payment.provider_id,
    )


def _moved(order: Order, payment: Payment, part: Capture | Refund, kind: TransactionType) -> Transaction:
    reason = part.refund_reason if isinstance(part, Refund) else None
    return Transaction(
        platform_unique_id=part.id, type=kind, amount=money(part.amount), status="paid",
        original_transaction_id=payment.id,
        description=blank_to_none(part.note) if isinstance(part, Refund) else None,
        reason=blank_to_none(reason.label) if reason else None,
        created_at=time(part.created_at), updated_at=time(part.updated_at),
        order_id=order.id, contact_id=order.customer_id,
        currency_id=currency(payment.currency_code or order.currency_code),
        payment_method=payment.provider_id, payment_method_type=_method(payment), gateway=payment.provider_id,
    )


def _status(payment: Payment) -> TransactionStatus:
    if payment.canceled_at:
        return "canceled"
    return "paid" if payment.captured_at else "authorized"


def _method(payment: Payment) -> PaymentMethodType | None:
    # Providers are named pp_<module>_<id>. Medusa's own takes no money: somebody says that it came.
    provider = payment.provider_id or ""
    if not provider:
        return None
    if provider.startswith("pp_system"):
        return "manual"
    return "card" if provider.startswith("pp_stripe") else "other"
