"""What callers may send. What is not sent is left as it is (``UNSET``); unknown names are refused."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from entrepot_simulators.demo.documents import Address, Choice, Price
from entrepot_simulators.demo.http import Refusal
from entrepot_simulators.demo.moments import read, written
from entrepot_simulators.demo.order_documents import ParcelLine

T = TypeVar("T", bound=Struct)
Text = str | None | UnsetType


class BuyerInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """A buyer to create or to change."""

    client_reference: Text = UNSET
    full_name: Text = UNSET
    given_name: Text = UNSET
    family_name: Text = UNSET
    company: Text = UNSET
    email: Text = UNSET
    phone: Text = UNSET
    currency: Text = UNSET
    state: str | UnsetType = UNSET
    tax_number: Text = UNSET
    note: Text = UNSET
    tags: list[str] | UnsetType = UNSET
    newsletter: bool | UnsetType | None = UNSET
    addresses: list[Address] | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    updated_at: str | UnsetType = UNSET


class VariantInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """A variant; with the id of one that is there, that one stays."""

    id: str | None = None
    title: str | None = None
    sku: str | None = None
    ean: str | None = None
    state: str = "live"
    prices: list[Price] = []
    cost: str | None = None
    choices: dict[str, str] = {}
    tracked: bool | None = True
    grams: int | None = None


class ArticleInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """An article; ``variants`` replace all that it has."""

    client_reference: Text = UNSET
    title: Text = UNSET
    text: Text = UNSET
    maker: Text = UNSET
    category: Text = UNSET
    handle: Text = UNSET
    kind: Text = UNSET
    state: str | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    images: list[str] | UnsetType = UNSET
    choices: list[Choice] | UnsetType = UNSET
    variants: list[VariantInput] | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    updated_at: str | UnsetType = UNSET


class StockInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """New numbers of a stock row."""

    on_hand: int | UnsetType = UNSET
    reserved: int | UnsetType = UNSET
    incoming: int | UnsetType = UNSET
    tracked: bool | UnsetType = UNSET
    reorder_at: int | UnsetType | None = UNSET
    reorder_amount: int | UnsetType | None = UNSET
    shelf: Text = UNSET
    title: Text = UNSET
    created_at: str | UnsetType = UNSET
    updated_at: str | UnsetType = UNSET


class LineInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """A line to be ordered; ``discount`` and ``tax`` are of the whole line."""

    article_id: str | None = None
    variant_id: str | None = None
    title: str | None = None
    text: str | None = None
    sku: str | None = None
    qty: str = "1"
    unit_price: str
    discount: str = "0"
    tax: str = "0"


class ContactInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """How to reach whoever ordered."""

    email: Text = UNSET
    phone: Text = UNSET


class OrderInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """An order to place or to change; the sums are the shop's business."""

    client_reference: Text = UNSET
    number: str | UnsetType | None = UNSET
    label: Text = UNSET
    reference: Text = UNSET
    remark: Text = UNSET
    state: str | UnsetType = UNSET
    buyer_id: Text = UNSET
    contact: ContactInput | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    bill_to: Address | UnsetType | None = UNSET
    ship_to: Address | UnsetType | None = UNSET
    lines: list[LineInput] | UnsetType = UNSET
    channel: Text = UNSET
    tags: list[str] | UnsetType = UNSET
    placed_at: str | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    updated_at: str | UnsetType = UNSET


class ParcelInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """A parcel; without ``lines`` it takes everything that is not in one yet."""

    client_reference: Text = UNSET
    label: Text = UNSET
    state: str | UnsetType = UNSET
    carrier: Text = UNSET
    service: Text = UNSET
    tracking_code: Text = UNSET
    tracking_url: Text = UNSET
    expected_at: str | UnsetType | None = UNSET
    location_id: Text = UNSET
    grams: int | UnsetType | None = UNSET
    lines: list[ParcelLine] | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    updated_at: str | UnsetType = UNSET


class PaymentInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """Money taken or given back; without ``amount`` all that is due, or all that was paid."""

    client_reference: Text = UNSET
    amount: str | None = None
    method: str | None = None
    reason: str | None = None
    note: str | None = None


def taken(body: bytes, kind: type[T]) -> T:
    """A body as its struct; what does not fit is refused, dates are brought into the shop's form."""
    try:
        given = msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Refusal(422, "invalid", str(error), _blamed(str(error))) from None
    for name in ("placed_at", "created_at", "updated_at", "expected_at"):
        text = getattr(given, name, UNSET)
        if isinstance(text, str):
            setattr(given, name, _date(name, text))
    return given


def apply(given: Struct, document: Struct, *except_for: str) -> None:
    """Put what was sent into a document that has fields of the same names."""
    for name in given.__struct_fields__:
        value = getattr(given, name)
        if value is not UNSET and name not in except_for:
            setattr(document, name, value)


def _date(name: str, text: str) -> str:
    try:
        return written(read(text))
    except ValueError:
        raise Refusal(422, "invalid", f"{name} is not an ISO 8601 date", name) from None


def _blamed(message: str) -> str | None:
    _, _, path = message.rpartition("`$")
    if path != message and path.endswith("`"):
        return path.rstrip("`").lstrip(".") or None
    return message.split("`")[1] if message.startswith("Object contains unknown field") else None
